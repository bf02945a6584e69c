import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import ResourceManagerCore
import SwiftProtobuf

/// Delegation tokens.
extension ClientService {
    func getDelegationToken(_ call: RPCCall, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: GetDelegationTokenRequestProto.self) else { return }
        let edge = self.edge
        let service = self.tokenService.text
        edge.callers.resolve(call.caller) { caller in
            edge.postSigning(
                responder,
                { .delegationTokenRequested($0, renewer: request.renewer, by: caller) },
                answer: { reply throws(RPCFailure) in
                    guard case .delegationToken(let token) = reply else { throw ServiceEdge.unexpectedReply }
                    var response = GetDelegationTokenResponseProto()
                    do throws(TokenSigner.UnknownKey) {
                        response.token = try edge.signer.delegationToken(token, service: service).proto
                    } catch {
                        throw RPCFailure(error)
                    }
                    return response
                }
            )
        }
    }

    func renewDelegationToken(_ call: RPCCall, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: RenewDelegationTokenRequestProto.self),
            let sequenceNumber = self.verify(HadoopToken(request.token), responder)
        else { return }
        self.edge.callers.resolve(call.caller) { caller in
            self.edge.post(
                responder,
                { .delegationTokenRenewalRequested($0, sequenceNumber: sequenceNumber, by: caller) },
                answer: { reply throws(RPCFailure) in
                    guard case .delegationTokenRenewed(let expiresAt) = reply else {
                        throw ServiceEdge.unexpectedReply
                    }
                    var response = RenewDelegationTokenResponseProto()
                    response.newExpiryTime = UInt64(clamping: expiresAt.milliseconds)
                    return response
                }
            )
        }
    }

    func cancelDelegationToken(_ call: RPCCall, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: CancelDelegationTokenRequestProto.self),
            let sequenceNumber = self.verify(HadoopToken(request.token), responder)
        else { return }
        self.edge.callers.resolve(call.caller) { caller in
            self.edge.post(
                responder,
                { .delegationTokenCancellationRequested($0, sequenceNumber: sequenceNumber, by: caller) },
                answer: { _ in CancelDelegationTokenResponseProto() }
            )
        }
    }

    /// The number of a token that was issued here and still holds, or an answer that says why it is not accepted.
    private func verify(_ token: HadoopToken, _ responder: RPCResponder) -> Int32? {
        do throws(RPCFailure) {
            let account = try self.accounts.client(token.identifier)
            guard account.password == token.password,
                let identifier = try? RMDelegationTokenIdentifier(bytes: token.identifier)
            else { throw RPCFailure.invalidToken("The token's password is not that of its identifier.") }
            return identifier.sequenceNumber
        } catch {
            responder.fail(error)
            return nil
        }
    }
}
