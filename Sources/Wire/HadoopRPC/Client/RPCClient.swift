package import Logging
package import NIOCore
package import SwiftProtobuf

/// Calls Hadoop services. Connections are opened on demand, shared by calls with equal targets, and closed when idle.
package final class RPCClient: Sendable {
    private let configuration: RPCClientConfiguration

    package init(
        group: any EventLoopGroup,
        configuration: RPCClientConfiguration = RPCClientConfiguration(),
        logger: Logger
    ) {
        self.configuration = configuration
    }

    /// Makes one call. Throws `RPCFailure` when the server answers with an error, `RPCConnectionError` when there is no
    /// answer, `CancellationError` when the task is cancelled first. Nothing is retried.
    package func call<Q: SwiftProtobuf.Message, R: SwiftProtobuf.Message>(
        _ method: String,
        _ request: Q,
        returning: R.Type,
        on target: RPCTarget,
        timeout: Duration? = nil
    ) async throws -> R {
        let bytes: [UInt8] = try request.serializedBytes()
        return try R(serializedBytes: try await self.call(method, bytes: bytes, on: target, timeout: timeout))
    }

    /// Makes one call with an encoded request and returns the encoded response. `timeout` replaces the configured one.
    package func call(
        _ method: String,
        bytes: [UInt8],
        on target: RPCTarget,
        timeout: Duration? = nil
    ) async throws -> [UInt8] {
        throw RPCConnectionError(kind: .closed, host: target.host, port: target.port, reason: "the client is closed")
    }

    /// Closes all connections; open calls fail.
    package func shutdown() async throws {}
}
