import ClusterModel
package import HadoopHTTP
package import ResourceManagerCore

extension NodeView {
    /// NodeInfo.
    package func rest() -> RESTObject {
        var node = RESTObject()
        node.add("rack", self.rack)
        node.add("state", self.state.name)
        node.add("id", self.id.description)
        node.add("nodeHostName", self.id.host)
        // A node that is gone has no pages to link to.
        node.add("nodeHTTPAddress", self.state.isInactive ? "" : self.httpAddress)
        node.add("lastHealthUpdate", self.healthReportedAt.milliseconds)
        node.add("version", self.version)
        node.add("healthReport", self.healthReport)
        node.add("numContainers", self.containerCount)
        node.add("usedMemoryMB", self.used.memoryMiB)
        node.add("availMemoryMB", self.available.memoryMiB)
        node.add("usedVirtualCores", self.used.vcores)
        node.add("availableVirtualCores", self.available.vcores)
        // Opportunistic containers and their queue at the node are not scheduled here.
        node.add("numRunningOpportContainers", 0)
        node.add("usedMemoryOpportGB", 0)
        node.add("usedVirtualCoresOpport", 0)
        node.add("numQueuedContainers", 0)
        node.add("nodeLabels", self.labels)
        node.add("allocationTags", RESTObject())
        node.add("resourceUtilization", self.utilizationREST())
        node.add("usedResource", self.used.rest())
        node.add("availableResource", self.available.rest())
        node.add("nodeAttributesInfo", RESTObject())
        return node
    }

    private func utilizationREST() -> RESTObject {
        let none = ResourceUtilization(physicalMemoryMiB: 0, virtualMemoryMiB: 0, cpu: 0)
        let node = self.nodeUtilization ?? none
        let containers = self.containersUtilization ?? none
        var utilization = RESTObject()
        utilization.add("nodePhysicalMemoryMB", node.physicalMemoryMiB)
        utilization.add("nodeVirtualMemoryMB", node.virtualMemoryMiB)
        // Hadoop widens the float that nodes send, which shows in the digits.
        utilization.add("nodeCPUUsage", Double(node.cpu))
        utilization.add("aggregatedContainersPhysicalMemoryMB", containers.physicalMemoryMiB)
        utilization.add("aggregatedContainersVirtualMemoryMB", containers.virtualMemoryMiB)
        utilization.add("containersCPUUsage", Double(containers.cpu))
        return utilization
    }
}

extension ClusterMetricsView {
    /// ClusterMetricsInfo.
    package func rest() -> RESTObject {
        var metrics = RESTObject()
        metrics.add("appsSubmitted", self.applicationsSubmitted)
        metrics.add("appsCompleted", self.applicationsCompleted)
        metrics.add("appsPending", self.applicationsPending)
        metrics.add("appsRunning", self.applicationsRunning)
        metrics.add("appsFailed", self.applicationsFailed)
        metrics.add("appsKilled", self.applicationsKilled)
        metrics.add("reservedMB", self.reserved.memoryMiB)
        metrics.add("availableMB", self.available.memoryMiB)
        metrics.add("allocatedMB", self.allocated.memoryMiB)
        metrics.add("reservedVirtualCores", self.reserved.vcores)
        metrics.add("availableVirtualCores", self.available.vcores)
        metrics.add("allocatedVirtualCores", self.allocated.vcores)
        metrics.add("containersAllocated", self.containersAllocated)
        metrics.add("containersReserved", self.containersReserved)
        metrics.add("containersPending", self.containersPending)
        metrics.add("totalMB", self.total.memoryMiB)
        metrics.add("totalVirtualCores", self.total.vcores)
        metrics.add("totalNodes", self.totalNodes)
        metrics.add("lostNodes", self.lostNodes)
        metrics.add("unhealthyNodes", self.unhealthyNodes)
        metrics.add("decommissioningNodes", self.decommissioningNodes)
        metrics.add("decommissionedNodes", self.decommissionedNodes)
        metrics.add("rebootedNodes", self.rebootedNodes)
        metrics.add("activeNodes", self.activeNodes)
        metrics.add("shutdownNodes", self.shutdownNodes)
        metrics.add("totalUsedResourcesAcrossPartition", self.allocated.rest())
        metrics.add("totalClusterResourcesAcrossPartition", self.total.rest())
        return metrics
    }
}
