import ClusterModel
package import HadoopHTTP
package import ResourceManagerCore
import SchedulerCore

/// SchedulerInfo: the queue tree as the CapacityScheduler shows it.
package struct SchedulerRepresentation: Sendable {
    private let presentation: ClusterPresentation
    private let queues: [String: QueueView]

    package init(queues: [QueueView], presentation: ClusterPresentation) {
        self.queues = Dictionary(queues.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        self.presentation = presentation
    }

    package func rest() -> RESTObject {
        var info = RESTObject(type: "capacityScheduler")
        if let root = self.queues["root"] {
            info.add("capacity", Self.percent(root.capacityPartsPerMillion))
            info.add("usedCapacity", self.usedCapacity(root))
            info.add("maxCapacity", Self.percent(root.maximumCapacityPartsPerMillion))
            info.add("queueName", root.name)
            info.add("queues", self.children(of: root))
            info.add("capacities", self.capacities(root))
        }
        info.add("health", self.health())
        var scheduler = RESTObject()
        scheduler.add("schedulerInfo", info)
        return scheduler
    }

    private static func percent(_ partsPerMillion: Int64) -> Float { Float(Double(partsPerMillion) / 10_000) }

    private func usedCapacity(_ queue: QueueView) -> Float {
        let share = self.presentation.clusterShare(partsPerMillion: queue.absoluteCapacityPartsPerMillion)
        return self.presentation.percentage(queue.used, of: share)
    }

    private func absoluteUsedCapacity(_ queue: QueueView) -> Float {
        self.presentation.percentage(queue.used, of: self.presentation.clusterTotal)
    }

    private func children(of queue: QueueView) -> RESTObject {
        var queues = RESTObject()
        queues.add("queue", queue.children.compactMap { self.queues[$0] }.map { self.queue($0) })
        return queues
    }

    /// CapacitySchedulerQueueInfo, with what a leaf adds.
    private func queue(_ queue: QueueView) -> RESTObject {
        var info = RESTObject(type: queue.isLeaf ? "capacitySchedulerLeafQueueInfo" : nil)
        info.add("capacity", Self.percent(queue.capacityPartsPerMillion))
        info.add("usedCapacity", self.usedCapacity(queue))
        info.add("maxCapacity", Self.percent(queue.maximumCapacityPartsPerMillion))
        info.add("absoluteCapacity", Self.percent(queue.absoluteCapacityPartsPerMillion))
        info.add("absoluteMaxCapacity", Self.percent(queue.absoluteMaximumCapacityPartsPerMillion))
        info.add("absoluteUsedCapacity", self.absoluteUsedCapacity(queue))
        info.add("numApplications", queue.activeApplications + queue.pendingApplications)
        info.add("queueName", queue.name)
        info.add("state", queue.state.name)
        if !queue.isLeaf { info.add("queues", self.children(of: queue)) }
        info.add("resourcesUsed", queue.used.rest())
        info.add("hideReservationQueues", false)
        info.add("nodeLabels", ["*"])
        info.add("allocatedContainers", queue.allocatedContainers)
        info.add("reservedContainers", queue.reservedContainers)
        info.add("pendingContainers", queue.pendingContainers)
        info.add("capacities", self.capacities(queue))
        info.add("resources", Self.resources(self.usage(queue)))
        info.add("minEffectiveCapacity", queue.effectiveMinimum.rest())
        info.add("maxEffectiveCapacity", queue.effectiveMaximum.rest())
        if queue.isLeaf { self.addLeaf(queue, to: &info) }
        return info
    }

    private func addLeaf(_ queue: QueueView, to info: inout RESTObject) {
        info.add("numActiveApplications", queue.activeApplications)
        info.add("numPendingApplications", queue.pendingApplications)
        info.add("numContainers", queue.allocatedContainers)
        info.add("maxApplications", queue.maximumApplications)
        info.add("maxApplicationsPerUser", queue.maximumApplications)
        info.add("userLimit", queue.userLimitPercent)
        var users = RESTObject()
        users.add("user", queue.users.map { self.user($0, of: queue) })
        info.add("users", users)
        info.add("userLimitFactor", Float(Double(queue.userLimitFactorPartsPerMillion) / 1_000_000))
        info.add("AMResourceLimit", queue.masterLimit.rest())
        info.add("usedAMResource", queue.masterUsed.rest())
        info.add("userAMResourceLimit", queue.masterLimit.rest())
        info.add("preemptionDisabled", true)
        info.add("intraQueuePreemptionDisabled", true)
        info.add("defaultPriority", queue.defaultApplicationPriority)
        info.add("isAutoCreatedLeafQueue", false)
    }

    /// UserInfo.
    private func user(_ user: QueueUserView, of queue: QueueView) -> RESTObject {
        var usage = PartitionUsage(used: user.used)
        usage.masterUsed = user.masterUsed
        usage.masterLimit = queue.masterLimit
        var info = RESTObject()
        info.add("username", user.user)
        info.add("resourcesUsed", user.used.rest())
        info.add("numPendingApplications", user.pendingApplications)
        info.add("numActiveApplications", user.activeApplications)
        info.add("AMResourceUsed", user.masterUsed.rest())
        info.add("userResourceLimit", self.userLimit(of: queue).rest())
        info.add("resources", Self.resources(usage))
        info.add("userWeight", Float(1))
        info.add("isActive", user.pendingApplications > 0)
        return info
    }

    /// What one user may hold: the queue's share times the user-limit factor. A calculator that does not count vcores
    /// shows one.
    private func userLimit(of queue: QueueView) -> ResourceVector {
        let factor = Double(queue.userLimitFactorPartsPerMillion) / 1_000_000
        let scaled = ResourceVector(
            memoryMiB: Int64(Double(queue.effectiveMinimum.memoryMiB) * factor),
            vcores: Int64(Double(queue.effectiveMinimum.vcores) * factor)
        )
        let limit = scaled.minimum(queue.effectiveMaximum)
        return self.presentation.scheduler.resourceCalculator == .dominant
            ? limit : ResourceVector(memoryMiB: limit.memoryMiB, vcores: 1)
    }

    private func usage(_ queue: QueueView) -> PartitionUsage {
        PartitionUsage(
            used: queue.used,
            reserved: queue.reserved,
            pending: queue.pending,
            masterUsed: queue.masterUsed,
            masterLimit: queue.masterLimit,
            userMasterLimit: queue.masterLimit
        )
    }

    private static func resources(_ usage: PartitionUsage) -> RESTObject {
        var resources = RESTObject()
        resources.add("resourceUsagesByPartition", [usage.rest()])
        return resources
    }

    /// QueueCapacitiesInfo. Amounts are configured as fractions here, so a queue below the root shows none as absolute.
    private func capacities(_ queue: QueueView) -> RESTObject {
        let isRoot = queue.path == "root"
        let settings = self.presentation.scheduler
        let configured =
            isRoot
            ? self.presentation.clusterTotal.rest()
            : ResourceVector.zero.rest(minimum: settings.minimumAllocation, maximum: settings.maximumAllocation)
        var partition = RESTObject()
        partition.add("partitionName", "")
        partition.add("capacity", Self.percent(queue.capacityPartsPerMillion))
        partition.add("usedCapacity", self.usedCapacity(queue))
        partition.add("maxCapacity", Self.percent(queue.maximumCapacityPartsPerMillion))
        partition.add("absoluteCapacity", Self.percent(queue.absoluteCapacityPartsPerMillion))
        partition.add("absoluteUsedCapacity", self.absoluteUsedCapacity(queue))
        partition.add("absoluteMaxCapacity", Self.percent(queue.absoluteMaximumCapacityPartsPerMillion))
        partition.add(
            "maxAMLimitPercentage",
            queue.isLeaf ? Self.percent(queue.maximumMasterResourcePartsPerMillion) : 0
        )
        partition.add("configuredMinResource", configured)
        partition.add("configuredMaxResource", configured)
        partition.add("effectiveMinResource", queue.effectiveMinimum.rest())
        partition.add("effectiveMaxResource", queue.effectiveMaximum.rest())
        var capacities = RESTObject()
        capacities.add("queueCapacitiesByPartition", [partition])
        return capacities
    }

    /// CapacitySchedulerHealthInfo. Placement here has no runs that could be late: every change is placed at once, so
    /// the last run is now and did nothing that is still to be told.
    private func health() -> RESTObject {
        var health = RESTObject()
        health.add("lastrun", self.presentation.now.milliseconds)
        health.add(
            "operationsInfo",
            ["last-allocation", "last-release", "last-preemption", "last-reservation"].map { name in
                var operation = RESTObject()
                operation.add("operation", name)
                operation.add("nodeId", "N/A")
                operation.add("containerId", "N/A")
                operation.add("queue", "N/A")
                return operation
            }
        )
        health.add(
            "lastRunDetails",
            ["releases", "allocations", "reservations"].map { name in
                var detail = RESTObject()
                detail.add("operation", name)
                detail.add("count", 0)
                detail.add("resources", ResourceVector.zero.rest())
                return detail
            }
        )
        return health
    }
}
