package import ClusterModel

extension Scheduler {
    /// Something that happened which may change what runs where.
    package enum Input: Sendable {
        /// A node joins, or a draining one takes work again.
        case nodeAdded(NodeDescription)
        /// A node's capacity changed. What runs there stays, even beyond the new capacity.
        case nodeUpdated(NodeID, capacity: ResourceVector)
        /// Nothing new is placed on the node; what runs there goes on.
        case nodeDraining(NodeID)
        /// The node and everything on it is gone.
        case nodeLost(NodeID)

        case applicationAdded(ApplicationDescription)
        case applicationPriorityChanged(ApplicationID, Int32)
        case applicationEnded(ApplicationID)

        case attemptAdded(AttemptDescription)
        /// - Parameter keepsContainers: the next attempt inherits what runs, apart from the ApplicationMaster's container
        ///   (`keep_containers_across_application_attempts`).
        case attemptEnded(ApplicationAttemptID, keepsContainers: Bool)

        /// One whole allocate call, merged before anything is placed, since node, rack and `*` rows belong together.
        case allocate(Allocation)
        /// Containers given back by the application or stopped by the ResourceManager.
        case release([ContainerID], EndReason)

        /// The node has it: it no longer expires unused.
        case containerLaunched(ContainerID)
        case containerFinished(ContainerID)
        /// A node that registers after a restart of the ResourceManager still runs it.
        case containerRecovered(RecoveredContainer)

        /// Nothing new is placed before that time: after a restart of the ResourceManager nodes first get the chance to say
        /// what they run already.
        case placementHeld(until: Timestamp)
        case settingsChanged(SchedulerSettings)
        case timePassed
    }

    package struct NodeDescription: Sendable, Hashable {
        package var id: NodeID
        /// Rack path, as `/default-rack`.
        package var rack: String
        package var capacity: ResourceVector

        package init(id: NodeID, rack: String = defaultRack, capacity: ResourceVector) {
            self.id = id
            self.rack = rack
            self.capacity = capacity
        }
    }

    package struct ApplicationDescription: Sendable, Hashable {
        package var id: ApplicationID
        package var user: String
        /// As the client named it: a leaf's name or its path.
        package var queue: String
        /// Higher is served first.
        package var priority: Int32
        /// A recovered application was admitted before the restart: limits on admission do not refuse it.
        package var isRecovered: Bool

        package init(
            id: ApplicationID,
            user: String,
            queue: String = "default",
            priority: Int32 = 0,
            isRecovered: Bool = false
        ) {
            self.id = id
            self.user = user
            self.queue = queue
            self.priority = priority
            self.isRecovered = isRecovered
        }
    }

    package struct AttemptDescription: Sendable, Hashable {
        package var id: ApplicationAttemptID
        package var master: Master

        package init(id: ApplicationAttemptID, master: Master) {
            self.id = id
            self.master = master
        }
    }

    /// How an attempt comes to its ApplicationMaster.
    package enum Master: Sendable, Hashable {
        /// It needs a container.
        case wanted([ResourceRequest])
        /// It runs outside the cluster (`unmanaged_am`).
        case unmanaged
        /// It was placed before a restart of the ResourceManager and holds this much.
        case placed(ResourceVector)
    }

    /// What one allocate call of an ApplicationMaster says to the scheduler. Sizes are as sent; the scheduler
    /// rounds them up.
    package struct Allocation: Sendable, Hashable {
        package var attempt: ApplicationAttemptID
        package var asks: [ResourceRequest]
        package var releases: [ContainerID]
        /// Host or rack names that take nothing new of this application.
        package var blacklistAdditions: [String]
        package var blacklistRemovals: [String]

        package init(
            attempt: ApplicationAttemptID,
            asks: [ResourceRequest] = [],
            releases: [ContainerID] = [],
            blacklistAdditions: [String] = [],
            blacklistRemovals: [String] = []
        ) {
            self.attempt = attempt
            self.asks = asks
            self.releases = releases
            self.blacklistAdditions = blacklistAdditions
            self.blacklistRemovals = blacklistRemovals
        }
    }

    package struct RecoveredContainer: Sendable, Hashable {
        package var id: ContainerID
        package var node: NodeID
        package var capability: ResourceVector
        package var priority: Int32
        package var isMaster: Bool

        package init(
            id: ContainerID,
            node: NodeID,
            capability: ResourceVector,
            priority: Int32 = 0,
            isMaster: Bool = false
        ) {
            self.id = id
            self.node = node
            self.capability = capability
            self.priority = priority
            self.isMaster = isMaster
        }
    }
}
