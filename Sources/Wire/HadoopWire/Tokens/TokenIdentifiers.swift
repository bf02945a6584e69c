package import ClusterModel
package import HadoopProtos
import SwiftProtobuf

/// Bytes that are not the identifier which their token's kind says.
package struct TokenIdentifierError: Error, Hashable, Sendable, CustomStringConvertible {
    package var kind: String
    package var reason: String

    package var description: String { "Invalid \(self.kind) identifier: \(self.reason)" }
}

/// A token identifier that can be read from a token and written into one.
package protocol TokenIdentifier: Hashable, Sendable {
    /// One of `TokenKind`.
    static var kind: String { get }
    init(bytes: [UInt8]) throws(TokenIdentifierError)
    var bytes: [UInt8] { get }
}

extension TokenIdentifier {
    /// A token with this identifier, signed with `key`.
    package func token(key: [UInt8], service: String) -> HadoopToken {
        let identifier = self.bytes
        return HadoopToken(
            identifier: identifier,
            password: TokenPassword.hmacSHA1(key: key, identifier: identifier),
            kind: Self.kind,
            service: service
        )
    }
}

/// Lets an ApplicationMaster call the ResourceManager.
package struct AMRMTokenIdentifier: TokenIdentifier {
    package static let kind = TokenKind.amrm
    package var attempt: ApplicationAttemptID
    package var keyID: Int32

    package init(attempt: ApplicationAttemptID, keyID: Int32) {
        self.attempt = attempt
        self.keyID = keyID
    }

    package init(bytes: [UInt8]) throws(TokenIdentifierError) {
        let proto: AMRMTokenIdentifierProto = try Self.message(bytes)
        self.init(attempt: try Self.attempt(proto.appAttemptID, isSet: proto.hasAppAttemptID), keyID: proto.keyID)
    }

    package var bytes: [UInt8] {
        var proto = AMRMTokenIdentifierProto()
        proto.appAttemptID = Self.proto(self.attempt)
        proto.keyID = self.keyID
        return Self.encoded(proto)
    }
}

/// Lets an ApplicationMaster, or the ResourceManager on its behalf, call one NodeManager.
package struct NMTokenIdentifier: TokenIdentifier {
    package static let kind = TokenKind.nodeManager
    package var attempt: ApplicationAttemptID
    package var node: NodeID
    package var submitter: String
    package var keyID: Int32

    package init(attempt: ApplicationAttemptID, node: NodeID, submitter: String, keyID: Int32) {
        self.attempt = attempt
        self.node = node
        self.submitter = submitter
        self.keyID = keyID
    }

    package init(bytes: [UInt8]) throws(TokenIdentifierError) {
        let proto: NMTokenIdentifierProto = try Self.message(bytes)
        guard proto.hasNodeID else { throw TokenIdentifierError(kind: Self.kind, reason: "nodeId is missing") }
        self.init(
            attempt: try Self.attempt(proto.appAttemptID, isSet: proto.hasAppAttemptID),
            node: NodeID(host: proto.nodeID.host, port: proto.nodeID.port),
            submitter: proto.appSubmitter,
            keyID: proto.keyID
        )
    }

    package var bytes: [UInt8] {
        var proto = NMTokenIdentifierProto()
        proto.appAttemptID = Self.proto(self.attempt)
        proto.nodeID.host = self.node.host
        proto.nodeID.port = self.node.port
        proto.appSubmitter = self.submitter
        proto.keyID = self.keyID
        return Self.encoded(proto)
    }
}

/// Lets its holder start one container. Its message has many fields that only the edge reads, so it stays a message.
package struct ContainerTokenIdentifier: TokenIdentifier {
    package static let kind = TokenKind.container
    package var proto: ContainerTokenIdentifierProto

    package init(_ proto: ContainerTokenIdentifierProto) {
        self.proto = proto
    }

    package init(bytes: [UInt8]) throws(TokenIdentifierError) {
        self.proto = try Self.message(bytes)
    }

    package var bytes: [UInt8] { Self.encoded(self.proto) }

    package var keyID: Int32 { self.proto.masterKeyID }
}

