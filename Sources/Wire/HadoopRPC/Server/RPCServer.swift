import HadoopWire
package import Logging
package import NIOCore
import NIOPosix

/// A listening port that speaks Hadoop IPC version 9.
package final class RPCServer: Sendable {
    private let channel: any Channel
    private let roster: ConnectionRoster
    private let limits: RPCServerLimits

    private init(channel: any Channel, roster: ConnectionRoster, limits: RPCServerLimits) {
        self.channel = channel
        self.roster = roster
        self.limits = limits
    }

    /// Binds and serves. Throws `RPCBindError` when the address cannot be bound.
    package static func start(
        _ configuration: RPCServerConfiguration,
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> RPCServer {
        let limits = configuration.limits.fitted(toOpenFiles: OpenFileLimit.current)
        let roster = ConnectionRoster(
            connectionsMaximum: limits.connectionsMaximum,
            bytesHeldMaximum: limits.bytesHeldMaximum
        )
        let services = ServiceTable(configuration.services)
        let authentication = ServerAuthentication(configuration.authentication)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: limits.listenBacklog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let meter = roster.add(channel) else { throw ConnectionRefused() }
                    channel.closeFuture.whenComplete { _ in roster.remove(channel) }
                    try channel.pipeline.syncOperations.addHandler(meter)
                    let peerAddress = channel.remoteAddress.map(Self.text(of:)) ?? ""
                    try channel.pipeline.syncOperations.addHandler(
                        ServerConnectionHandler(
                            machine: ServerConnection(
                                authentication: authentication,
                                frameLengthMaximum: limits.frameLengthMaximum,
                                peerAddress: peerAddress,
                                nonce: Nonce.text()
                            ),
                            services: services,
                            limits: limits,
                            roster: roster,
                            peerAddress: peerAddress,
                            eventLoop: channel.eventLoop,
                            logger: logger
                        )
                    )
                }
            }
        do {
            let channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
            return RPCServer(channel: channel, roster: roster, limits: limits)
        } catch {
            throw RPCBindError(host: configuration.host, port: configuration.port, reason: "\(error)")
        }
    }

    /// The IP address; that of an IPv4 peer of an IPv6 socket in the form that people write.
    private static func text(of address: SocketAddress) -> String {
        let text = address.ipAddress ?? ""
        let mapped = "::ffff:"
        return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
    }

    /// The port that is bound, also when any was asked for.
    package var port: Int { self.channel.localAddress?.port ?? 0 }

    /// The IP address that is bound.
    package var address: String { self.channel.localAddress?.ipAddress ?? "" }

    /// Connections that are open now.
    package var connectionCount: Int { self.roster.count }

    /// Stops accepting, lets calls in flight end within the limits' time, and closes all connections.
    package func shutdown() async throws {
        try? await self.channel.close().get()
        let open = self.roster.close()
        let timeout = TimeAmount(self.limits.shutdownTimeout)
        for connection in open {
            connection.pipeline.fireUserInboundEventTriggered(ServerConnectionHandler.Drain())
            let closing = connection.eventLoop.scheduleTask(in: timeout) { connection.close(promise: nil) }
            connection.closeFuture.whenComplete { _ in closing.cancel() }
        }
        for connection in open {
            try? await connection.closeFuture.get()
        }
    }
}

/// A port that cannot be served.
package struct RPCBindError: Error, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int
    package var reason: String

    package var description: String { "Cannot listen on \(self.host):\(self.port): \(self.reason)" }
}

/// The server is closing.
private struct ConnectionRefused: Error {}

extension ServerAuthentication {
    init(_ authentication: RPCServerAuthentication) {
        self.init(acceptsSimple: authentication.acceptsSimple)
        if let lookUp = authentication.tokens {
            self.tokens = { identifier throws(WireRefusal) in
                do throws(RPCFailure) {
                    let account = try lookUp(identifier)
                    return TokenHolder(
                        kind: account.kind,
                        user: account.user,
                        realUser: account.realUser,
                        password: account.password
                    )
                } catch {
                    throw WireRefusal(error)
                }
            }
        }
        if let impersonation = authentication.impersonation {
            self.impersonation = { realUser, user, address throws(WireRefusal) in
                do throws(RPCFailure) {
                    try impersonation(realUser, user, address)
                } catch {
                    throw WireRefusal(error)
                }
            }
        }
    }
}

extension WireRefusal {
    fileprivate init(_ failure: RPCFailure) {
        self.init(detail: .fatalUnauthorized, exceptionClass: failure.exceptionClass, message: failure.message)
    }
}

extension RPCCaller {
    init(_ identity: ConnectionIdentity, address: String) {
        let authentication: Authentication =
            switch identity.proof {
            case .claimed: .simple
            case .token(let kind, let identifier): .token(kind: kind, identifier: identifier)
            }
        self.init(
            user: identity.user,
            realUser: identity.realUser,
            authentication: authentication,
            address: address
        )
    }
}
