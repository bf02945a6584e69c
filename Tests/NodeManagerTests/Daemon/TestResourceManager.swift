import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import Logging
import ModelConversion
import NIOCore
import SwiftProtobuf
import Synchronization

import struct Foundation.Data

/// A ResourceManager's tracker port that registers every node and writes down what it is told.
final class TestResourceManager: Sendable {
    struct Content {
        var registrations: [RegisterNodeManagerRequestProto] = []
        var heartbeats: [NodeHeartbeatRequestProto] = []
        /// The last status of each container.
        var statuses: [ContainerID: ContainerStatusProto] = [:]
        var unregistered: [NodeIdProto] = []
        /// Changes of the next heartbeat's answer.
        var orders: [@Sendable (inout NodeHeartbeatResponseProto) -> Void] = []
        var responseID: Int32 = 0
        var registrationAction = NodeActionProto.normal
    }

    final class Tracker: RPCService {
        let protocolName = "org.apache.hadoop.yarn.server.api.ResourceTrackerPB"
        let content = Mutex(Content())

        func handle(_ call: RPCCall, _ responder: RPCResponder) {
            do throws(RPCFailure) {
                switch call.method {
                case "registerNodeManager":
                    responder.succeed(self.register(try call.decode(RegisterNodeManagerRequestProto.self)))
                case "nodeHeartbeat":
                    responder.succeed(self.heartbeat(try call.decode(NodeHeartbeatRequestProto.self)))
                case "unRegisterNodeManager":
                    let node = try call.decode(UnRegisterNodeManagerRequestProto.self).nodeID
                    self.content.withLock { $0.unregistered.append(node) }
                    responder.succeed(UnRegisterNodeManagerResponseProto())
                default: throw .noSuchMethod(call.method, protocolName: self.protocolName)
                }
            } catch {
                responder.fail(error)
            }
        }

        private func register(_ request: RegisterNodeManagerRequestProto) -> RegisterNodeManagerResponseProto {
            let action = self.content.withLock { content in
                content.registrations.append(request)
                content.responseID = 0
                return content.registrationAction
            }
            var answer = RegisterNodeManagerResponseProto()
            answer.containerTokenMasterKey = TestResourceManager.proto(TestResourceManager.containerKey)
            answer.nmTokenMasterKey = TestResourceManager.proto(TestResourceManager.nodeKey)
            answer.nodeAction = action
            answer.rmIdentifier = TestResourceManager.identifier
            return answer
        }

        private func heartbeat(_ request: NodeHeartbeatRequestProto) -> NodeHeartbeatResponseProto {
            var answer = NodeHeartbeatResponseProto()
            answer.nextHeartBeatInterval = 50
            answer.nodeAction = .normal
            self.content.withLock { content in
                content.heartbeats.append(request)
                for status in request.nodeStatus.containersStatuses {
                    if let id = try? ContainerID(validating: status.containerID) { content.statuses[id] = status }
                }
                content.responseID += 1
                answer.responseID = content.responseID
                for order in content.orders { order(&answer) }
                content.orders = []
            }
            return answer
        }
    }

    static let containerKey = MasterKey(id: 11, bytes: [1, 2, 3, 4, 5, 6, 7, 8])
    static let nodeKey = MasterKey(id: 12, bytes: [8, 7, 6, 5, 4, 3, 2, 1])
    static let identifier: Int64 = 1_700_000_000_000

    let tracker: Tracker
    let server: RPCServer

    init(group: any EventLoopGroup, logger: Logger, port: Int = 0) async throws {
        let tracker = Tracker()
        self.tracker = tracker
        self.server = try await RPCServer.start(
            RPCServerConfiguration(
                host: "127.0.0.1",
                port: port,
                services: [tracker],
                authentication: .simple,
                limits: RPCServerLimits(shutdownTimeout: .milliseconds(200))
            ),
            group: group,
            logger: logger
        )
    }

    func read<Value>(_ body: (Content) -> Value) -> Value { self.tracker.content.withLock { body($0) } }

    func order(_ change: @escaping @Sendable (inout NodeHeartbeatResponseProto) -> Void) {
        self.tracker.content.withLock { $0.orders.append(change) }
    }

    func status(_ id: ContainerID) -> ContainerStatusProto? { self.read { $0.statuses[id] } }

    func isComplete(_ id: ContainerID) -> Bool { self.status(id)?.state == .cComplete }

    private static func proto(_ key: MasterKey) -> MasterKeyProto {
        var proto = MasterKeyProto()
        proto.keyID = key.id
        proto.bytes = Data(key.bytes)
        return proto
    }
}
