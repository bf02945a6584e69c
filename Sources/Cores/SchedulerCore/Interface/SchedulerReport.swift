package import ClusterModel

extension Scheduler {
    /// What a node has and uses, by the scheduler's books.
    package struct NodeReport: Sendable, Hashable {
        package var capacity: ResourceVector
        package var used: ResourceVector
        package var containers: Int
    }

    /// What an application holds and wants, by the scheduler's books.
    package struct ApplicationReport: Sendable, Hashable {
        package var used: ResourceVector
        package var masterUsed: ResourceVector
        package var containers: Int
        package var pending: ResourceVector
        package var pendingContainers: Int64
        package var requests: [ResourceRequest]
        package var blacklist: [String]
    }

    /// A leaf queue's numbers.
    package struct QueueReport: Sendable, Hashable {
        package var settings: QueueSettings
        package var used: ResourceVector
        package var pending: ResourceVector
        package var masterUsed: ResourceVector
        package var masterLimit: ResourceVector
        package var effectiveMinimum: ResourceVector
        package var effectiveMaximum: ResourceVector
        package var containers: Int64
        package var pendingContainers: Int64
        package var activeApplications: Int32
        package var pendingApplications: Int32
        /// Sorted by name.
        package var users: [User]

        package struct User: Sendable, Hashable {
            package var name: String
            package var used: ResourceVector
            package var masterUsed: ResourceVector
            package var activeApplications: Int32
            package var pendingApplications: Int32
        }
    }

}

extension Scheduler {
    /// Capacity of the cluster; of a draining node what it still uses.
    package var total: ResourceVector { self.ledger.total }
    package var used: ResourceVector { self.ledger.used }

    /// The largest container that can be asked for: the configured maximum, and no more than the largest node has.
    package var maximumAllocation: ResourceVector {
        guard self.ledger.nodeCount > 0 else { return self.settings.maximumAllocation }
        return self.settings.maximumAllocation.minimum(self.ledger.largestNode)
    }

    package func report(on node: NodeID) -> NodeReport? {
        self.ledger.node(node).map {
            NodeReport(capacity: $0.capacity, used: $0.used, containers: $0.containers.count)
        }
    }

    package func report(on id: ApplicationID) -> ApplicationReport? {
        self.applications[id].map { application in
            ApplicationReport(
                used: application.used,
                masterUsed: application.masterUsed,
                containers: application.containers.count,
                pending: application.attempt?.demand.pending ?? .zero,
                pendingContainers: application.attempt?.demand.pendingContainers ?? 0,
                requests: application.attempt?.demand.rows ?? [],
                blacklist: application.attempt?.blacklist.sorted() ?? []
            )
        }
    }

    /// The path of the leaf that holds an application.
    package func queuePath(of id: ApplicationID) -> String? {
        self.applications[id].map { self.queues[$0.queue].settings.path }
    }

    /// The leaf that a client means by a name or a path.
    package func queueSettings(named name: String) -> QueueSettings? {
        self.queueIndex(named: name).map { self.queues[$0].settings }
    }

    /// Every leaf, in configured order.
    package var queueReports: [QueueReport] {
        self.queues.map { queue in
            let parts = queue.settings.capacityPartsPerMillion
            let maximumParts = queue.settings.maximumCapacityPartsPerMillion
            return QueueReport(
                settings: queue.settings,
                used: queue.used,
                pending: queue.pending,
                masterUsed: queue.masterUsed,
                masterLimit: queue.masterLimit(ofCluster: self.ledger.total, settings: self.settings),
                effectiveMinimum: self.ledger.total.scaled(partsPerMillion: parts),
                effectiveMaximum: self.ledger.total.scaled(partsPerMillion: maximumParts),
                containers: queue.containers,
                pendingContainers: queue.pendingContainers,
                activeApplications: queue.activeApplications,
                pendingApplications: queue.pendingApplications,
                users: queue.users.map { user in
                    QueueReport.User(
                        name: user.name,
                        used: user.used,
                        masterUsed: user.masterUsed,
                        activeApplications: user.activeApplications,
                        pendingApplications: user.pendingApplications
                    )
                }
            )
        }
    }

    /// Containers that the application holds, by id.
    package func containers(of id: ApplicationID) -> [ContainerID] {
        self.applications[id]?.containers.sorted() ?? []
    }

    /// Containers whose room is taken on the node, by id.
    package func containers(on node: NodeID) -> [ContainerID] {
        self.ledger.node(node)?.containers.sorted() ?? []
    }

    /// The node whose room the container takes.
    package func node(of id: ContainerID) -> NodeID? {
        self.ledger.containers[id].flatMap { self.ledger.node($0.slot)?.id }
    }

    /// True once the node has said that it runs the container, and while the container counts as its application's.
    package func isLaunched(_ id: ContainerID) -> Bool {
        self.ledger.containers[id]?.stage == .launched
    }
}
