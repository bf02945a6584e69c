import ClusterModel
import HadoopProtos
import HadoopRPC
import ModelConversion
import ResourceManagerCore
import SwiftProtobuf

/// ApplicationClientProtocol (port 8032): what clients and commands ask. Reads are answered from the snapshot on the
/// connection's own loop; writes go to the core.
struct ClientService: RPCService {
    let edge: ServiceEdge
    /// `host:port` of the web application, through whose proxy tracking URLs go.
    /// Of the proxy, which tracking URLs lead through.
    let proxyAddress: AdvertisedAddress
    /// Lists leave out applications that the caller may not view (`yarn.webapp.filter-entity-list-by-user`).
    let filtersByUser: Bool
    /// `yarn.resourcemanager.cluster-id`; nil when unset.
    let clusterID: String?
    /// Service of delegation tokens: the address that clients look them up by.
    let tokenService: AdvertisedAddress
    let accounts: TokenAccounts

    let protocolName = ProtocolName.applicationClient

    private typealias Method = @Sendable (ClientService, RPCCall, RPCResponder) -> Void

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        if let method = Self.methods[call.method] {
            method(self, call, responder)
        } else if let refusal = Self.refusals[call.method] {
            responder.fail(refusal)
        } else {
            responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
        }
    }

    private static let methods: [String: Method] = [
        "getNewApplication": { $0.getNewApplication($1, $2) },
        "submitApplication": { $0.submitApplication($1, $2) },
        "forceKillApplication": { $0.forceKillApplication($1, $2) },
        "failApplicationAttempt": { $0.failApplicationAttempt($1, $2) },
        "moveApplicationAcrossQueues": { $0.moveApplicationAcrossQueues($1, $2) },
        "updateApplicationPriority": { $0.updateApplicationPriority($1, $2) },
        "updateApplicationTimeouts": { $0.updateApplicationTimeouts($1, $2) },
        "signalToContainer": { $0.signalToContainer($1, $2) },
        "getDelegationToken": { $0.getDelegationToken($1, $2) },
        "renewDelegationToken": { $0.renewDelegationToken($1, $2) },
        "cancelDelegationToken": { $0.cancelDelegationToken($1, $2) },
        "getApplicationReport": { $0.getApplicationReport($1, $2) },
        "getApplications": { $0.getApplications($1, $2) },
        "getApplicationAttemptReport": { $0.getApplicationAttemptReport($1, $2) },
        "getApplicationAttempts": { $0.getApplicationAttempts($1, $2) },
        "getContainerReport": { $0.getContainerReport($1, $2) },
        "getContainers": { $0.getContainers($1, $2) },
        "getClusterMetrics": { $0.getClusterMetrics($1, $2) },
        "getClusterNodes": { $0.getClusterNodes($1, $2) },
        "getQueueInfo": { $0.getQueueInfo($1, $2) },
        "getQueueUserAcls": { $0.getQueueUserAcls($1, $2) },
        "getNodeToLabels": { $0.getNodeToLabels($1, $2) },
        "getLabelsToNodes": { $0.getLabelsToNodes($1, $2) },
        "getClusterNodeLabels": { $0.getClusterNodeLabels($1, $2) },
        "getClusterNodeAttributes": { $0.getClusterNodeAttributes($1, $2) },
        "getAttributesToNodes": { $0.getAttributesToNodes($1, $2) },
        "getNodesToAttributes": { $0.getNodesToAttributes($1, $2) },
        "getResourceTypeInfo": { $0.getResourceTypeInfo($1, $2) },
    ]

    /// Methods of the protocol that are not offered, with the protocol's own answer.
    private static let refusals: [String: RPCFailure] = {
        var refusals: [String: RPCFailure] = [:]
        for name in [
            "getNewReservation", "submitReservation", "updateReservation", "deleteReservation", "listReservations",
        ] {
            refusals[name] = .yarn("\(name): Reservation is not enabled. Please enable & try again")
        }
        for name in ["getResourceProfiles", "getResourceProfile"] {
            refusals[name] = .resourceProfilesNotEnabled(
                "\(name): Resource profile is not enabled, please enable resource profile feature before using its "
                    + "functions. (by setting yarn.resourcemanager.resource-profiles.enabled to true)"
            )
        }
        return refusals
    }()

    /// Answers a read: decodes, resolves the caller, computes on this or the resolver's thread.
    func read<Request: SwiftProtobuf.Message>(
        _ call: RPCCall,
        _ responder: RPCResponder,
        _ type: Request.Type,
        _ body: @escaping @Sendable (Request, Caller) throws(RPCFailure) -> any SwiftProtobuf.Message
    ) {
        guard let request = self.edge.decode(call, responder, as: type) else { return }
        self.edge.callers.resolve(call.caller) { caller in
            do throws(RPCFailure) {
                responder.succeed(try body(request, caller))
            } catch {
                responder.fail(error)
            }
        }
    }

    /// Posts a write: decodes, resolves the caller, and lets `body` read the request's fields into an input.
    func write<Request: SwiftProtobuf.Message>(
        _ call: RPCCall,
        _ responder: RPCResponder,
        _ type: Request.Type,
        _ body:
            @escaping @Sendable (Request, Caller) throws(ConversionError) -> (RequestID) -> ResourceManagerCore.Input,
        answer: @escaping @Sendable (ResourceManagerCore.Reply) throws(RPCFailure) -> any SwiftProtobuf.Message
    ) {
        guard let request = self.edge.decode(call, responder, as: type) else { return }
        self.edge.callers.resolve(call.caller) { caller in
            do throws(ConversionError) {
                self.edge.post(responder, try body(request, caller), answer: answer)
            } catch {
                responder.fail(.malformed(call.method, error))
            }
        }
    }
}