/// Lets its holder act as `owner` towards the ResourceManager.
package struct RMDelegationTokenIdentifier: TokenIdentifier {
    package static let kind = TokenKind.rmDelegation
    package var owner: String
    package var renewer: String
    /// Empty when the owner asked for it itself.
    package var realUser: String
    package var issueDate: Timestamp
    package var maxDate: Timestamp
    package var sequenceNumber: Int32
    package var masterKeyID: Int32

    package init(
        owner: String,
        renewer: String,
        realUser: String,
        issueDate: Timestamp,
        maxDate: Timestamp,
        sequenceNumber: Int32,
        masterKeyID: Int32
    ) {
        self.owner = owner
        self.renewer = renewer
        self.realUser = realUser
        self.issueDate = issueDate
        self.maxDate = maxDate
        self.sequenceNumber = sequenceNumber
        self.masterKeyID = masterKeyID
    }

    package init(bytes: [UInt8]) throws(TokenIdentifierError) {
        let proto: YARNDelegationTokenIdentifierProto = try Self.message(bytes)
        self.init(
            owner: proto.owner,
            renewer: proto.renewer,
            realUser: proto.realUser,
            issueDate: Timestamp(milliseconds: proto.issueDate),
            maxDate: Timestamp(milliseconds: proto.maxDate),
            sequenceNumber: proto.sequenceNumber,
            masterKeyID: proto.masterKeyID
        )
    }

    package var bytes: [UInt8] {
        var proto = YARNDelegationTokenIdentifierProto()
        proto.owner = self.owner
        proto.renewer = self.renewer
        proto.realUser = self.realUser
        proto.issueDate = self.issueDate.milliseconds
        proto.maxDate = self.maxDate.milliseconds
        proto.sequenceNumber = self.sequenceNumber
        proto.masterKeyID = self.masterKeyID
        return Self.encoded(proto)
    }
}

/// Lets a client call an ApplicationMaster.
package struct ClientToAMTokenIdentifier: TokenIdentifier {
    package static let kind = TokenKind.clientToAM
    package var attempt: ApplicationAttemptID
    package var clientName: String

    package init(attempt: ApplicationAttemptID, clientName: String) {
        self.attempt = attempt
        self.clientName = clientName
    }

    package init(bytes: [UInt8]) throws(TokenIdentifierError) {
        let proto: ClientToAMTokenIdentifierProto = try Self.message(bytes)
        self.init(
            attempt: try Self.attempt(proto.appAttemptID, isSet: proto.hasAppAttemptID),
            clientName: proto.clientName
        )
    }

    package var bytes: [UInt8] {
        var proto = ClientToAMTokenIdentifierProto()
        proto.appAttemptID = Self.proto(self.attempt)
        proto.clientName = self.clientName
        return Self.encoded(proto)
    }
}

// MARK: - Shared parts

extension TokenIdentifier {
    fileprivate static func message<M: SwiftProtobuf.Message>(_ bytes: [UInt8]) throws(TokenIdentifierError) -> M {
        do {
            return try M(serializedBytes: bytes)
        } catch {
            throw TokenIdentifierError(kind: Self.kind, reason: "\(error)")
        }
    }

    /// Identifiers have no required fields, so encoding cannot fail.
    fileprivate static func encoded(_ message: some SwiftProtobuf.Message) -> [UInt8] {
        (try? message.serializedBytes()) ?? []
    }

    fileprivate static func attempt(
        _ proto: ApplicationAttemptIdProto,
        isSet: Bool
    ) throws(TokenIdentifierError) -> ApplicationAttemptID {
        guard isSet, proto.hasApplicationID else {
            throw TokenIdentifierError(kind: Self.kind, reason: "appAttemptId is missing")
        }
        return ApplicationAttemptID(
            application: ApplicationID(
                clusterTimestamp: proto.applicationID.clusterTimestamp,
                number: proto.applicationID.id
            ),
            number: proto.attemptID
        )
    }

    fileprivate static func proto(_ attempt: ApplicationAttemptID) -> ApplicationAttemptIdProto {
        var proto = ApplicationAttemptIdProto()
        proto.applicationID.clusterTimestamp = attempt.application.clusterTimestamp
        proto.applicationID.id = attempt.application.number
        proto.attemptID = attempt.number
        return proto
    }
}
