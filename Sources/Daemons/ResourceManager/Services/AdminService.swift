import ClusterModel
import HadoopHTTP
import HadoopProtos
import HadoopRPC
import ModelConversion
import NIOPosix
import ResourceManagerCore
import Settings
import SwiftProtobuf

/// ResourceManagerAdministrationProtocol (port 8033): what `yarn rmadmin` asks.
struct AdminService: RPCService {
    let edge: ServiceEdge
    let nodeLists: NodeListFiles
    /// Reads the configuration folder again.
    let reload: ResourceManagerDaemon.Reload

    let protocolName = ProtocolName.administration

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        switch call.method {
        case "refreshQueues": self.refreshQueues(call, responder)
        case "refreshNodes": self.refreshNodes(call, responder)
        case "checkForDecommissioningNodes": self.checkForDecommissioningNodes(call, responder)
        case "getGroupsForUser": self.getGroupsForUser(call, responder)
        case let method where Self.known.contains(method):
            responder.fail(
                .yarn(
                    "\(method) is not supported: change the configuration file and restart the ResourceManager; running "
                        + "applications go on when yarn.resourcemanager.recovery.enabled is true."
                )
            )
        default: responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
        }
    }

    private static let known: Set<String> = [
        "refreshSuperUserGroupsConfiguration", "refreshUserToGroupsMappings", "refreshAdminAcls",
        "refreshServiceAcls", "updateNodeResource", "refreshNodesResources", "addToClusterNodeLabels",
        "removeFromClusterNodeLabels", "replaceLabelsOnNodes", "refreshClusterMaxPriority", "mapAttributesToNodes",
    ]

    /// Reads the queues again. A configuration that is wrong changes nothing, and the caller is told what is wrong.
    private func refreshQueues(_ call: RPCCall, _ responder: RPCResponder) {
        self.edge.callers.resolve(call.caller) { caller in
            NIOThreadPool.singleton.submit { _ in
                do {
                    let read = try self.reload().core.scheduler
                    self.edge.post(
                        responder,
                        { .queuesRefreshed($0, read, by: caller) },
                        answer: { _ in RefreshQueuesResponseProto() }
                    )
                } catch {
                    responder.fail(.yarn("The queues stay as they are: \(error)"))
                }
            }
        }
    }

    /// Reads the include and exclude files again; nodes that are no longer welcome are shut down, or drain first when
    /// the request is a graceful one. A forceful one ends the draining and reads nothing.
    private func refreshNodes(_ call: RPCCall, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: RefreshNodesRequestProto.self) else { return }
        self.edge.callers.resolve(call.caller) { caller in
            NIOThreadPool.singleton.submit { _ in
                let refresh: ResourceManagerCore.NodeRefresh
                do throws(NodeListFiles.Unreadable) {
                    refresh = try self.nodeRefresh(request)
                } catch {
                    responder.fail(.yarn(error.description))
                    return
                }
                self.edge.post(
                    responder,
                    { .nodesRefreshed($0, refresh, by: caller) },
                    answer: { _ in RefreshNodesResponseProto() }
                )
            }
        }
    }

    private func nodeRefresh(
        _ request: RefreshNodesRequestProto
    ) throws(NodeListFiles.Unreadable) -> ResourceManagerCore.NodeRefresh {
        switch request.decommissionType {
        case .normal: .normal(try self.nodeLists.read())
        case .graceful:
            .graceful(
                try self.nodeLists.read(),
                timeoutSeconds: request.hasDecommissionTimeout ? Int64(request.decommissionTimeout) : nil
            )
        case .forceful: .forceful
        }
    }

    private func checkForDecommissioningNodes(_ call: RPCCall, _ responder: RPCResponder) {
        self.asAdministrator(call, responder) {
            var response = CheckForDecommissioningNodesResponseProto()
            response.decommissioningNodes = self.edge.snapshot.nodes { $0.state == .decommissioning }.map(\.id.proto)
            responder.succeed(response)
        }
    }

    private func getGroupsForUser(_ call: RPCCall, _ responder: RPCResponder) {
        guard let request = self.edge.decode(call, responder, as: GetGroupsForUserRequestProto.self) else { return }
        NIOThreadPool.singleton.submit { _ in
            var response = GetGroupsForUserResponseProto()
            response.groups = SystemGroups.groups(of: request.user)
            responder.succeed(response)
        }
    }

    private func asAdministrator(
        _ call: RPCCall,
        _ responder: RPCResponder,
        _ body: @escaping @Sendable () -> Void
    ) {
        self.edge.callers.resolve(call.caller) { caller in
            guard self.edge.snapshot.settings.isAdministrator(caller) else {
                responder.fail(RPCFailure(.administratorOnly(user: caller.user, operation: call.method)))
                return
            }
            body()
        }
    }
}
