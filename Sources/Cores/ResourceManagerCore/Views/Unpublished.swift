import ClusterModel
import OrderedCollections

extension ResourceManagerCore {
    /// What readers have not been shown yet, each thing once, in the order in which it first changed.
    struct Unpublished: Sendable {
        var settings = false
        var applications: OrderedSet<ApplicationID> = []
        var attempts: OrderedSet<ApplicationAttemptID> = []
        var containers: OrderedSet<ContainerID> = []
        var nodes: OrderedSet<NodeID> = []
        var keyRings: OrderedSet<MasterKeyKind> = []
        var delegationTokens: OrderedSet<Int32> = []

        /// Whether the numbers of queues and of the cluster may have changed.
        var sums = true
        /// What readers were shown last, to tell whether it changed.
        var shownQueues: [QueueView] = []
        var shownMetrics: ClusterMetricsView?
        /// When the waiting applications' explanations were last brought up to date.
        var explainedAt = Timestamp.unset
    }

    mutating func touch(application id: ApplicationID) { self.unpublished.applications.append(id) }
    mutating func touch(container id: ContainerID) { self.unpublished.containers.append(id) }
    mutating func touch(node id: NodeID) { self.unpublished.nodes.append(id) }

    /// An attempt shows in its application too.
    mutating func touch(attempt id: ApplicationAttemptID) {
        self.unpublished.attempts.append(id)
        self.unpublished.applications.append(id.application)
    }
}
