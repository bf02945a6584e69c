package import ClusterModel

/// A node as reports and REST show it.
package struct NodeView: Sendable, Hashable {
    package var id: NodeID
    /// `host:port` of its web server.
    package var httpAddress: String
    package var rack: String
    package var state: NodeState
    package var version: String
    package var capacity: ResourceVector
    /// By the scheduler's books.
    package var used: ResourceVector
    package var containerCount: Int32
    package var healthReport: String
    /// When the node last looked at its health.
    package var healthReportedAt: Timestamp
    package var containersUtilization: ResourceUtilization?
    package var nodeUtilization: ResourceUtilization?
    package var labels: [String]
    /// Seconds that a DECOMMISSIONING node is given; nil otherwise.
    package var decommissioningTimeoutSeconds: Int64?

    package init(
        id: NodeID,
        httpAddress: String,
        rack: String,
        state: NodeState,
        version: String,
        capacity: ResourceVector,
        used: ResourceVector,
        containerCount: Int32,
        healthReport: String,
        healthReportedAt: Timestamp,
        containersUtilization: ResourceUtilization? = nil,
        nodeUtilization: ResourceUtilization? = nil,
        labels: [String],
        decommissioningTimeoutSeconds: Int64? = nil
    ) {
        self.id = id
        self.httpAddress = httpAddress
        self.rack = rack
        self.state = state
        self.version = version
        self.capacity = capacity
        self.used = used
        self.containerCount = containerCount
        self.healthReport = healthReport
        self.healthReportedAt = healthReportedAt
        self.containersUtilization = containersUtilization
        self.nodeUtilization = nodeUtilization
        self.labels = labels
        self.decommissioningTimeoutSeconds = decommissioningTimeoutSeconds
    }

    /// Never below zero, even after a capacity was lowered.
    package var available: ResourceVector {
        (self.capacity - self.used).maximum(.zero)
    }
}

/// A queue as reports and REST show it.
package struct QueueView: Sendable, Hashable {
    /// Full path; the root's is `root`.
    package var path: String
    package var name: String
    /// Paths of the children; empty for a leaf.
    package var children: [String]
    package var state: QueueState
    /// Fractions in parts per million, of the parent and of the whole cluster.
    package var capacityPartsPerMillion: Int64
    package var maximumCapacityPartsPerMillion: Int64
    package var absoluteCapacityPartsPerMillion: Int64
    package var absoluteMaximumCapacityPartsPerMillion: Int64
    package var used: ResourceVector
    package var pending: ResourceVector
    package var reserved: ResourceVector
    /// Held by ApplicationMasters, and how much they may.
    package var masterUsed: ResourceVector
    package var masterLimit: ResourceVector
    package var maximumMasterResourcePartsPerMillion: Int64
    /// What the queue is owed and what it may reach, in the cluster of this moment.
    package var effectiveMinimum: ResourceVector
    package var effectiveMaximum: ResourceVector
    package var maximumAllocation: ResourceVector
    package var activeApplications: Int32
    package var pendingApplications: Int32
    package var allocatedContainers: Int32
    package var pendingContainers: Int32
    package var reservedContainers: Int32
    package var maximumApplications: Int32
    package var userLimitPercent: Int32
    package var userLimitFactorPartsPerMillion: Int64
    package var defaultApplicationPriority: Int32
    package var maximumApplicationLifetimeSeconds: Int64
    package var defaultApplicationLifetimeSeconds: Int64
    package var submitAccessControl: String
    package var administerAccessControl: String
    /// Sorted by name.
    package var users: [QueueUserView]
    package var statistics: QueueStatisticsView

    package init(
        path: String,
        name: String,
        children: [String],
        state: QueueState,
        capacityPartsPerMillion: Int64,
        maximumCapacityPartsPerMillion: Int64,
        absoluteCapacityPartsPerMillion: Int64,
        absoluteMaximumCapacityPartsPerMillion: Int64,
        used: ResourceVector,
        pending: ResourceVector,
        reserved: ResourceVector,
        masterUsed: ResourceVector,
        masterLimit: ResourceVector,
        maximumMasterResourcePartsPerMillion: Int64,
        effectiveMinimum: ResourceVector,
        effectiveMaximum: ResourceVector,
        maximumAllocation: ResourceVector,
        activeApplications: Int32,
        pendingApplications: Int32,
        allocatedContainers: Int32,
        pendingContainers: Int32,
        reservedContainers: Int32,
        maximumApplications: Int32,
        userLimitPercent: Int32,
        userLimitFactorPartsPerMillion: Int64,
        defaultApplicationPriority: Int32,
        maximumApplicationLifetimeSeconds: Int64,
        defaultApplicationLifetimeSeconds: Int64,
        submitAccessControl: String,
        administerAccessControl: String,
        users: [QueueUserView],
        statistics: QueueStatisticsView
    ) {
        self.path = path
        self.name = name
        self.children = children
        self.state = state
        self.capacityPartsPerMillion = capacityPartsPerMillion
        self.maximumCapacityPartsPerMillion = maximumCapacityPartsPerMillion
        self.absoluteCapacityPartsPerMillion = absoluteCapacityPartsPerMillion
        self.absoluteMaximumCapacityPartsPerMillion = absoluteMaximumCapacityPartsPerMillion
        self.used = used
        self.pending = pending
        self.reserved = reserved
        self.masterUsed = masterUsed
        self.masterLimit = masterLimit
        self.maximumMasterResourcePartsPerMillion = maximumMasterResourcePartsPerMillion
        self.effectiveMinimum = effectiveMinimum
        self.effectiveMaximum = effectiveMaximum
        self.maximumAllocation = maximumAllocation
        self.activeApplications = activeApplications
        self.pendingApplications = pendingApplications
        self.allocatedContainers = allocatedContainers
        self.pendingContainers = pendingContainers
        self.reservedContainers = reservedContainers
        self.maximumApplications = maximumApplications
        self.userLimitPercent = userLimitPercent
        self.userLimitFactorPartsPerMillion = userLimitFactorPartsPerMillion
        self.defaultApplicationPriority = defaultApplicationPriority
        self.maximumApplicationLifetimeSeconds = maximumApplicationLifetimeSeconds
        self.defaultApplicationLifetimeSeconds = defaultApplicationLifetimeSeconds
        self.submitAccessControl = submitAccessControl
        self.administerAccessControl = administerAccessControl
        self.users = users
        self.statistics = statistics
    }

    package var isLeaf: Bool { self.children.isEmpty }
}

