package import Logging
package import NIOCore
import NIOPosix

/// An HTTP/1.1 port: limits, deadlines and Hadoop's date headers around one function that answers requests.
package final class HTTPServer: Sendable {
    package typealias Respond = @Sendable (WebRequest) async -> WebAnswer

    /// The address that the port is bound to.
    package let host: String
    /// The port that was bound, also where 0 was asked for.
    package let port: Int

    private let listener: any Channel
    private let roster: ConnectionRoster

    private init(listener: any Channel, host: String, roster: ConnectionRoster) {
        self.host = listener.localAddress?.ipAddress ?? host
        self.port = listener.localAddress?.port ?? 0
        self.listener = listener
        self.roster = roster
    }

    /// Binds and begins to serve.
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for any free one.
    ///   - certificate: for https; nil for http.
    ///   - executor: where requests are answered; nil for Swift's own pool.
    /// - Throws: NIO's error when the address cannot be bound.
    package static func start(
        host: String,
        port: Int,
        certificate: ServerCertificate? = nil,
        limits: HTTPLimits = HTTPLimits(),
        group: any EventLoopGroup,
        logger: Logger,
        executor: (any TaskExecutor)? = nil,
        respond: @escaping Respond
    ) async throws -> HTTPServer {
        let roster = ConnectionRoster(connectionsMaximum: limits.connectionsMaximum)
        let web = WebChannel(
            port: WebPort(
                limits: limits,
                roster: roster,
                isSecure: certificate != nil,
                executor: executor,
                logger: logger,
                respond: respond
            ),
            certificate: certificate
        )
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { web.setup($0) }
            .bind(host: host, port: port).get()
        return HTTPServer(listener: listener, host: host, roster: roster)
    }

    /// A burst of callers waits here while a busy loop catches up; the kernel's own default maximum is 4096.
    private static let backlog: CInt = 1_024

    /// Connections open now.
    package var connectionCount: Int { self.roster.count }

    /// Stops listening, lets requests in progress finish for a moment, then closes every connection. Returns when nothing is
    /// answered any more.
    package func stop() async throws {
        do {
            try await self.listener.close().get()
        } catch ChannelError.alreadyClosed {
            // Whoever stopped it first waits below, as this caller does.
        }
        self.roster.stop()
        let roster = self.roster
        let grace = self.listener.eventLoop.scheduleTask(in: Self.grace) { roster.closeAll() }
        await self.roster.whenEmpty()
        grace.cancel()
    }

    /// Long enough for an answer that is being written, short enough for a person who pressed Ctrl-C.
    private static let grace = TimeAmount.seconds(1)
}
