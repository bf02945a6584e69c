internal import ClusterModel
internal import EngineLink
package import HadoopProtos
internal import HadoopRPC
internal import HadoopWire
package import Logging
internal import ModelConversion

/// The NodeManagers on which an application has containers.
package struct NodeLinks: Sendable {
    package static let protocolName = "org.apache.hadoop.yarn.api.ContainerManagementProtocolPB"

    private let rpc: RPCClient
    /// NMTokens by `host:port`.
    private var tokens: [String: HadoopToken] = [:]

    package init(logger: Logger) {
        self.rpc = RPCClient(group: EngineThreads.loops, logger: logger)
    }

    package mutating func add(_ tokens: [NMTokenProto]) {
        for token in tokens { self.tokens["\(token.nodeID.host):\(token.nodeID.port)"] = HadoopToken(token.token) }
    }

    /// What keeps a container from being started.
    package struct Refusal: Error, CustomStringConvertible {
        package var description: String
    }

    /// Starts a container.
    /// - Throws: why not.
    package func start(_ container: ContainerProto, _ launch: ContainerLaunchContextProto) async throws {
        var request = StartContainerRequestProto()
        request.containerLaunchContext = launch
        request.containerToken = container.containerToken
        var all = StartContainersRequestProto()
        all.startContainerRequest = [request]
        let answer = try await self.rpc.call(
            "startContainers",
            all,
            returning: StartContainersResponseProto.self,
            on: try self.target(container.nodeID)
        )
        if let failed = answer.failedRequests.first {
            throw Refusal(description: failed.exception.message)
        }
    }

    private func target(_ node: NodeIdProto) throws -> RPCTarget {
        let name = "\(node.host):\(node.port)"
        guard let token = self.tokens[name] else {
            throw Refusal(description: "the ResourceManager sent no NMToken for \(name)")
        }
        return RPCTarget(
            host: node.host,
            port: Int(node.port),
            protocolName: Self.protocolName,
            identity: .token(user: "", token)
        )
    }

    package func close() async { try? await self.rpc.shutdown() }
}
