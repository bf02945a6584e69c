import HTTPTypes
import HummingbirdCore
package import Logging
package import NIOCore

/// An HTTP/1.1 port: limits, deadlines and Hadoop's date headers around one function that answers requests.
package final class HTTPServer: Sendable {
    package typealias Respond = @Sendable (WebRequest) async -> WebAnswer

    /// The address that the port is bound to.
    package let host: String
    /// The port that was bound, also where 0 was asked for.
    package let port: Int

    private let server: Server<WebChannel>
    private let serving: Task<Void, any Error>
    private let roster: ConnectionRoster
    private let group: any EventLoopGroup

    private init(
        address: SocketAddress,
        host: String,
        server: Server<WebChannel>,
        serving: Task<Void, any Error>,
        roster: ConnectionRoster,
        group: any EventLoopGroup
    ) {
        self.host = address.ipAddress ?? host
        self.port = address.port ?? 0
        self.server = server
        self.serving = serving
        self.roster = roster
        self.group = group
    }

    /// Binds and begins to serve.
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for any free one.
    ///   - certificate: for https; nil for http.
    ///   - executor: where connections are served; nil for Swift's own pool.
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
        let (addresses, bound) = AsyncThrowingStream<SocketAddress, any Error>.makeStream()
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let server = Server(
            childChannelSetup: WebChannel(
                limits: limits,
                roster: roster,
                certificate: certificate,
                respond: respond
            ),
            configuration: ServerConfiguration(address: .hostname(host, port: port), backlog: Self.backlog),
            onServerRunning: { channel in
                if let address = channel.localAddress { bound.yield(address) }
                bound.finish()
            },
            eventLoopGroup: group,
            logger: quiet
        )
        let serving = Task(executorPreference: executor) {
            do {
                try await server.run()
            } catch {
                bound.finish(throwing: error)
                throw error
            }
        }
        for try await address in addresses {
            return HTTPServer(
                address: address,
                host: host,
                server: server,
                serving: serving,
                roster: roster,
                group: group
            )
        }
        throw ChannelError.ioOnClosedChannel
    }

    /// A burst of callers waits here while a busy loop catches up; the kernel's own default maximum is 4096.
    private static let backlog = 1_024

    /// Connections open now.
    package var connectionCount: Int { self.roster.count }

    /// Stops listening, lets requests in progress finish for a moment, then closes every connection.
    package func stop() async throws {
        let grace = self.group.any().scheduleTask(in: Self.grace) { self.roster.closeAll() }
        defer { grace.cancel() }
        try await self.server.shutdownGracefully()
        _ = try? await self.serving.value
    }

    /// Long enough for an answer that is being written, short enough for a person who pressed Ctrl-C.
    private static let grace = TimeAmount.seconds(1)
}
