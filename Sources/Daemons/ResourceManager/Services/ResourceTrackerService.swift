import ClusterModel
import HadoopProtos
import HadoopRPC
import ModelConversion
import NIOPosix
import ResourceManagerCore
import Staging
import SwiftProtobuf

/// ResourceTracker (port 8031): what NodeManagers, Heddle's and Apache's, tell and are told.
struct ResourceTrackerService: RPCService {
    let edge: ServiceEdge
    let topology: Topology
    /// `yarn.resourcemanager.resource-tracker.nm.ip-hostname-check`: nodes whose name has no address here are turned away.
    let checksHostNames: Bool

    let protocolName = ProtocolName.resourceTracker

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        switch call.method {
        case "nodeHeartbeat": self.heartbeat(call, responder)
        case "registerNodeManager": self.register(call, responder)
        case "unRegisterNodeManager": self.unregister(call, responder)
        default: responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
        }
    }

    private func heartbeat(_ call: RPCCall, _ responder: RPCResponder) {
        guard let proto = self.edge.decode(call, responder, as: NodeHeartbeatRequestProto.self) else { return }
        let heartbeat: ResourceManagerCore.NodeHeartbeat
        do {
            heartbeat = try .init(validating: proto)
        } catch {
            responder.fail(.malformed(call.method, error))
            return
        }
        self.edge.post(
            responder,
            { .nodeHeartbeat($0, heartbeat) },
            answer: { reply throws(RPCFailure) in
                guard case .nodeHeartbeat(let reply) = reply else { throw ServiceEdge.unexpectedReply }
                return reply.proto
            }
        )
    }

    private func register(_ call: RPCCall, _ responder: RPCResponder) {
        guard let proto = self.edge.decode(call, responder, as: RegisterNodeManagerRequestProto.self) else { return }
        guard self.checksHostNames else { return self.register(proto, call, responder) }
        NIOThreadPool.singleton.submit { _ in
            let host = proto.nodeID.host
            guard !HostAddress.isKnown(host) else { return self.register(proto, call, responder) }
            var refusal = RegisterNodeManagerResponseProto()
            refusal.nodeAction = .shutdown
            refusal.diagnosticsMessage = "hostname cannot be resolved (ip=\(call.caller.address), hostname=\(host))"
            responder.succeed(refusal)
        }
    }

    private func register(_ proto: RegisterNodeManagerRequestProto, _ call: RPCCall, _ responder: RPCResponder) {
        let edge = self.edge
        self.topology.rack(of: proto.nodeID.host) { rack in
            let registration: ResourceManagerCore.NodeRegistration
            do throws(ConversionError) {
                registration = try .init(validating: proto, addresses: [call.caller.address], rack: rack)
            } catch {
                responder.fail(.malformed(call.method, error))
                return
            }
            edge.post(
                responder,
                { .nodeRegistered($0, registration) },
                answer: { reply throws(RPCFailure) in
                    guard case .nodeRegistered(let reply) = reply else { throw ServiceEdge.unexpectedReply }
                    return reply.proto
                }
            )
        }
    }

    private func unregister(_ call: RPCCall, _ responder: RPCResponder) {
        guard let proto = self.edge.decode(call, responder, as: UnRegisterNodeManagerRequestProto.self) else { return }
        let node: NodeID
        do {
            node = try NodeID(validating: proto.nodeID)
        } catch {
            responder.fail(.malformed(call.method, error))
            return
        }
        self.edge.post(
            responder,
            { .nodeUnregistered($0, node) },
            answer: { _ in UnRegisterNodeManagerResponseProto() }
        )
    }
}
