import ClusterModel
import HadoopProtos
import HadoopWire
import ModelConversion
import ResourceManagerCore

/// Writes the replies to ApplicationMasters, with the tokens that their grants stand for.
struct MasterReplyEncoding: Sendable {
    let signer: TokenSigner
    let logAggregation: LogAggregationWishes

    func response(
        _ reply: ResourceManagerCore.AllocateReply
    ) throws(TokenSigner.UnknownKey) -> AllocateResponseProto {
        var response = AllocateResponseProto()
        response.responseID = reply.responseID
        response.allocatedContainers = try self.containers(reply.granted, reply.attempt, reply.user)
        response.completedContainerStatuses = reply.completed.map(\.proto)
        response.limit = reply.headroom.proto
        response.updatedNodes = reply.updatedNodes.map(\.report)
        response.numClusterNodes = reply.clusterNodeCount
        response.nmTokens = try self.nodeTokens(reply.nodeTokens, reply.attempt, reply.user)
        if let keyID = reply.newMasterTokenKeyID {
            response.amRmToken = try self.signer.masterToken(for: reply.attempt, keyID: keyID).proto
        }
        response.applicationPriority = PriorityProto(reply.applicationPriority)
        response.containersFromPreviousAttempts = try self.containers(
            reply.containersFromPreviousAttempts,
            reply.attempt,
            reply.user
        )
        if !reply.preempted.isEmpty {
            response.preempt.strictContract.container = reply.preempted.map { id in
                var container = PreemptionContainerProto()
                container.id = id.proto
                return container
            }
        }
        return response
    }

    func response(
        _ reply: ResourceManagerCore.MasterRegisteredReply
    ) throws(TokenSigner.UnknownKey) -> RegisterApplicationMasterResponseProto {
        var response = RegisterApplicationMasterResponseProto()
        response.maximumCapability = reply.maximumAllocation.proto
        response.applicationAcls = [
            (ApplicationAccessTypeProto.appaccessViewApp, reply.viewAccessControl),
            (.appaccessModifyApp, reply.modifyAccessControl),
        ].compactMap { type, list in
            guard let list else { return nil }
            var map = ApplicationACLMapProto()
            map.accessType = type
            map.acl = list
            return map
        }
        response.queue = reply.queue
        response.schedulerResourceTypes = reply.countsVcores ? [.memory, .cpu] : [.memory]
        response.resourceTypes = ResourceTypeInfoProto.all
        response.containersFromPreviousAttempts = try self.containers(
            reply.containersFromPreviousAttempts,
            reply.attempt,
            reply.user
        )
        response.nmTokensFromPreviousAttempts = try self.nodeTokens(reply.nodeTokens, reply.attempt, reply.user)
        return response
    }

    private func containers(
        _ granted: [ResourceManagerCore.GrantedContainer],
        _ attempt: ApplicationAttemptID,
        _ user: String
    ) throws(TokenSigner.UnknownKey) -> [ContainerProto] {
        guard !granted.isEmpty else { return [] }
        let wishes = self.logAggregation.of(attempt.application)
        var containers: [ContainerProto] = []
        containers.reserveCapacity(granted.count)
        for container in granted {
            var proto = container.proto
            proto.containerToken = try self.signer.containerToken(
                for: container,
                user: user,
                isMaster: false,
                logAggregation: wishes
            ).proto
            containers.append(proto)
        }
        return containers
    }

    private func nodeTokens(
        _ grants: [ResourceManagerCore.NodeTokenGrant],
        _ attempt: ApplicationAttemptID,
        _ user: String
    ) throws(TokenSigner.UnknownKey) -> [NMTokenProto] {
        var tokens: [NMTokenProto] = []
        for grant in grants {
            let token = try self.signer.nodeToken(for: attempt, user: user, node: grant.node, keyID: grant.keyID)
            var proto = NMTokenProto()
            proto.nodeID = grant.node.proto
            proto.token = token.proto
            tokens.append(proto)
        }
        return tokens
    }
}

extension ResourceManagerCore.GrantedContainer {
    /// Without its token.
    var proto: ContainerProto {
        var proto = ContainerProto()
        proto.id = self.id.proto
        proto.nodeID = self.node.proto
        proto.nodeHTTPAddress = self.nodeHTTPAddress
        proto.resource = self.capability.proto
        proto.priority = PriorityProto(self.priority)
        proto.executionType = self.executionType.proto
        proto.allocationRequestID = self.allocationRequestID
        proto.version = 0
        return proto
    }
}

extension ResourceManagerCore.CompletedContainer {
    var proto: ContainerStatusProto {
        var proto = ContainerStatusProto()
        proto.containerID = self.id.proto
        proto.state = .cComplete
        proto.diagnostics = self.diagnostics
        proto.exitStatus = self.exitStatus.code
        proto.capability = self.capability.proto
        proto.executionType = .guaranteed
        return proto
    }
}
