package import HadoopHTTP
package import Logging
package import NIOCore

/// The proxy on an address of its own (`yarn.web-proxy.address`), apart from the ResourceManager's pages.
package final class WebProxyServer: Sendable {
    private let server: HTTPServer

    private init(server: HTTPServer) {
        self.server = server
    }

    /// The port that was bound, also where 0 was asked for.
    package var port: Int { self.server.port }

    /// Binds and begins to serve.
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for any free one.
    ///   - hostNames: names that requests may call this port by, beside loopback's.
    package static func start(
        host: String,
        port: Int,
        hostNames: [String],
        cluster: ClusterResource,
        policy: WebPolicy = WebPolicy(),
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> WebProxyServer {
        var routes = WebRoutes()
        let pages = cluster.identity
        routes.add(.get, "/") { _, _ in .redirect(to: "http://\(pages.webAddress)/cluster") }
        WebProxy(
            snapshot: cluster.snapshot,
            group: group,
            logger: logger,
            sourceAddress: WebProxy.sourceAddress(host),
            bodyBytesMaximum: cluster.bodyBytesMaximum,
            pages: pages
        )
        .addRoutes(to: &routes)
        let front = WebFront(
            routes: routes,
            hosts: HostGuard(names: hostNames + [host]),
            policy: policy,
            logger: logger
        )
        let server = try await HTTPServer.start(host: host, port: port, group: group, logger: logger) { request in
            await front.answer(request)
        }
        return WebProxyServer(server: server)
    }

    package func stop() async throws {
        try await self.server.stop()
    }
}
