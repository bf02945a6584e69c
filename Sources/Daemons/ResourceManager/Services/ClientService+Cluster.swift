import ClusterModel
import HadoopProtos
import HadoopRPC
import ModelConversion
import ResourceManagerCore
import SchedulerCore
import SwiftProtobuf

/// What the cluster consists of: metrics, nodes, queues, labels, resource types.
extension ClientService {
    func getClusterMetrics(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetClusterMetricsRequestProto.self) { _, _ in
            let metrics = self.edge.snapshot.metrics
            var proto = YarnClusterMetricsProto()
            proto.numNodeManagers = metrics.totalNodes
            proto.numActiveNms = metrics.activeNodes
            proto.numLostNms = metrics.lostNodes
            proto.numUnhealthyNms = metrics.unhealthyNodes
            proto.numRebootedNms = metrics.rebootedNodes
            proto.numDecommissioningNms = metrics.decommissioningNodes
            proto.numDecommissionedNms = metrics.decommissionedNodes
            proto.numShutdownNms = metrics.shutdownNodes
            var response = GetClusterMetricsResponseProto()
            response.clusterMetrics = proto
            return response
        }
    }

    func getClusterNodes(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetClusterNodesRequestProto.self) { request, _ in
            let states = Set(request.nodeStates.map { NodeState($0) })
            var response = GetClusterNodesResponseProto()
            response.nodeReports = self.edge.snapshot
                .nodes { states.isEmpty || states.contains($0.state) }
                .map(\.report)
            return response
        }
    }

    func getResourceTypeInfo(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetAllResourceTypeInfoRequestProto.self) { _, _ in
            var response = GetAllResourceTypeInfoResponseProto()
            response.resourceTypeInfo = ResourceTypeInfoProto.all
            return response
        }
    }

    // MARK: Queues

    /// An unknown queue gets an empty answer, as clients of Hadoop 3 expect.
    func getQueueInfo(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetQueueInfoRequestProto.self) { request, caller in
            var response = GetQueueInfoResponseProto()
            guard let queue = self.edge.snapshot.queue(request.queueName) else { return response }
            response.queueInfo = self.info(
                queue,
                request,
                withChildren: request.includeChildQueues || request.recursive,
                caller
            )
            return response
        }
    }

    private func info(
        _ queue: QueueView,
        _ request: GetQueueInfoRequestProto,
        withChildren: Bool,
        _ caller: Caller
    ) -> QueueInfoProto {
        var info = queue.info(available: self.edge.snapshot.metrics.available)
        if withChildren {
            info.childQueues = queue.children.compactMap { path in
                self.edge.snapshot.queue(path).map { child in
                    self.info(child, request, withChildren: request.recursive, caller)
                }
            }
        }
        if request.includeApplications {
            let reports = ReportEncoding(
                proxyAddress: self.proxyAddress.text,
                clusterID: self.clusterID,
                now: self.edge.driver.clock.now,
                clusterTotal: self.edge.snapshot.metrics.total
            )
            let settings = self.edge.snapshot.settings
            info.applications = self.edge.snapshot
                .applications { !$0.state.isFinal && $0.queuePath == queue.path }
                .map { reports.report($0, showsAll: settings.allows(caller, .view, on: $0)) }
        }
        return info
    }

    func getQueueUserAcls(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetQueueUserAclsInfoRequestProto.self) { _, caller in
            let settings = self.edge.snapshot.settings
            func allows(_ list: String) -> Bool {
                settings.isAdministrator(caller)
                    || AccessControlList(list).allows(caller.user, groups: caller.groups)
            }
            var response = GetQueueUserAclsInfoResponseProto()
            response.queueUserAcls = self.edge.snapshot.queues.map { queue in
                var info = QueueUserACLInfoProto()
                info.queueName = queue.name
                if allows(queue.submitAccessControl) {
                    info.userAcls.append(.qaclSubmitApplications)
                }
                if allows(queue.administerAccessControl) {
                    info.userAcls.append(.qaclAdministerQueue)
                }
                return info
            }
            return response
        }
    }

    // MARK: Labels and attributes

    func getNodeToLabels(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetNodesToLabelsRequestProto.self) { _, _ in
            var response = GetNodesToLabelsResponseProto()
            response.nodeToLabels = self.edge.snapshot.nodes { !$0.labels.isEmpty }.map { node in
                var entry = NodeIdToLabelsProto()
                entry.nodeID = node.id.proto
                entry.nodeLabels = node.labels
                return entry
            }
            return response
        }
    }

    func getLabelsToNodes(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetLabelsToNodesRequestProto.self) { request, _ in
            let nodes = self.edge.snapshot.nodes { !$0.labels.isEmpty }
            let labels = Set(nodes.flatMap(\.labels)).filter {
                request.nodeLabels.isEmpty || request.nodeLabels.contains($0)
            }
            var response = GetLabelsToNodesResponseProto()
            response.labelsToNodes = labels.sorted().map { label in
                var entry = LabelsToNodeIdsProto()
                entry.nodeLabels = label
                entry.nodeID = nodes.filter { $0.labels.contains(label) }.map(\.id.proto)
                return entry
            }
            return response
        }
    }

    func getClusterNodeLabels(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetClusterNodeLabelsRequestProto.self) { _, _ in
            let labels = Set(self.edge.snapshot.nodes().flatMap(\.labels)).sorted()
            var response = GetClusterNodeLabelsResponseProto()
            response.deprecatedNodeLabels = labels
            response.nodeLabels = labels.map { name in
                var label = NodeLabelProto()
                label.name = name
                label.isExclusive = true
                return label
            }
            return response
        }
    }

    /// No node has attributes here, so that every question about them has an empty answer.
    func getClusterNodeAttributes(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetClusterNodeAttributesRequestProto.self) { _, _ in
            GetClusterNodeAttributesResponseProto()
        }
    }

    func getAttributesToNodes(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetAttributesToNodesRequestProto.self) { _, _ in
            GetAttributesToNodesResponseProto()
        }
    }

    func getNodesToAttributes(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetNodesToAttributesRequestProto.self) { _, _ in
            GetNodesToAttributesResponseProto()
        }
    }
}

extension ResourceTypeInfoProto {
    /// The resource types that are scheduled.
    static var all: [ResourceTypeInfoProto] {
        [("memory-mb", "Mi"), ("vcores", "")].map { name, units in
            var info = ResourceTypeInfoProto()
            info.name = name
            info.units = units
            info.type = .countable
            return info
        }
    }
}
