internal import HadoopRPC
package import Logging

/// A process of an application on its way to the driver's `ControlServer`.
package final class ControlClient: Sendable {
    private let rpc: RPCClient
    private let target: RPCTarget

    /// - Parameter lostAfter: how long the driver's host may not acknowledge what is sent before it counts as lost.
    package init(
        host: String,
        port: Int,
        secret: ApplicationSecret,
        lostAfter: Duration? = nil,
        logger: Logger
    ) {
        self.rpc = RPCClient(
            group: EngineThreads.loops,
            // Answers come when there is something to do; pings tell a driver that thinks from one that is gone.
            configuration: RPCClientConfiguration(
                callTimeout: nil,
                pingInterval: .seconds(10),
                unacknowledgedLimit: lostAfter
            ),
            logger: logger
        )
        self.target = RPCTarget(
            host: host,
            port: port,
            protocolName: ControlServer.protocolName,
            identity: .token(user: secret.application, secret.token)
        )
    }

    /// Calls and blocks until the answer is there.
    package func call(_ method: String, _ request: [UInt8], timeout: Duration? = nil) throws -> [UInt8] {
        try EngineThreads.wait {
            try await self.rpc.call(method, bytes: request, on: self.target, timeout: timeout)
        }
    }

    /// Calls; `completion` comes once, on any thread, and must not block.
    package func send(
        _ method: String,
        _ request: [UInt8],
        completion: @escaping @Sendable (Result<[UInt8], any Error>) -> Void
    ) {
        self.rpc.send(method, bytes: request, on: self.target, completion: completion)
    }

    package func close() { try? EngineThreads.wait { try await self.rpc.shutdown() } }
}
