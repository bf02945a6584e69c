import ClusterModel
import Foundation
import HadoopProtos
import HadoopRPC
import HadoopWire
import Logging
import ModelConversion
import NIOCore
import NIOPosix
import Synchronization

/// A NodeManager in a process of its own, with the ResourceManager's and the ApplicationMaster's side of its work: this
/// process signs the tokens and hears of the containers' ends.
final class MeasuredNodeManager {
    let daemon: DaemonProcess
    private let tracker: Tracker
    private let server: RPCServer
    private let client: RPCClient
    private let group: MultiThreadedEventLoopGroup
    private let link: ServiceLink
    private let node: NodeID
    private let nextContainer = Mutex<Int64>(1)

    private static let attempt = ApplicationAttemptID(
        application: ApplicationID(clusterTimestamp: Tracker.identifier, number: 1),
        number: 1
    )
    /// Containers run as whoever runs the benchmark.
    private static let user = NSUserName()

    init() async throws {
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        self.tracker = Tracker()
        self.server = try await RPCServer.start(
            RPCServerConfiguration(
                host: "127.0.0.1",
                port: 0,
                services: [self.tracker],
                authentication: .simple
            ),
            group: self.group,
            logger: logger
        )
        self.daemon = try DaemonProcess("nodemanager", Self.properties(trackerPort: self.server.port))
        self.node = try await self.tracker.registeredNode()
        self.client = RPCClient(group: self.group, logger: logger)
        let token = NMTokenIdentifier(
            attempt: Self.attempt,
            node: self.node,
            submitter: Self.user,
            keyID: Tracker.nodeKey.id
        ).token(key: Tracker.nodeKey.bytes, service: self.node.description)
        self.link = ServiceLink(
            self.client,
            port: Int(self.node.port),
            protocolName: ServiceName.containerManagement,
            identity: .token(user: Self.attempt.description, token)
        )
    }

    private static func properties(trackerPort: Int) -> [(String, String)] {
        [
            ("yarn.resourcemanager.resource-tracker.address", "127.0.0.1:\(trackerPort)"),
            ("yarn.nodemanager.hostname", "127.0.0.1"),
            ("yarn.nodemanager.address", "127.0.0.1:0"),
            ("yarn.nodemanager.webapp.address", "127.0.0.1:0"),
            ("yarn.nodemanager.local-dirs", "{folder}/local"),
            ("yarn.nodemanager.log-dirs", "{folder}/logs"),
            ("yarn.nodemanager.recovery.enabled", "true"),
            ("yarn.nodemanager.recovery.dir", "{folder}/recovery"),
            ("yarn.nodemanager.resource.memory-mb", "65536"),
            ("yarn.nodemanager.vmem-check-enabled", "false"),
            ("yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100"),
            ("heddle.security.run-containers-as-root", "true"),
        ]
    }

    func stop() async throws {
        self.daemon.stop()
        try await self.client.shutdown()
        try await self.server.shutdown()
        try await self.group.shutdownGracefully()
    }

