import ClusterModel
import Foundation
import HadoopConfig
import HadoopProtos
import HadoopRPC
import HadoopWire
import Logging
import ModelConversion
import NIOCore
import NIOPosix
import NodeManagerCore
import Settings
import TestSupport
import Testing

@testable import NodeManager

/// A whole NodeManager on loopback with a folder of its own, beside a ResourceManager that only listens.
final class TestNode: Sendable {
    let folder: String
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    let resourceManager: TestResourceManager
    let daemon: NodeManagerDaemon
    let client: RPCClient

    static let application = ApplicationID(clusterTimestamp: TestResourceManager.identifier, number: 7)
    static let attempt = ApplicationAttemptID(application: TestNode.application, number: 1)

    /// - Parameters:
    ///   - folder: of an earlier node, to take over from it.
    ///   - port: of ContainerManagementProtocol.
    init(
        _ properties: [String: String] = [:],
        folder: String? = nil,
        port: Int = lastingPort()
    ) async throws {
        self.folder = try folder ?? ContainerFixture.makeFolder()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        self.resourceManager = try await TestResourceManager(group: self.group, logger: logger)
        self.client = RPCClient(group: self.group, logger: logger)
        var configuration = Configuration(environment: .process)
        let values = [
            "yarn.resourcemanager.resource-tracker.address": "127.0.0.1:\(self.resourceManager.server.port)",
            "yarn.nodemanager.address": "127.0.0.1:\(port)",
            "yarn.nodemanager.webapp.address": "127.0.0.1:0",
            "yarn.nodemanager.local-dirs": "\(self.folder)/local",
            "yarn.nodemanager.log-dirs": "\(self.folder)/logs",
            "yarn.nodemanager.recovery.dir": "\(self.folder)/recovery",
            "yarn.nodemanager.resource-monitor.interval-ms": "50",
            "yarn.nodemanager.vmem-check-enabled": "false",
            "yarn.nodemanager.sleep-delay-before-sigkill.ms": "100",
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "100",
            "yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb": "0",
            "heddle.security.run-containers-as-root": "true",
            "heddle.container.supervisor": try ContainerFixture.supervisor(),
        ].merging(properties) { $1 }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            configuration.set(key, value, source: "test")
        }
        self.daemon = try await NodeManagerDaemon.start(
            try NodeManagerDaemonSettings(configuration),
            configuration: configuration,
            group: self.group,
            logger: logger
        )
        let resourceManager = self.resourceManager
        try await eventually { resourceManager.read { !$0.heartbeats.isEmpty } }
    }

    /// Stops everything and removes the folder.
    func stop(keepsFolder: Bool = false) async throws {
        await self.daemon.stop()
        try await self.client.shutdown()
        try await self.resourceManager.server.shutdown()
        try await self.group.shutdownGracefully()
        if !keepsFolder { ContainerFixture.remove(self.folder) }
    }

    // MARK: - Calls

    static func container(_ number: Int64) -> ContainerID {
        ContainerID(attempt: Self.attempt, epoch: 0, sequence: number)
    }

    /// Calls as the ApplicationMaster that holds an NMToken signed with `key`.
    func target(key: MasterKey = TestResourceManager.nodeKey) -> RPCTarget {
        let node = self.daemon.node.id
        let token = NMTokenIdentifier(attempt: Self.attempt, node: node, submitter: "root", keyID: key.id)
            .token(key: key.bytes, service: node.description)
        return RPCTarget(
            host: node.host,
            port: Int(node.port),
            protocolName: "org.apache.hadoop.yarn.api.ContainerManagementProtocolPB",
            identity: .token(user: Self.attempt.description, token)
        )
    }

    /// A request that starts `commands`, its token signed with `key`.
    func request(
        _ number: Int64,
        _ commands: [String],
        environment: [String: String] = [:],
        resources: [StringLocalResourceMapProto] = [],
        memoryMiB: Int64 = 256,
        user: String = "root",
        key: MasterKey = TestResourceManager.containerKey,
        logs: LogAggregationContextProto? = nil
    ) -> StartContainerRequestProto {
        var identifier = ContainerTokenIdentifierProto()
        identifier.containerID = Self.container(number).proto
        identifier.nmHostAddr = self.daemon.node.id.description
        identifier.appSubmitter = user
        identifier.resource = ResourceVector(memoryMiB: memoryMiB, vcores: 1).proto
        identifier.expiryTimeStamp = Int64(Date().timeIntervalSince1970 * 1_000) + 600_000
        identifier.masterKeyID = key.id
        identifier.rmIdentifier = TestResourceManager.identifier
        if let logs { identifier.logAggregationContext = logs }
        var request = StartContainerRequestProto()
        request.containerToken = ContainerTokenIdentifier(identifier).token(key: key.bytes, service: "").proto
        var context = ContainerLaunchContextProto()
        context.command = commands
        context.localResources = resources
        context.environment = environment.sorted { $0.key < $1.key }.map { name, value in
            var entry = StringStringMapProto()
            entry.key = name
            entry.value = value
            return entry
        }
        request.containerLaunchContext = context
        return request
    }

    @discardableResult
    func start(_ requests: [StartContainerRequestProto]) async throws -> StartContainersResponseProto {
        var call = StartContainersRequestProto()
        call.startContainerRequest = requests
        return try await self.client.call(
            "startContainers",
            call,
            returning: StartContainersResponseProto.self,
            on: self.target()
        )
    }

    /// Starts a script and waits until the ResourceManager heard of its end.
    func run(_ number: Int64, _ script: String, environment: [String: String] = [:]) async throws
        -> ContainerStatusProto
    {
        let answer = try await self.start([self.request(number, [script], environment: environment)])
        #expect(answer.failedRequests.isEmpty)
        return try await self.end(of: number)
    }

    func end(of number: Int64) async throws -> ContainerStatusProto {
        let id = Self.container(number)
        let resourceManager = self.resourceManager
        try await eventually { resourceManager.isComplete(id) }
        return try #require(resourceManager.status(id))
    }

    func stopContainers(_ numbers: [Int64]) async throws -> StopContainersResponseProto {
        var call = StopContainersRequestProto()
        call.containerID = numbers.map { Self.container($0).proto }
        return try await self.client.call(
            "stopContainers",
            call,
            returning: StopContainersResponseProto.self,
            on: self.target()
        )
    }

    func workDirectory(_ number: Int64) -> String {
        "\(self.folder)/local/usercache/root/appcache/\(Self.application)/\(Self.container(number))"
    }

    func logDirectory(_ number: Int64) -> String {
        "\(self.folder)/logs/\(Self.application)/\(Self.container(number))"
    }

    func log(_ number: Int64, _ name: String) -> String? {
        ContainerFixture.read("\(self.logDirectory(number))/\(name)")
    }
}

/// Runs the test on a node and stops it also when the test fails.
func withNode(
    _ properties: [String: String] = [:],
    _ body: (TestNode) async throws -> Void
) async throws {
    let node = try await TestNode(properties)
    do {
        try await body(node)
    } catch {
        try await node.stop()
        throw error
    }
    try await node.stop()
}
