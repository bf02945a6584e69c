package import ClusterModel
package import HadoopProtos
package import HadoopWire
import ModelConversion
package import ResourceManagerCore

/// Writes and signs the tokens that the core's decisions stand for, with the bytes of its key rings as published.
package struct TokenSigner: Sendable {
    private let snapshot: ClusterSnapshot
    /// `rmIdentifier` of container tokens: nodes refuse those of another run.
    private let resourceManagerIdentifier: Int64

    package init(snapshot: ClusterSnapshot, resourceManagerIdentifier: Int64) {
        self.snapshot = snapshot
        self.resourceManagerIdentifier = resourceManagerIdentifier
    }

    /// The ring has no key of that number any more: the decision is older than the key's life.
    package struct UnknownKey: Error, CustomStringConvertible {
        package var kind: MasterKeyKind
        package var id: Int32?

        package var description: String {
            "The ResourceManager has no key \(self.id.map(String.init) ?? "") to sign \(self.kind) tokens with."
        }
    }

    /// What identifies an ApplicationMaster to port 8030. The service stays empty: clients fill in the address they call.
    package func masterToken(
        for attempt: ApplicationAttemptID,
        keyID: Int32
    ) throws(UnknownKey) -> HadoopToken {
        try self.sign(AMRMTokenIdentifier(attempt: attempt, keyID: keyID), .applicationMaster, keyID, service: "")
    }

    /// What lets an ApplicationMaster (or the ResourceManager on its behalf) call a node.
    package func nodeToken(
        for attempt: ApplicationAttemptID,
        user: String,
        node: NodeID,
        keyID: Int32
    ) throws(UnknownKey) -> HadoopToken {
        let identifier = NMTokenIdentifier(attempt: attempt, node: node, submitter: user, keyID: keyID)
        return try self.sign(identifier, .node, keyID, service: Self.service(of: node))
    }

    /// What lets its holder start one container, within the limits that it states.
    /// - Parameter logAggregation: the application's own wishes; they reach the node only by this way.
    package func containerToken(
        for container: ResourceManagerCore.GrantedContainer,
        user: String,
        isMaster: Bool,
        logAggregation: LogAggregationContextProto?
    ) throws(UnknownKey) -> HadoopToken {
        var identifier = ContainerTokenIdentifierProto()
        identifier.containerID = container.id.proto
        identifier.nmHostAddr = "\(container.node)"
        identifier.appSubmitter = user
        identifier.resource = container.capability.proto
        identifier.expiryTimeStamp = container.expiresAt.milliseconds
        identifier.masterKeyID = container.keyID
        identifier.rmIdentifier = self.resourceManagerIdentifier
        identifier.priority = PriorityProto(container.priority)
        identifier.creationTime = container.createdAt.milliseconds
        if let logAggregation {
            identifier.logAggregationContext = logAggregation
        }
        identifier.nodeLabelExpression = ""
        identifier.containerType = isMaster ? .applicationMaster : .task
        identifier.executionType = container.executionType.proto
        identifier.version = 0
        identifier.allocationRequestID = container.allocationRequestID
        return try self.sign(
            ContainerTokenIdentifier(identifier),
            .container,
            container.keyID,
            service: Self.service(of: container.node)
        )
    }

    /// - Parameter service: address of the client port, as clients look the token up by it.
    package func delegationToken(_ token: DelegationToken, service: String) throws(UnknownKey) -> HadoopToken {
        try self.sign(token.identifier, .delegation, token.keyID, service: service)
    }

    /// `ip:port`, or `host:port` in lower case for a node that registered a name.
    private static func service(of node: NodeID) -> String {
        "\(node.host.lowercased()):\(node.port)"
    }

    private func sign(
        _ identifier: some TokenIdentifier,
        _ ring: MasterKeyKind,
        _ keyID: Int32,
        service: String
    ) throws(UnknownKey) -> HadoopToken {
        guard let key = self.snapshot.keyRing(ring)?.key(keyID) else { throw UnknownKey(kind: ring, id: keyID) }
        return identifier.token(key: key.bytes, service: service)
    }
}

extension DelegationToken {
    var identifier: RMDelegationTokenIdentifier {
        RMDelegationTokenIdentifier(
            owner: self.owner,
            renewer: self.renewer,
            realUser: self.realUser,
            issueDate: self.issuedAt,
            maxDate: self.maximumDate,
            sequenceNumber: self.sequenceNumber,
            masterKeyID: self.keyID
        )
    }
}
