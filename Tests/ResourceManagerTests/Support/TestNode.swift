import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import Logging
import ModelConversion
import NIOCore
import NIOPosix
import ResourceManager
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

/// A node that takes part in a ResourceManager's cluster: a real ContainerManagementProtocol port with token checks,
/// which notes what it is told instead of running it.
final class TestNode: Sendable {
    let resourceManager: TestResourceManager
    let id: NodeID
    private let server: RPCServer
    private let service: NotingService
    private let state: Mutex<State>

    private struct State {
        var responseID: Int32 = 0
        var containerKey: MasterKeyProto
        var nodeKey: MasterKeyProto
    }

    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private init(
        resourceManager: TestResourceManager,
        id: NodeID,
        server: RPCServer,
        service: NotingService,
        registered: RegisterNodeManagerResponseProto
    ) {
        self.resourceManager = resourceManager
        self.id = id
        self.server = server
        self.service = service
        self.state = Mutex(
            State(containerKey: registered.containerTokenMasterKey, nodeKey: registered.nmTokenMasterKey)
        )
    }

    /// Opens the port and registers.
    static func join(
        _ resourceManager: TestResourceManager,
        memoryMiB: Int64 = 4096,
        vcores: Int64 = 4,
        port: Int = lastingPort(),
        containers: [NMContainerStatusProto] = [],
        applications: [ApplicationIdProto] = []
    ) async throws -> TestNode {
        let service = NotingService()
        let server = try await RPCServer.start(
            RPCServerConfiguration(
                host: "127.0.0.1",
                port: port,
                services: [service],
                authentication: RPCServerAuthentication(
                    acceptsSimple: false,
                    tokens: { identifier throws(RPCFailure) in try service.account(identifier) }
                )
            ),
            group: Self.group,
            logger: Logger(label: "node")
        )
        let id = NodeID(host: "127.0.0.1", port: Int32(server.port))
        var request = RegisterNodeManagerRequestProto()
        request.nodeID = id.proto
        request.httpPort = 8042
        request.resource = ResourceVector(memoryMiB: memoryMiB, vcores: vcores).proto
        request.nmVersion = "3.3.4"
        request.containerStatuses = containers
        request.runningApplications = applications
        let registered: RegisterNodeManagerResponseProto = try await resourceManager.call(
            "registerNodeManager",
            request,
            on: .tracker,
            as: "yarn"
        )
        service.setKey(registered.nmTokenMasterKey)
        return TestNode(
            resourceManager: resourceManager,
            id: id,
            server: server,
            service: service,
            registered: registered
        )
    }

    func close() async throws {
        try await self.server.shutdown()
    }

    /// Requests of startContainers, in order.
    var started: [StartContainersRequestProto] { self.service.started }
    var stopped: [ContainerIdProto] { self.service.stopped }

    /// What startContainers answers from now on instead of success.
    func refuse(with failure: SerializedExceptionProto) {
        self.service.refuse(with: failure)
    }

    /// The key that container tokens are signed with.
    var containerKey: MasterKeyProto { self.state.withLock { $0.containerKey } }

    @discardableResult
    func heartbeat(_ containers: [ContainerStatusProto] = []) async throws -> NodeHeartbeatResponseProto {
        var request = NodeHeartbeatRequestProto()
        self.state.withLock { state in
            request.nodeStatus.responseID = state.responseID
            request.lastKnownContainerTokenMasterKey = state.containerKey
            request.lastKnownNmTokenMasterKey = state.nodeKey
        }
        request.nodeStatus.nodeID = self.id.proto
        request.nodeStatus.containersStatuses = containers
        request.nodeStatus.nodeHealthStatus.isNodeHealthy = true
        let response: NodeHeartbeatResponseProto = try await self.resourceManager.call(
            "nodeHeartbeat",
            request,
            on: .tracker,
            as: "yarn"
        )
        self.state.withLock { $0.responseID = response.responseID }
        return response
    }

