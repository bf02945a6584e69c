import HadoopProtos
import HadoopRPC
import Logging
import NIOCore
import NIOPosix
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

/// A command's connection to a ResourceManager: every call once, with a time limit, as the user who runs the command.
package struct ClusterClient: Sendable {
    private let rpc: RPCClient
    private let target: RPCTarget

    package static let applicationProtocol = "org.apache.hadoop.yarn.api.ApplicationClientProtocolPB"
    package static let administrationProtocol =
        "org.apache.hadoop.yarn.server.api.ResourceManagerAdministrationProtocolPB"
    package static let highAvailabilityProtocol = "org.apache.hadoop.ha.HAServiceProtocol"

    /// Runs `body` with a client and closes its connection afterwards, whatever happens.
    package static func with<R>(
        _ address: ClusterAddress,
        protocolName: String = ClusterClient.applicationProtocol,
        user: String,
        _ body: (ClusterClient) async throws -> R
    ) async throws -> R {
        let rpc = RPCClient(
            group: MultiThreadedEventLoopGroup.singleton,
            configuration: RPCClientConfiguration(connectTimeout: .seconds(10), callTimeout: .seconds(60)),
            logger: Logger(label: "heddle.client") { _ in SwiftLogNoOpLogHandler() }
        )
        let target = RPCTarget(
            host: address.host,
            port: address.port,
            protocolName: protocolName,
            identity: .simple(user: user)
        )
        do {
            let result = try await body(ClusterClient(rpc: rpc, target: target))
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
