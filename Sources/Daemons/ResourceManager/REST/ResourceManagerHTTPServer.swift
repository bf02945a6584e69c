import AggregatedLogs
import ClusterModel
import HadoopConfig
package import HadoopHTTP
package import Logging
package import NIOCore
import ResourceManagerCore

/// The ResourceManager's web port: REST, pages and the proxy.
package final class ResourceManagerHTTPServer: Sendable {
    private let server: HTTPServer

    private init(server: HTTPServer) {
        self.server = server
    }

    /// The port that was bound, also where 0 was asked for.
    package var port: Int { self.server.port }
    /// The address that is listened on.
    package var host: String { self.server.host }

    /// Binds and begins to serve.
    /// - Parameters:
    ///   - host: the address to listen on (`yarn.resourcemanager.webapp.address`, `yarn.resourcemanager.bind-host`).
    ///   - port: 0 for any free one.
    ///   - hostNames: names that requests may call this port by, beside loopback's.
    ///   - cluster: what is shown.
    package static func start(
        host: String,
        port: Int,
        hostNames: [String],
        cluster: ClusterResource,
        policy: WebPolicy = WebPolicy(),
        limits: HTTPLimits = HTTPLimits(),
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> ResourceManagerHTTPServer {
        var cluster = cluster
        cluster.bodyBytesMaximum = min(cluster.bodyBytesMaximum, limits.bodyBytesMaximum)
        var routes = WebRoutes()
        cluster.addReading(to: &routes)
        cluster.addWriting(to: &routes)
        ClusterPages(cluster: cluster).addRoutes(to: &routes)
        let configuration = cluster.configuration
        ConfigurationEndpoint(
            all: { configuration.effectiveProperties.map(ShownProperty.init) },
            one: { configuration.effectiveProperty($0).map(ShownProperty.init) }
        )
        .addRoutes(to: &routes)
        MetricsEndpoint(cluster: cluster).addRoutes(to: &routes)
        Self.addLogs(of: cluster, to: &routes)
        if cluster.identity.isProxyElsewhere {
            WebProxy.addRedirects(to: &routes, proxy: cluster.identity)
        } else {
            WebProxy(
                snapshot: cluster.snapshot,
                group: group,
                logger: logger,
                sourceAddress: WebProxy.sourceAddress(host),
                bodyBytesMaximum: cluster.bodyBytesMaximum
            )
            .addRoutes(to: &routes)
        }
        let advertised = cluster.identity.webAddress.split(separator: ":").first.map(String.init) ?? host
        let front = WebFront(
            routes: routes,
            hosts: HostGuard(names: hostNames + [host, advertised]),
            policy: policy,
            logger: logger
        )
        let server = try await HTTPServer.start(
            host: host,
            port: port,
            limits: limits,
            group: group,
            logger: logger
        ) { request in await front.answer(request) }
        return ResourceManagerHTTPServer(server: server)
    }

    package func stop() async throws {
        try await self.server.stop()
    }

    /// Aggregated logs, which need no node to be there.
    private static func addLogs(of cluster: ClusterResource, to routes: inout WebRoutes) {
        guard let archive = cluster.archive else { return }
        let snapshot = cluster.snapshot
        AggregatedLogPages(
            archive: archive,
            viewers: LogViewers(processUser: cluster.configuration.environment.systemProperties["user.name"]) {
                snapshot.settings.accessRules
            },
            navigation: ClusterPages.navigation,
            nodePage: { node, container, user in
                guard let view = snapshot.node(node), !view.state.isInactive else { return nil }
                return LogLinks.nodePage(container, user: percentEncoded(user), nodeHTTPAddress: view.httpAddress)
            }
        )
        .addRoutes(to: &routes)
    }
}

extension ShownProperty {
    init(_ property: EffectiveProperty) {
        self.init(
            key: property.key,
            value: property.value,
            isFinal: property.isFinal,
            resource: property.resource
        )
    }
}
