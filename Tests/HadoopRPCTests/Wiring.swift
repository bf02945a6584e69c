import HadoopRPC
import HadoopWire
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// A server on a free port of the loopback interface, and what is needed to talk to it.
struct Wiring {
    let group: MultiThreadedEventLoopGroup
    let server: RPCServer
    let client: RPCClient
    let service: EchoService

    static let key = MasterKey(id: 7, bytes: [1, 2, 3, 4, 5, 6, 7, 8])

    /// Takes tokens whose identifier is the user's name and whose password is signed with `key`.
    static let tokens = RPCServerAuthentication(acceptsSimple: false) { identifier throws(RPCFailure) in
        let user = String(decoding: identifier, as: UTF8.self)
        guard user.hasPrefix("app") else { throw .invalidToken("\(user) is no application") }
        return TokenAccount(kind: "test", user: user, password: Self.key.password(for: identifier))
    }

    static func token(_ user: String, key: MasterKey = Wiring.key) -> HadoopToken {
        let identifier = Array(user.utf8)
        return HadoopToken(
            identifier: identifier,
            password: key.password(for: identifier),
            kind: "test",
            service: ""
        )
    }

    /// Runs `body` with a server, and shuts all down afterwards.
    ///
    /// - Parameter handshakeTimeout: long, since on a busy machine a test's own bytes may take their time.
    static func run(
        authentication: RPCServerAuthentication = .simple,
        limits: RPCServerLimits = RPCServerLimits(),
        handshakeTimeout: Duration = patience * 10,
        port: Int = 0,
        client: RPCClientConfiguration = RPCClientConfiguration(),
        _ body: (Wiring) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = EchoService()
        var limits = limits
        // Calls that a test leaves open must not hold it up.
        limits.shutdownTimeout = .milliseconds(500)
        limits.handshakeTimeout = handshakeTimeout
        let server = try await RPCServer.start(
            RPCServerConfiguration(
                host: "127.0.0.1",
                port: port,
                services: [service],
                authentication: authentication,
                limits: limits
            ),
            group: group,
            logger: logger
        )
        let wiring = Wiring(
            group: group,
            server: server,
            client: RPCClient(group: group, configuration: client, logger: logger),
            service: service
        )
        let outcome: Result<Void, any Error>
        do {
            try await body(wiring)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await wiring.client.shutdown()
        try await wiring.server.shutdown()
        try await group.shutdownGracefully()
        try outcome.get()
    }

    func target(
        _ identity: RPCTarget.Identity = .simple(user: "alice"),
        protocolName: String = EchoService.name,
        version: UInt64 = 1
    ) -> RPCTarget {
        RPCTarget(
            host: "127.0.0.1",
            port: self.server.port,
            protocolName: protocolName,
            protocolVersion: version,
            identity: identity
        )
    }

    /// Makes a call that must bring back what it sends.
    func expectEcho(
        _ bytes: [UInt8],
        method: String = "echo",
        on target: RPCTarget? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await self.client.call(method, bytes: bytes, on: target ?? self.target())
        #expect(answer == bytes, sourceLocation: sourceLocation)
    }

    /// A connection that sends whatever bytes it is told to.
    func rawConnection() async throws -> RawConnection {
        try await RawConnection(port: self.server.port, group: self.group)
    }
}
