import Glibc
import HadoopProtos
package import HadoopRPC
import Logging
import NIOCore
import NIOPosix
package import Settings
package import SwiftProtobuf

/// Whom a command talks to and as whom: read from the configuration folder.
package struct ClusterAddress: Sendable, Equatable {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// How long a command tries, waits and asks again.
package struct ClientPatience: Sendable {
    package var rpc: RPCClientConfiguration
    /// Between two questions about something that takes its time.
    package var pollInterval: Duration
    /// How long to go on asking; nil is for ever.
    package var pollTimeout: Duration?

    package init(rpc: RPCClientConfiguration, pollInterval: Duration, pollTimeout: Duration?) {
        self.rpc = rpc
        self.pollInterval = pollInterval
        self.pollTimeout = pollTimeout
    }

    /// As configured for all clients.
    package init(_ settings: ClientSettings) {
        self.init(
            rpc: settings.common.rpc.clientConfiguration,
            pollInterval: settings.pollInterval,
            pollTimeout: settings.pollTimeout
        )
    }

    /// One try: for who wants to know what is there, not to wait until something is.
    package static let none = ClientPatience(
        rpc: RPCClientConfiguration(connectTimeout: .seconds(10), callTimeout: .seconds(60)),
        pollInterval: .milliseconds(200),
        pollTimeout: nil
    )
}

/// A command's connection to a ResourceManager, as the user who runs the command.
package struct ClusterClient: Sendable {
    private let rpc: RPCClient
    private let target: RPCTarget
    package let patience: ClientPatience

    package static let applicationProtocol = "org.apache.hadoop.yarn.api.ApplicationClientProtocolPB"
    package static let administrationProtocol =
        "org.apache.hadoop.yarn.server.api.ResourceManagerAdministrationProtocolPB"
    package static let highAvailabilityProtocol = "org.apache.hadoop.ha.HAServiceProtocol"

    /// Runs `body` with a client and closes its connection afterwards, whatever happens.
    package static func with<R>(
        _ address: ClusterAddress,
        protocolName: String = ClusterClient.applicationProtocol,
        user: String,
        patience: ClientPatience = .none,
        _ body: (ClusterClient) async throws -> R
    ) async throws -> R {
        let rpc = RPCClient(
            group: MultiThreadedEventLoopGroup.singleton,
            configuration: patience.rpc,
            logger: Logger(label: "heddle.client") { _ in NoticeHandler() }
        )
        let target = RPCTarget(
            host: address.host,
            port: address.port,
            protocolName: protocolName,
            identity: .simple(user: user)
        )
        do {
            let result = try await body(ClusterClient(rpc: rpc, target: target, patience: patience))
            try? await rpc.shutdown()
            return result
        } catch {
            try? await rpc.shutdown()
            throw error
        }
    }

    /// - Throws: `RPCFailure` as the server put it; `RPCConnectionError` when there is no answer.
    package func call<Q: SwiftProtobuf.Message, R: SwiftProtobuf.Message>(
        _ method: String,
        _ request: Q,
        returning: R.Type
    ) async throws -> R {
        try await self.rpc.call(method, request, returning: R.self, on: self.target)
    }
}

extension RPCFailure {
    /// The Java class without its package: what tells a missing application from a missing container.
    var exceptionName: String { self.exceptionClass.split(separator: ".").last.map(String.init) ?? "" }
}

/// Tells the person at the terminal why a command takes its time: what its client logs, on standard error.
private struct NoticeHandler: LogHandler {
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        writeText("\(event.message)\n", to: STDERR_FILENO)
    }
}
