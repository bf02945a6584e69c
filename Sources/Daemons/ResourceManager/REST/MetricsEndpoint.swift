import ClusterModel
package import HadoopHTTP
import ResourceManagerCore

/// `/jmx` with the beans that monitors of YARN read, and `/isActive`.
package struct MetricsEndpoint: Sendable {
    private let cluster: ClusterResource

    package init(cluster: ClusterResource) {
        self.cluster = cluster
    }

    package func addRoutes(to routes: inout WebRoutes) {
        routes.add(.get, "/isActive") { _, _ in .text("I am Active!") }
        routes.add(.get, "/jmx") { request, _ in
            let pattern = request.query.first("qry") ?? "*:*"
            var content = RESTObject()
            content.add("beans", .list(self.beans().filter { Self.fits($0, pattern) }.map(RESTValue.object)))
            return .document(RESTDocument("jmx", content, isUnwrapped: true), as: .json)
        }
    }

    /// A bean by its whole name, or by what stands before a `*`.
    private static func fits(_ bean: RESTObject, _ pattern: String) -> Bool {
        guard case .string(let name)? = bean.members.first?.value, pattern != "*:*" else { return true }
        guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
        return name.hasPrefix(pattern[..<star])
    }

    private func beans() -> [RESTObject] {
        [self.clusterMetrics()] + self.cluster.snapshot.queues.map(self.queueMetrics) + [self.nodes()]
    }

    private func bean(_ name: String, modeler: String) -> RESTObject {
        var bean = RESTObject()
        bean.add("name", "Hadoop:service=ResourceManager,name=\(name)")
        bean.add("modelerType", modeler)
        bean.add("tag.Context", "yarn")
        bean.add("tag.Hostname", self.cluster.identity.webAddress.split(separator: ":").first.map(String.init))
        return bean
    }

    private func clusterMetrics() -> RESTObject {
        let metrics = self.cluster.snapshot.metrics
        var bean = self.bean("ClusterMetrics", modeler: "ClusterMetrics")
        bean.add("NumActiveNMs", metrics.activeNodes)
        bean.add("NumDecommissioningNMs", metrics.decommissioningNodes)
        bean.add("NumDecommissionedNMs", metrics.decommissionedNodes)
        bean.add("NumLostNMs", metrics.lostNodes)
        bean.add("NumUnhealthyNMs", metrics.unhealthyNodes)
        bean.add("NumRebootedNMs", metrics.rebootedNodes)
        bean.add("NumShutdownNMs", metrics.shutdownNodes)
        return bean
    }

    private func queueMetrics(_ queue: QueueView) -> RESTObject {
        let parts = queue.path.split(separator: ".").enumerated().map { "q\($0.offset)=\($0.element)" }
        var bean = self.bean("QueueMetrics,\(parts.joined(separator: ","))", modeler: "QueueMetrics,\(queue.path)")
        bean.add("tag.Queue", queue.path)
        bean.add("AppsSubmitted", queue.statistics.submitted)
        bean.add("AppsRunning", queue.statistics.running)
        bean.add("AppsPending", queue.statistics.pending)
        bean.add("AppsCompleted", queue.statistics.completed)
        bean.add("AppsKilled", queue.statistics.killed)
        bean.add("AppsFailed", queue.statistics.failed)
        bean.add("ActiveUsers", queue.users.count)
        bean.add("ActiveApplications", queue.activeApplications)
        bean.add("AllocatedMB", queue.used.memoryMiB)
        bean.add("AllocatedVCores", queue.used.vcores)
        bean.add("AllocatedContainers", queue.allocatedContainers)
        bean.add("AvailableMB", max(0, queue.effectiveMaximum.memoryMiB - queue.used.memoryMiB))
        bean.add("AvailableVCores", max(0, queue.effectiveMaximum.vcores - queue.used.vcores))
        bean.add("PendingMB", queue.pending.memoryMiB)
        bean.add("PendingVCores", queue.pending.vcores)
        bean.add("PendingContainers", queue.pendingContainers)
        bean.add("ReservedMB", queue.reserved.memoryMiB)
        bean.add("ReservedVCores", queue.reserved.vcores)
        bean.add("ReservedContainers", queue.reservedContainers)
        return bean
    }

    /// RMNMInfo: an array of nodes as the text of a JSON array.
    private func nodes() -> RESTObject {
        let listed = self.cluster.snapshot.nodes { !$0.state.isInactive }
            .map { node in
                var info = RESTObject()
                info.add("HostName", node.id.host)
                info.add("Rack", node.rack)
                info.add("State", node.state.name)
                info.add("NodeId", node.id.description)
                info.add("NodeHTTPAddress", node.httpAddress)
                info.add("LastHealthUpdate", node.healthReportedAt.milliseconds)
                info.add("HealthReport", node.healthReport)
                info.add("NodeManagerVersion", node.version)
                info.add("NumContainers", node.containerCount)
                info.add("UsedMemoryMB", node.used.memoryMiB)
                info.add("AvailableMemoryMB", node.available.memoryMiB)
                return String(decoding: RESTDocument("node", info, isUnwrapped: true).json(), as: UTF8.self)
            }
        var bean = RESTObject()
        bean.add("name", "Hadoop:service=ResourceManager,name=RMNMInfo")
        bean.add("modelerType", "org.apache.hadoop.yarn.server.resourcemanager.RMNMInfo")
        bean.add("LiveNodeManagers", "[\(listed.joined(separator: ","))]")
        return bean
    }
}
