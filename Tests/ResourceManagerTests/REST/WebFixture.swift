import ClusterModel
import HadoopConfig
import HadoopHTTP
import Logging
import NIOPosix
import ResourceManager
import ResourceManagerCore
import Settings
import TestSupport

/// The web port of a real ResourceManager; what it shows is a snapshot that the test fills.
struct WebFixture {
    let manager: TestResourceManager
    let snapshot: ClusterSnapshot
    let server: ResourceManagerHTTPServer
    let cluster: ClusterResource

    /// - Parameter showsOwn: the port shows what the ResourceManager itself publishes, not a snapshot of the test.
    static func with(
        showsOwn: Bool = false,
        properties: [(String, String)] = [],
        _ body: (WebFixture) async throws -> Void
    ) async throws {
        let manager = try await TestResourceManager.start(properties: properties)
        let settings = manager.daemon.settings
        let policy = settings.common.web.policy(crossOriginEnabled: settings.crossOriginEnabled)
        let snapshot = showsOwn ? manager.daemon.snapshot : ClusterSnapshot()
        let cluster = ClusterResource(
            identity: ResourceManagerIdentity(
                clusterTimestamp: manager.daemon.clusterTimestamp,
                stateStoreName: manager.daemon.storeName,
                webAddress: manager.daemon.webAddress,
                proxyAddress: manager.daemon.proxyAddress
            ),
            snapshot: snapshot,
            writing: manager.daemon.gateway,
            callers: manager.daemon.callers,
            configuration: Configuration(environment: ConfigurationEnvironment()),
            clock: manager.daemon.clock,
            bodyBytesMaximum: 1 << 20,
            isSubmissionEnabled: true,
            filtersByUser: settings.common.web.filtersByUser
        )
        let server = try await ResourceManagerHTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            hostNames: ["rm.example"],
            cluster: cluster,
            policy: policy,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test")
        )
        let fixture = WebFixture(manager: manager, snapshot: snapshot, server: server, cluster: cluster)
        do {
            try await body(fixture)
        } catch {
            try? await server.stop()
            await manager.daemon.stop()
            throw error
        }
        try await server.stop()
        await manager.daemon.stop()
    }

    func call(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> WebClient.Answer {
        try await WebClient.call(method, path, port: self.server.port, headers: headers, body: body)
    }
}
