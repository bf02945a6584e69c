package import ClusterModel

/// What the scheduler is configured with; `Settings` fills it from yarn-site.xml and capacity-scheduler.xml. The values
/// given here are Hadoop's own defaults.
package struct SchedulerSettings: Sendable, Hashable {
    /// `yarn.scheduler.minimum-allocation-mb` and `-vcores`: every container is a multiple of the memory part.
    package var minimumAllocation = ResourceVector(memoryMiB: 1024, vcores: 1)
    /// `yarn.scheduler.maximum-allocation-mb` and `-vcores`: an ask above it is refused.
    package var maximumAllocation = ResourceVector(memoryMiB: 8192, vcores: 4)
    /// `yarn.scheduler.capacity.resource-calculator`.
    package var resourceCalculator = ResourceCalculator.memoryOnly
    /// `yarn.resourcemanager.rm.container-allocation.expiry-interval-ms`: a grant whose container has not been launched
    /// by then is taken back.
    package var containerAllocationExpiry = Duration.milliseconds(600_000)
    /// `yarn.scheduler.capacity.maximum-applications`: pending and running ones together.
    package var maximumApplications = 10_000
    /// `yarn.scheduler.capacity.maximum-am-resource-percent` (0.1 there) in parts per million: the share of the cluster
    /// that ApplicationMasters may hold.
    package var maximumMasterResourcePartsPerMillion: Int64 = 100_000
    /// `yarn.scheduler.capacity.node-locality-delay`: how many opportunities a node ask lets pass before its rack will
    /// do. Read and kept; placement does not wait yet.
    package var nodeLocalityDelay = 40
    /// `yarn.scheduler.capacity.rack-locality-additional-delay`: as above for leaving the rack; -1 derives it from the
    /// cluster's size.
    package var rackLocalityAdditionalDelay = -1
    /// `yarn.cluster.max-application-priority`: a higher application priority is lowered to it.
    package var maximumApplicationPriority: Int32 = 0
    /// The leaf queues, in configured order. An application's queue is a leaf's name or its path.
    package var queues = [QueueSettings()]

    package init() {}
}

/// `yarn.scheduler.capacity.resource-calculator`: which components of an ask are counted.
package enum ResourceCalculator: Sendable, Hashable {
    /// DefaultResourceCalculator: memory alone; every container counts one vcore.
    case memoryOnly
    /// DominantResourceCalculator: memory and vcores.
    case dominant
}

/// One leaf queue of `yarn.scheduler.capacity.root...`.
package struct QueueSettings: Sendable, Hashable {
    /// Full path, as `root.default`.
    package var path = "root.default"
    package var state = QueueState.running
    /// `.capacity` of the whole cluster in parts per million.
    package var capacityPartsPerMillion: Int64 = 1_000_000
    /// `.maximum-capacity` in parts per million.
    package var maximumCapacityPartsPerMillion: Int64 = 1_000_000
    /// `.maximum-applications`; nil: the scheduler's.
    package var maximumApplications: Int?
    /// `.maximum-am-resource-percent` in parts per million; nil: the scheduler's.
    package var maximumMasterResourcePartsPerMillion: Int64?
    /// `.user-limit-factor` in parts per million.
    package var userLimitFactorPartsPerMillion: Int64 = 1_000_000
    /// `.minimum-user-limit-percent`.
    package var minimumUserLimitPercent: Int32 = 100
    /// `.acl_submit_applications`, in Hadoop's form `users groups`; `*` is everybody.
    package var submitAccessControl = "*"
    /// `.acl_administer_queue`.
    package var administerAccessControl = "*"
    /// `.default-application-priority`.
    package var defaultApplicationPriority: Int32 = 0
    /// `.maximum-application-lifetime` in seconds; -1: no limit.
    package var maximumApplicationLifetimeSeconds: Int64 = -1
    /// `.default-application-lifetime` in seconds; -1: none.
    package var defaultApplicationLifetimeSeconds: Int64 = -1

    package init() {}

    /// The last part of the path, by which clients mostly name a queue.
    package var name: String {
        self.path.split(separator: ".").last.map(String.init) ?? self.path
    }
}
