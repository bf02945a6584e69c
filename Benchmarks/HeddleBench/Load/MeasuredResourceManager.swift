import HadoopRPC
import Logging
import NIOCore
import NIOPosix

/// A ResourceManager with its store on disk, and the client that loads it.
final class MeasuredResourceManager {
    let daemon: DaemonProcess
    let client: RPCClient
    private let group: MultiThreadedEventLoopGroup
    private let clientPort: Int
    private let schedulerPort: Int
    private let trackerPort: Int

    init() async throws {
        self.daemon = try DaemonProcess(
            "resourcemanager",
            [
                ("yarn.resourcemanager.address", "127.0.0.1:0"),
                ("yarn.resourcemanager.scheduler.address", "127.0.0.1:0"),
                ("yarn.resourcemanager.resource-tracker.address", "127.0.0.1:0"),
                ("yarn.resourcemanager.admin.address", "127.0.0.1:0"),
                ("yarn.resourcemanager.webapp.address", "127.0.0.1:0"),
                ("yarn.resourcemanager.recovery.enabled", "true"),
                ("heddle.state-store.path", "{folder}/state"),
                ("yarn.scheduler.minimum-allocation-mb", "1"),
            ]
        )
        self.clientPort = try await self.daemon.port(after: "serves clients on ")
        self.schedulerPort = try await self.daemon.port(after: "ApplicationMasters on ")
        self.trackerPort = try await self.daemon.port(after: "nodes on ")
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: NIOCore.System.coreCount)
        var configuration = RPCClientConfiguration()
        configuration.idleTimeout = .seconds(600)
        self.client = RPCClient(
            group: self.group,
            configuration: configuration,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func stop() async throws {
        try await self.client.shutdown()
        self.daemon.stop()
        try await self.group.shutdownGracefully()
    }

    /// As a user on the client port.
    func clients(as user: String = "bench") -> ServiceLink {
        self.link(self.clientPort, ServiceName.applicationClient, .simple(user: user))
    }

    /// As an ApplicationMaster.
    func masters(_ identity: RPCTarget.Identity) -> ServiceLink {
        self.link(self.schedulerPort, ServiceName.applicationMaster, identity)
    }

    /// Nodes that have registered. Each has a user, hence a connection, of its own.
    func nodes(_ count: Int, memoryMiB: Int64 = 65_536, vcores: Int64 = 64) async throws -> [SimulatedNode] {
        var nodes: [SimulatedNode] = []
        for number in 1...count {
            let link = self.link(self.trackerPort, ServiceName.resourceTracker, .simple(user: "node\(number)"))
            let node = SimulatedNode(number, link)
            try await node.register(memoryMiB: memoryMiB, vcores: vcores)
            nodes.append(node)
        }
        return nodes
    }

    private func link(_ port: Int, _ protocolName: String, _ identity: RPCTarget.Identity) -> ServiceLink {
        ServiceLink(self.client, port: port, protocolName: protocolName, identity: identity)
    }
}