    /// The launch of an ApplicationMaster, once it has arrived.
    func launched(_ application: ApplicationID, attempt: Int32 = 1) async throws -> Launch {
        try await eventualValue("launch of \(application)") {
            for request in self.started {
                for start in request.startContainerRequest {
                    let launch = try Launch(start)
                    if launch.container.application == application, launch.container.attempt.number == attempt {
                        return launch
                    }
                }
            }
            return nil
        }
    }

    static func status(_ id: ContainerID, _ state: ContainerStateProto, exit: Int32 = -1000) -> ContainerStatusProto {
        var status = ContainerStatusProto()
        status.containerID = id.proto
        status.state = state
        status.exitStatus = exit
        status.diagnostics = ""
        return status
    }
}

/// A startContainers request, read.
struct Launch {
    var container: ContainerID
    var context: ContainerLaunchContextProto
    var identifier: ContainerTokenIdentifierProto
    var token: HadoopToken
    /// From the launch context's credentials.
    var masterToken: HadoopToken

    init(_ start: StartContainerRequestProto) throws {
        self.context = start.containerLaunchContext
        self.token = HadoopToken(start.containerToken)
        self.identifier = try ContainerTokenIdentifierProto(serializedBytes: self.token.identifier)
        self.container = try ContainerID(validating: self.identifier.containerID)
        let credentials = try Credentials(bytes: [UInt8](start.containerLaunchContext.tokens))
        guard let masterToken = credentials.token(kind: TokenKind.amrm) else {
            throw TimedOut(description: "no AMRMToken among the credentials")
        }
        self.masterToken = masterToken
    }

    var environment: [String: String] {
        Dictionary(self.context.environment.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}

/// ContainerManagementProtocol that says yes to whoever has the right NMToken.
private final class NotingService: RPCService {
    private struct State {
        var started: [StartContainersRequestProto] = []
        var stopped: [ContainerIdProto] = []
        var key = MasterKeyProto()
        var refusal: SerializedExceptionProto?
    }

    private let state = Mutex(State())

    let protocolName = ProtocolName.containerManagement

    var started: [StartContainersRequestProto] { self.state.withLock { $0.started } }
    var stopped: [ContainerIdProto] { self.state.withLock { $0.stopped } }

    func setKey(_ key: MasterKeyProto) { self.state.withLock { $0.key = key } }
    func refuse(with failure: SerializedExceptionProto) { self.state.withLock { $0.refusal = failure } }

    func account(_ identifier: [UInt8]) throws(RPCFailure) -> TokenAccount {
        let key = self.state.withLock { $0.key }
        guard let token = try? NMTokenIdentifier(bytes: identifier), token.keyID == key.keyID else {
            throw .invalidToken("no such key")
        }
        return TokenAccount(
            kind: TokenKind.nodeManager,
            user: "\(token.attempt)",
            password: TokenPassword.hmacSHA1(key: [UInt8](key.bytes), identifier: identifier)
        )
    }

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        do {
            switch call.method {
            case "startContainers":
                let request = try call.decode(StartContainersRequestProto.self)
                let refusal = self.state.withLock { state in
                    state.started.append(request)
                    return state.refusal
                }
                responder.succeed(Self.answer(request, refusal))
            case "stopContainers":
                let request = try call.decode(StopContainersRequestProto.self)
                self.state.withLock { $0.stopped += request.containerID }
                var response = StopContainersResponseProto()
                response.succeededRequests = request.containerID
                responder.succeed(response)
            default: responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
            }
        } catch {
            responder.fail(error)
        }
    }

    private static func answer(
        _ request: StartContainersRequestProto,
        _ refusal: SerializedExceptionProto?
    ) -> StartContainersResponseProto {
        var response = StartContainersResponseProto()
        for start in request.startContainerRequest {
            let token = try? ContainerTokenIdentifierProto(serializedBytes: start.containerToken.identifier)
            guard let id = token?.containerID else { continue }
            if let refusal {
                var failed = ContainerExceptionMapProto()
                failed.containerID = id
                failed.exception = refusal
                response.failedRequests.append(failed)
            } else {
                response.succeededRequests.append(id)
            }
        }
        return response
    }
}
