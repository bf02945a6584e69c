package import HadoopHTTP
package import Logging

/// A web server on the engine's own threads.
package struct EngineWeb: Sendable {
    private let server: HTTPServer

    /// Binds and serves; blocks until the port is bound.
    /// - Throws: where it cannot be bound.
    package init(
        host: String,
        port: Int,
        logger: Logger,
        _ respond: @escaping @Sendable (WebRequest) -> WebAnswer
    ) throws {
        self.server = try EngineThreads.wait {
            try await HTTPServer.start(
                host: host,
                port: port,
                group: EngineThreads.loops,
                logger: logger,
                executor: EngineThreads.apart
            ) { request in respond(request) }
        }
    }

    package var port: Int { self.server.port }

    package func stop() { try? EngineThreads.wait { try await self.server.stop() } }
}