    /// Runs `true` in so many containers and waits until the end of each was reported.
    /// - Parameter resources: what each of them wants to be localized.
    /// - Returns: one of them.
    func run(
        _ count: Int,
        concurrency: Int,
        resources: [StringLocalResourceMapProto] = []
    ) async throws -> ContainerID {
        let first = self.nextContainer.withLock { next in
            defer { next += Int64(count) }
            return next
        }
        let (tracker, link, node) = (self.tracker, self.link, self.node)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for worker in 0..<min(concurrency, count) {
                tasks.addTask {
                    for offset in stride(from: worker, to: count, by: concurrency) {
                        let id = ContainerID(attempt: Self.attempt, epoch: 0, sequence: first + Int64(offset))
                        try await Self.run(id, resources, on: node, link, tracker)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        return ContainerID(attempt: Self.attempt, epoch: 0, sequence: first)
    }

    private static func run(
        _ id: ContainerID,
        _ resources: [StringLocalResourceMapProto],
        on node: NodeID,
        _ link: ServiceLink,
        _ tracker: Tracker
    ) async throws {
        var call = StartContainersRequestProto()
        call.startContainerRequest = [Self.request(id, on: node)]
        call.startContainerRequest[0].containerLaunchContext.localResources = resources
        let answer = try await link.call("startContainers", call, returning: StartContainersResponseProto.self)
        if let failure = answer.failedRequests.first {
            throw BenchmarkFailure("\(id) was not started: \(failure.exception.message)")
        }
        let status = await tracker.end(of: id)
        guard status.exitStatus == 0 else {
            throw BenchmarkFailure("\(id) ended with \(status.exitStatus): \(status.diagnostics)")
        }
    }

    private static func request(_ id: ContainerID, on node: NodeID) -> StartContainerRequestProto {
        var identifier = ContainerTokenIdentifierProto()
        identifier.containerID = id.proto
        identifier.nmHostAddr = node.description
        identifier.appSubmitter = Self.user
        identifier.resource = ResourceVector(memoryMiB: 256, vcores: 1).proto
        identifier.expiryTimeStamp = Int64(Date().timeIntervalSince1970 * 1000) + 600_000
        identifier.masterKeyID = Tracker.containerKey.id
        identifier.rmIdentifier = Tracker.identifier
        var request = StartContainerRequestProto()
        request.containerToken =
            ContainerTokenIdentifier(identifier).token(key: Tracker.containerKey.bytes, service: node.description).proto
        request.containerLaunchContext.command = ["true"]
        return request
    }

    /// The launch script that the NodeManager wrote, from the copy among its logs.
    func script(of id: ContainerID) throws -> String {
        let path = self.daemon.folder.file("logs/\(id.attempt.application)/\(id)/launch_container.sh")
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}

/// ResourceTracker for one node, which says when a container's end was reported.
final class Tracker: RPCService {
    static let identifier: Int64 = 1_700_000_000_000
    static let containerKey = MasterKey(id: 11, bytes: Array(0..<32))
    static let nodeKey = MasterKey(id: 12, bytes: Array(32..<64))

    private struct State {
        /// Known from its first heartbeat on: only then does it take containers.
        var node: NodeIdProto?
        var responseID: Int32 = 0
        /// Ends that nobody has asked for yet.
        var ended: [ContainerID: ContainerStatusProto] = [:]
        var waiting: [ContainerID: CheckedContinuation<ContainerStatusProto, Never>] = [:]
    }

    private let state = Mutex(State())

    let protocolName = ServiceName.resourceTracker

    func registeredNode() async throws -> NodeID {
        for _ in 0..<3000 {
            if let node = self.state.withLock({ $0.node }) { return try NodeID(validating: node) }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchmarkFailure("the NodeManager sent no heartbeat")
    }

    /// Returns once the container's end was reported.
    func end(of container: ContainerID) async -> ContainerStatusProto {
        await withCheckedContinuation { continuation in
            let status = self.state.withLock { state -> ContainerStatusProto? in
                if let status = state.ended.removeValue(forKey: container) { return status }
                state.waiting[container] = continuation
                return nil
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        do throws(RPCFailure) {
            switch call.method {
            case "registerNodeManager":
                responder.succeed(self.registration())
            case "nodeHeartbeat":
                responder.succeed(self.heartbeat(try call.decode(NodeHeartbeatRequestProto.self)))
            case "unRegisterNodeManager":
                responder.succeed(UnRegisterNodeManagerResponseProto())
            default: throw .noSuchMethod(call.method, protocolName: self.protocolName)
            }
        } catch {
            responder.fail(error)
        }
    }

    private func registration() -> RegisterNodeManagerResponseProto {
        var answer = RegisterNodeManagerResponseProto()
        answer.containerTokenMasterKey = Self.proto(Self.containerKey)
        answer.nmTokenMasterKey = Self.proto(Self.nodeKey)
        answer.nodeAction = .normal
        answer.rmIdentifier = Self.identifier
        return answer
    }

    private func heartbeat(_ request: NodeHeartbeatRequestProto) -> NodeHeartbeatResponseProto {
        var answer = NodeHeartbeatResponseProto()
        answer.nextHeartBeatInterval = 1000
        answer.nodeAction = .normal
        let complete = request.nodeStatus.containersStatuses.filter { $0.state == .cComplete }
        self.state.withLock { state in
            state.node = request.nodeStatus.nodeID
            state.responseID += 1
            answer.responseID = state.responseID
            for status in complete {
                guard let id = try? ContainerID(validating: status.containerID) else { continue }
                if let continuation = state.waiting.removeValue(forKey: id) {
                    continuation.resume(returning: status)
                } else {
                    state.ended[id] = status
                }
            }
        }
        // What was heard need not be said again.
        answer.containersToBeRemovedFromNm = complete.map(\.containerID)
        return answer
    }

    private static func proto(_ key: MasterKey) -> MasterKeyProto {
        var proto = MasterKeyProto()
        proto.keyID = key.id
        proto.bytes = Data(key.bytes)
        return proto
    }
}
