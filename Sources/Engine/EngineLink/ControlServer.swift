internal import HadoopRPC
internal import HadoopWire
package import Logging

/// The driver's port for its executors and its ApplicationMaster: Hadoop's IPC, entered only with the application's secret.
package final class ControlServer: Sendable {
    /// Takes one call, on an event loop; the answer may be given later, from any thread, once.
    package typealias Handler = @Sendable (_ method: String, _ request: [UInt8], _ answer: ControlAnswer) -> Void

    /// As a Hadoop client would name it.
    package static let protocolName = "org.heddle.engine.ControlProtocol"

    private let server: RPCServer

    private init(_ server: RPCServer) { self.server = server }

    package var port: Int { self.server.port }

    /// Binds and serves; blocks until the port is bound.
    /// - Throws: what says why it cannot be bound.
    package static func start(
        host: String,
        port: Int = 0,
        secret: ApplicationSecret,
        logger: Logger,
        _ handler: @escaping Handler
    ) throws -> ControlServer {
        let identifier = secret.token.identifier
        let authentication = RPCServerAuthentication(acceptsSimple: false) { asked throws(RPCFailure) in
            guard asked == identifier else {
                throw .invalidToken("the token is not one of \(secret.application)")
            }
            return TokenAccount(kind: ApplicationSecret.kind, user: secret.application, password: secret.password)
        }
        let configuration = RPCServerConfiguration(
            host: host,
            port: port,
            services: [Service(protocolName: Self.protocolName, handler: handler)],
            authentication: authentication
        )
        return ControlServer(
            try EngineThreads.wait {
                try await RPCServer.start(configuration, group: EngineThreads.loops, logger: logger)
            }
        )
    }

    /// Ends all connections.
    package func stop() { try? EngineThreads.wait { try await self.server.shutdown() } }

    private struct Service: RPCService {
        var protocolName: String
        var handler: Handler

        func handle(_ call: RPCCall, _ responder: RPCResponder) {
            self.handler(call.method, call.request, ControlAnswer(responder))
        }
    }
}

/// Takes the answer of one control call; the first counts.
package struct ControlAnswer: Sendable {
    private let responder: RPCResponder

    fileprivate init(_ responder: RPCResponder) { self.responder = responder }

    package func succeed(_ bytes: [UInt8]) { self.responder.succeed(bytes: bytes) }

    package func fail(_ reason: String) { self.responder.fail(.yarn(reason)) }
}