/// One user's part of a leaf queue.
package struct QueueUserView: Sendable, Hashable {
    package var user: String
    package var used: ResourceVector
    package var masterUsed: ResourceVector
    package var activeApplications: Int32
    package var pendingApplications: Int32

    package init(
        user: String,
        used: ResourceVector = .zero,
        masterUsed: ResourceVector = .zero,
        activeApplications: Int32 = 0,
        pendingApplications: Int32 = 0
    ) {
        self.user = user
        self.used = used
        self.masterUsed = masterUsed
        self.activeApplications = activeApplications
        self.pendingApplications = pendingApplications
    }
}

/// Counts since the start of this run (QueueStatisticsProto).
package struct QueueStatisticsView: Sendable, Hashable {
    package var submitted: Int64 = 0
    package var running: Int64 = 0
    package var pending: Int64 = 0
    package var completed: Int64 = 0
    package var killed: Int64 = 0
    package var failed: Int64 = 0

    package init() {}
}

/// The whole cluster in numbers (clusterMetrics, YarnClusterMetricsProto).
package struct ClusterMetricsView: Sendable, Hashable {
    package var applicationsSubmitted: Int64 = 0
    package var applicationsCompleted: Int64 = 0
    package var applicationsPending: Int64 = 0
    package var applicationsRunning: Int64 = 0
    package var applicationsFailed: Int64 = 0
    package var applicationsKilled: Int64 = 0
    /// Capacity of the nodes in use.
    package var total = ResourceVector.zero
    package var allocated = ResourceVector.zero
    package var reserved = ResourceVector.zero
    package var pending = ResourceVector.zero
    package var containersAllocated: Int64 = 0
    package var containersReserved: Int64 = 0
    package var containersPending: Int64 = 0
    package var activeNodes: Int32 = 0
    package var lostNodes: Int32 = 0
    package var unhealthyNodes: Int32 = 0
    package var decommissioningNodes: Int32 = 0
    package var decommissionedNodes: Int32 = 0
    package var rebootedNodes: Int32 = 0
    package var shutdownNodes: Int32 = 0

    package init() {}

    /// `available` of REST.
    package var available: ResourceVector { (self.total - self.allocated - self.reserved).maximum(.zero) }
    /// `totalNodes` of REST and `num_node_managers`.
    package var totalNodes: Int32 {
        self.activeNodes + self.lostNodes + self.unhealthyNodes + self.decommissioningNodes + self.decommissionedNodes
            + self.rebootedNodes + self.shutdownNodes
    }
}

/// The keys of one kind that sign and are accepted now.
package struct KeyRingView: Sendable, Hashable {
    package var kind: MasterKeyKind
    /// Signs unless a reply names another.
    package var current: MasterKey
    /// All that are accepted, by id.
    package var accepted: [MasterKey]

    package init(
        kind: MasterKeyKind,
        current: MasterKey,
        accepted: [MasterKey]
    ) {
        self.kind = kind
        self.current = current
        self.accepted = accepted
    }

    package func key(_ id: Int32) -> MasterKey? {
        self.accepted.first { $0.id == id }
    }
}
