import HadoopConfig
import HadoopProtos
import HadoopRPC
import ModelConversion
import NodeManagerCore
import SwiftProtobuf
import Synchronization

/// Calls ResourceTracker on the ResourceManager, or on those of a highly available cluster in turn.
final class ResourceTrackerClient: Sendable {
    private let client: RPCClient
    private let targets: [RPCTarget]
    private let keys: MasterKeyRing
    /// Which of the targets answered last.
    private let current = Mutex(0)

    /// - Parameter user: whom the node claims to be.
    init(client: RPCClient, addresses: [NetworkAddress], user: String, keys: MasterKeyRing) {
        self.client = client
        self.keys = keys
        self.targets = addresses.map {
            RPCTarget(
                host: $0.host,
                port: $0.port,
                protocolName: "org.apache.hadoop.yarn.server.api.ResourceTrackerPB",
                identity: .simple(user: user)
            )
        }
    }

    func register(_ report: RegistrationReport) async -> Input {
        do {
            let answer = try await self.call(
                "registerNodeManager",
                report.proto,
                RegisterNodeManagerResponseProto.self
            )
            self.keys.update(
                container: answer.hasContainerTokenMasterKey ? answer.containerTokenMasterKey : nil,
                node: answer.hasNmTokenMasterKey ? answer.nmTokenMasterKey : nil
            )
            return .registrationAnswered(try RegistrationAnswer(answer))
        } catch {
            return .registrationFailed("\(error)")
        }
    }

    func heartbeat(_ report: HeartbeatReport) async -> Input {
        var request = NodeHeartbeatRequestProto()
        request.nodeStatus = report.proto
        request.logAggregationReportsForApps = report.logs.map(\.proto)
        let known = self.keys.lastKnown
        if let key = known.container { request.lastKnownContainerTokenMasterKey = key }
        if let key = known.node { request.lastKnownNmTokenMasterKey = key }
        do {
            let answer = try await self.call("nodeHeartbeat", request, NodeHeartbeatResponseProto.self)
            self.keys.update(
                container: answer.hasContainerTokenMasterKey ? answer.containerTokenMasterKey : nil,
                node: answer.hasNmTokenMasterKey ? answer.nmTokenMasterKey : nil
            )
            if answer.nodeAction == .resync { self.keys.expectOthers() }
            return .heartbeatAnswered(try HeartbeatAnswer(answer))
        } catch {
            return .heartbeatFailed("\(error)")
        }
    }

    /// Nothing depends on the answer: a ResourceManager that misses it notices the silence.
    func unregister(_ node: NodeIdentity) async {
        var request = UnRegisterNodeManagerRequestProto()
        request.nodeID = node.id.proto
        _ = try? await self.call("unRegisterNodeManager", request, UnRegisterNodeManagerResponseProto.self)
    }

    /// How long a ResourceManager may think before the node tries again.
    private static let timeout = Duration.seconds(20)

    private func call<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ method: String,
        _ request: Request,
        _ response: Response.Type
    ) async throws -> Response {
        let index = self.current.withLock { $0 }
        do {
            return try await self.client.call(
                method,
                request,
                returning: response,
                on: self.targets[index],
                timeout: Self.timeout
            )
        } catch {
            // Standby or gone: the next attempt goes to the next one.
            self.current.withLock { $0 = (index + 1) % self.targets.count }
            throw error
        }
    }
}
