import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import NodeManagerCore
import Staging
import SwiftProtobuf
import Synchronization

import struct Foundation.Data

/// ContainerManagementProtocol: starts, stops and reports containers for ApplicationMasters, and for the
/// ResourceManager that launches ApplicationMasters. Callers hold NMTokens.
final class ContainerManagementService: RPCService {
    let protocolName = "org.apache.hadoop.yarn.api.ContainerManagementProtocolPB"

    private let keys: MasterKeyRing
    private let auxiliaryServices: [AuxiliaryService]
    /// Absent until the port is known, which the driver's core needs.
    private let driver = Mutex<NodeManagerDriver?>(nil)
    private let localChoice = Mutex<@Sendable () -> [String]>({ [] })
    /// For what a disk that does not answer would hold up.
    private let threads = BlockingThreads(threadsMaximum: 1)

    init(keys: MasterKeyRing, auxiliaryServices: [AuxiliaryService]) {
        self.keys = keys
        self.auxiliaryServices = auxiliaryServices
    }

    /// - Parameter localChoice: folders whose room is measured before containers start.
    func serve(_ driver: NodeManagerDriver, localChoice: @escaping @Sendable () -> [String]) {
        self.localChoice.withLock { $0 = localChoice }
        self.driver.withLock { $0 = driver }
    }

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        do throws(RPCFailure) {
            switch call.method {
            case "startContainers":
                try self.startContainers(call.decode(StartContainersRequestProto.self), call.attempt(), responder)
            case "stopContainers":
                let ids = try Self.containers(call.decode(StopContainersRequestProto.self).containerID)
                let caller = try call.attempt()
                try self.request(responder) { .stopRequested($0, ids, caller: caller) }
            case "getContainerStatuses":
                let ids = try Self.containers(call.decode(GetContainerStatusesRequestProto.self).containerID)
                let caller = try call.attempt()
                try self.request(responder) { .statusesRequested($0, ids, caller: caller) }
            case "signalToContainer":
                let message = try call.decode(SignalContainerRequestProto.self)
                let id = try Self.containers([message.containerID])[0]
                let caller = try call.attempt()
                try self.request(responder) {
                    .signalRequested($0, id, SignalContainerCommand(message.command), caller: caller)
                }
            case "increaseContainersResource", "updateContainer", "localize", "reInitializeContainer",
                "restartContainer", "rollbackLastReInitialization", "commitLastReInitialization",
                "getLocalizationStatuses":
                throw .yarn("\(call.method) is not supported by this NodeManager.")
            default:
                throw .noSuchMethod(call.method, protocolName: self.protocolName)
            }
        } catch {
            responder.fail(error)
        }
    }

    // MARK: - startContainers

    private func startContainers(
        _ message: StartContainersRequestProto,
        _ caller: ApplicationAttemptID,
        _ responder: RPCResponder
    ) throws(RPCFailure) {
        var starts: [ContainerStart] = []
        var refused: [FailedContainer] = []
        for request in message.startContainerRequest {
            let grant = try ContainerGrant(request)
            do throws(NodeManagerFailure) {
                starts.append(try self.start(request, grant))
            } catch {
                refused.append(FailedContainer(grant.container, error))
            }
        }
        let (earlier, accepted) = (refused, starts)
        let folders = self.localChoice.withLock { $0 }()
        if folders.isEmpty {
            try self.request(responder, also: earlier) { .startRequested($0, accepted, caller: caller) }
            return
        }
        Task {
            let room = await self.threads.run { _ in folders.compactMap(DiskCheck.room) }
            self.driver.withLock { $0 }?.post(.localRoomMeasured(room))
            do throws(RPCFailure) {
                try self.request(responder, also: earlier) { .startRequested($0, accepted, caller: caller) }
            } catch {
                responder.fail(error)
            }
        }
    }

    /// Checks the token and reads the rest.
    private func start(
        _ request: StartContainerRequestProto,
        _ grant: ContainerGrant
    ) throws(NodeManagerFailure) -> ContainerStart {
        let token = HadoopToken(request.containerToken)
        let identifier: ContainerTokenIdentifier
        do throws(TokenIdentifierError) {
            identifier = try ContainerTokenIdentifier(bytes: token.identifier)
        } catch {
            throw .invalidToken(error.description)
        }
        guard let key = self.keys.containerKey(identifier.keyID) else {
            throw .invalidToken(
                "Given Container \(grant.container) seems to have an illegally generated token."
            )
        }
        guard TokenPassword.isValid(token.password, key: key.bytes, identifier: token.identifier) else {
            throw .invalidToken(
                "Invalid container token used for starting container on : \(grant.nodeAddress)"
            )
        }
        do throws(UnreadableRequest) {
            return ContainerStart(
                grant: grant,
                context: try LaunchContext(validating: request.containerLaunchContext),
                request: OpaqueBytes((try? request.serializedBytes()) ?? [])
            )
        } catch {
            throw .yarn(error.text)
        }
    }

    // MARK: - Replies

    /// Posts a request to the core and answers with its reply.
    private func request(
        _ responder: RPCResponder,
        also refused: [FailedContainer] = [],
        _ input: (RequestID) -> Input
    ) throws(RPCFailure) {
        let services = self.auxiliaryServices
        let driver = self.driver.withLock { $0 }
        let isPosted = driver?.request(input) { reply in
            Self.answer(responder, reply, refused, services)
        }
        guard isPosted == true else { throw Self.notYetReady }
    }

    private static var notYetReady: RPCFailure {
        .nmNotYetReady("Rejecting new containers as NodeManager has not yet connected with ResourceManager")
    }

    private static func answer(
        _ responder: RPCResponder,
        _ reply: Reply,
        _ refused: [FailedContainer],
        _ services: [AuxiliaryService]
    ) {
        switch reply {
        case .started(let succeeded, let failed):
            var proto = StartContainersResponseProto()
            proto.succeededRequests = succeeded.map(\.proto)
            proto.failedRequests = (refused + failed).map(\.proto)
            proto.servicesMetaData = services.map { service in
                var entry = StringBytesMapProto()
                entry.key = service.name
                entry.value = Data(service.metadata.bytes)
                return entry
            }
            responder.succeed(proto)
        case .stopped(let succeeded, let failed):
            var proto = StopContainersResponseProto()
            proto.succeededRequests = succeeded.map(\.proto)
            proto.failedRequests = failed.map(\.proto)
            responder.succeed(proto)
        case .statuses(let statuses, let failed):
            var proto = GetContainerStatusesResponseProto()
            proto.status = statuses.map(\.proto)
            proto.failedRequests = failed.map(\.proto)
            responder.succeed(proto)
        case .signalled:
            responder.succeed(SignalContainerResponseProto())
        case .failed(let failure):
            responder.fail(RPCFailure(failure))
        }
    }

    private static func containers(_ protos: [ContainerIdProto]) throws(RPCFailure) -> [ContainerID] {
        var ids: [ContainerID] = []
        for proto in protos {
            do throws(ConversionError) {
                ids.append(try ContainerID(validating: proto))
            } catch {
                throw .yarn("container_id.\(error)")
            }
        }
        return ids
    }

    // MARK: - Authentication

    /// The account behind an NMToken, by the keys that the ResourceManager gave.
    func account(_ identifier: [UInt8], node: NodeID?) throws(RPCFailure) -> TokenAccount {
        let token: NMTokenIdentifier
        do throws(TokenIdentifierError) {
            token = try NMTokenIdentifier(bytes: identifier)
        } catch {
            throw .invalidToken(error.description)
        }
        guard let key = self.keys.nodeKey(token.keyID) else {
            guard self.keys.areCurrent else { throw Self.notYetReady }
            throw .invalidToken(
                "Given NMToken for application : \(token.attempt) seems to have been generated illegally."
            )
        }
        if let node, token.node != node {
            throw .invalidToken(
                "Given NMToken for application : \(token.attempt) is not valid for current node manager. expected :"
                    + " \(node) found : \(token.node)"
            )
        }
        return TokenAccount(
            kind: TokenKind.nodeManager,
            user: token.attempt.description,
            password: key.password(for: identifier)
        )
    }
}

