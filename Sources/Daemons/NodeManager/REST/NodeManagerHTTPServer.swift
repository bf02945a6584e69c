package import HadoopConfig
package import HadoopHTTP
package import Logging
package import NIOCore

/// The NodeManager's web port: REST and pages.
package final class NodeManagerHTTPServer: Sendable {
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
    ///   - host: the address to listen on (`yarn.nodemanager.webapp.address`, `yarn.nodemanager.bind-host`).
    ///   - port: 0 for any free one.
    ///   - advertisedHost: the name that links use and requests may call this port by, beside loopback's.
    ///   - snapshot: what is shown.
    ///   - access: who may look at logs.
    ///   - filtersByUser: lists leave out what the caller may not view.
    ///   - logServer: where aggregated logs are shown; nil where logs are not aggregated.
    ///   - configuration: what `/conf` shows.
    package static func start(
        host: String,
        port: Int,
        advertisedHost: String,
        snapshot: NodeSnapshot,
        access: LogAccess = LogAccess(),
        filtersByUser: Bool = false,
        logServer: LogServer? = nil,
        configuration: Configuration,
        policy: WebPolicy = WebPolicy(),
        limits: HTTPLimits = HTTPLimits(),
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> NodeManagerHTTPServer {
        var routes = WebRoutes()
        let node = NodeResource(
            snapshot: snapshot,
            advertisedHost: advertisedHost,
            access: access,
            filtersByUser: filtersByUser,
            logServer: logServer
        )
        node.addRoutes(to: &routes)
        NodePages(node: node).addRoutes(to: &routes)
        LogPages(node: node).addRoutes(to: &routes)
        ConfigurationEndpoint(
            all: { configuration.effectiveProperties.map(ShownProperty.init) },
            one: { configuration.effectiveProperty($0).map(ShownProperty.init) }
        )
        .addRoutes(to: &routes)
        let front = WebFront(
            routes: routes,
            hosts: HostGuard(names: [host, advertisedHost]),
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
        return NodeManagerHTTPServer(server: server)
    }

    /// Stops listening; requests in progress may finish for a moment.
    package func stop() async throws {
        try await self.server.stop()
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
