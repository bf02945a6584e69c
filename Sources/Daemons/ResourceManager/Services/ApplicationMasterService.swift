import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import ResourceManagerCore
import SwiftProtobuf

/// ApplicationMasterProtocol (port 8030). The requests do not say who calls: the AMRMToken of the connection does.
struct ApplicationMasterService: RPCService {
    let edge: ServiceEdge
    let encoding: MasterReplyEncoding

    let protocolName = ProtocolName.applicationMaster

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        guard let token = Self.token(of: call) else {
            responder.fail(.accessControl("\(call.method) needs an AMRMToken; this connection was opened without one."))
            return
        }
        switch call.method {
        case "registerApplicationMaster": self.register(call, token, responder)
        case "allocate": self.allocate(call, token, responder)
        case "finishApplicationMaster": self.finish(call, token, responder)
        default: responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
        }
    }

    private static func token(of call: RPCCall) -> AMRMTokenIdentifier? {
        guard case .token(kind: TokenKind.amrm, let identifier) = call.caller.authentication else { return nil }
        return try? AMRMTokenIdentifier(bytes: identifier)
    }

    private func register(_ call: RPCCall, _ token: AMRMTokenIdentifier, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: RegisterApplicationMasterRequestProto.self) else {
            return
        }
        guard request.placementConstraints.isEmpty else {
            responder.fail(
                .yarn(
                    "registerApplicationMaster: placement constraints are not supported; remove placement_constraints, "
                        + "or ask for nodes and racks by name."
                )
            )
            return
        }
        let registration = ResourceManagerCore.MasterRegistration(
            host: request.host,
            rpcPort: request.hasRpcPort ? request.rpcPort : -1,
            trackingURL: request.trackingURL
        )
        let encoding = self.encoding
        self.edge.postSigning(
            responder,
            { .applicationMasterRegistered($0, token.attempt, registration) },
            answer: { reply throws(RPCFailure) in
                guard case .masterRegistered(let reply) = reply else { throw ServiceEdge.unexpectedReply }
                do throws(TokenSigner.UnknownKey) {
                    return try encoding.response(reply)
                } catch {
                    throw RPCFailure(error)
                }
            }
        )
    }

    private func allocate(_ call: RPCCall, _ token: AMRMTokenIdentifier, _ responder: RPCResponder) {
        guard let proto = self.edge.decode(call, responder, as: AllocateRequestProto.self) else { return }
        if let refusal = Self.refusal(of: proto) {
            responder.fail(refusal)
            return
        }
        let request: ResourceManagerCore.AllocateRequest
        do {
            request = try .init(validating: proto)
        } catch {
            responder.fail(.invalidResourceRequest("Invalid resource request, \(error)."))
            return
        }
        let encoding = self.encoding
        self.edge.postSigning(
            responder,
            { .allocateRequested($0, token.attempt, keyID: token.keyID, request) },
            answer: { reply throws(RPCFailure) in
                guard case .allocate(let reply) = reply else { throw ServiceEdge.unexpectedReply }
                do throws(TokenSigner.UnknownKey) {
                    return try encoding.response(reply)
                } catch {
                    throw RPCFailure(error)
                }
            }
        )
    }

    /// What this ResourceManager does not do is refused as a whole, so that nobody waits for it in vain.
    private static func refusal(of request: AllocateRequestProto) -> RPCFailure? {
        if !request.schedulingRequests.isEmpty {
            return .yarn(
                "allocate: scheduling requests with placement constraints are not supported "
                    + "(yarn.resourcemanager.placement-constraints.handler is disabled); use resource requests."
            )
        }
        if !request.updateRequests.isEmpty {
            return .yarn(
                "allocate: containers cannot be resized or promoted; release the container and ask for another."
            )
        }
        return nil
    }

    private func finish(_ call: RPCCall, _ token: AMRMTokenIdentifier, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: FinishApplicationMasterRequestProto.self) else {
            return
        }
        let finish = ResourceManagerCore.MasterFinish(
            finalStatus: FinalApplicationStatus(request.finalApplicationStatus),
            diagnostics: request.diagnostics,
            trackingURL: request.trackingURL
        )
        self.edge.post(
            responder,
            { .applicationMasterFinished($0, token.attempt, finish) },
            answer: { reply throws(RPCFailure) in
                guard case .masterFinished(let isUnregistered) = reply else { throw ServiceEdge.unexpectedReply }
                var response = FinishApplicationMasterResponseProto()
                response.isUnregistered = isUnregistered
                return response
            }
        )
    }
}