extension RPCCall {
    /// The attempt that the caller's NMToken names.
    fileprivate func attempt() throws(RPCFailure) -> ApplicationAttemptID {
        guard case .token(TokenKind.nodeManager, let identifier) = self.caller.authentication else {
            throw .accessControl("\(self.method) needs an NMToken.")
        }
        do throws(TokenIdentifierError) {
            return try NMTokenIdentifier(bytes: identifier).attempt
        } catch {
            throw .invalidToken(error.description)
        }
    }
}

extension ContainerGrant {
    /// - Throws: for an entry that does not even say which container it is about, which fails the whole call.
    fileprivate init(_ request: StartContainerRequestProto) throws(RPCFailure) {
        do {
            let identifier = try ContainerTokenIdentifier(bytes: Array(request.containerToken.identifier))
            try self.init(validating: identifier.proto)
        } catch {
            throw .yarn("Invalid ContainerToken: \(error)")
        }
    }
}

extension FailedContainer {
    fileprivate var proto: ContainerExceptionMapProto {
        let failure = RPCFailure(self.failure)
        var exception = SerializedExceptionProto()
        exception.message = failure.message
        exception.className = failure.exceptionClass
        var proto = ContainerExceptionMapProto()
        proto.containerID = self.container.proto
        proto.exception = exception
        return proto
    }
}

extension RPCFailure {
    init(_ failure: NodeManagerFailure) {
        switch failure {
        case .yarn(let text): self = .yarn(text)
        case .invalidToken(let text): self = .invalidToken(text)
        case .invalidContainer(let text): self = .invalidContainer(text)
        case .invalidAuxService(let text): self = .invalidAuxService(text)
        case .notYetReady(let text): self = .nmNotYetReady(text)
        }
    }
}
