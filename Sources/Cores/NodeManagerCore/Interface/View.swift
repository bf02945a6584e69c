package import ClusterModel

/// What reports, REST and pages show; the driver keeps the newest of each in a snapshot.
package enum ViewChange: Sendable, Equatable {
    case node(NodeView)
    case application(NodeApplicationView)
    case applicationRemoved(ApplicationID)
    case container(NodeContainerView)
    case containerRemoved(ContainerID)
}

/// The NodeManager itself (`/ws/v1/node/info`).
package struct NodeView: Sendable, Equatable {
    package var node: NodeIdentity
    package var capability: ResourceVector
    package var virtualMemoryMiB: Int64
    package var checksPhysicalMemory: Bool
    package var checksVirtualMemory: Bool
    package var health: NodeHealth
    package var isRegistered: Bool
    /// When the ResourceManager last answered.
    package var lastHeartbeat: Timestamp
    package var containersUsage: NodeUsage
    package var nodeUsage: NodeUsage
    /// All configured log folders; a container's logs are in `<folder>/<application>/<container>`.
    package var logDirectories: [String]

    package init(
        node: NodeIdentity,
        capability: ResourceVector,
        virtualMemoryMiB: Int64,
        checksPhysicalMemory: Bool,
        checksVirtualMemory: Bool,
        health: NodeHealth,
        isRegistered: Bool,
        lastHeartbeat: Timestamp,
        containersUsage: NodeUsage,
        nodeUsage: NodeUsage,
        logDirectories: [String]
    ) {
        self.node = node
        self.capability = capability
        self.virtualMemoryMiB = virtualMemoryMiB
        self.checksPhysicalMemory = checksPhysicalMemory
        self.checksVirtualMemory = checksVirtualMemory
        self.health = health
        self.isRegistered = isRegistered
        self.lastHeartbeat = lastHeartbeat
        self.containersUsage = containersUsage
        self.nodeUsage = nodeUsage
        self.logDirectories = logDirectories
    }
}

/// An application with something on this node (`/ws/v1/node/apps`).
package struct NodeApplicationView: Sendable, Equatable {
    package var id: ApplicationID
    package var user: String
    package var state: NodeApplicationState
    /// In the order of their ids.
    package var containers: [ContainerID]
    /// Whom its launch context lets look at it besides its owner (VIEW_APP), in Hadoop's form of lists; nil: nobody.
    package var viewers: String?

    package init(
        id: ApplicationID,
        user: String,
        state: NodeApplicationState,
        containers: [ContainerID],
        viewers: String? = nil
    ) {
        self.id = id
        self.user = user
        self.state = state
        self.containers = containers
        self.viewers = viewers
    }
}

/// An application's state on one node, named as the NodeManager's REST names it.
package enum NodeApplicationState: String, Sendable {
    case initing = "INITING"
    case running = "RUNNING"
    /// Over for the ResourceManager; containers are being ended.
    case finishingContainersWait = "FINISHING_CONTAINERS_WAIT"
    case cleaningUp = "APPLICATION_RESOURCES_CLEANINGUP"
    /// Only its logs are left.
    case finished = "FINISHED"
}

/// A container (`/ws/v1/node/containers`).
package struct NodeContainerView: Sendable, Equatable {
    package var id: ContainerID
    package var user: String
    package var state: NodeContainerState
    package var exitStatus: ContainerExitStatus
    package var diagnostics: String
    package var resource: ResourceVector
    package var executionType: ExecutionType
    package var isApplicationMaster: Bool

    package init(
        id: ContainerID,
        user: String,
        state: NodeContainerState,
        exitStatus: ContainerExitStatus,
        diagnostics: String,
        resource: ResourceVector,
        executionType: ExecutionType,
        isApplicationMaster: Bool
    ) {
        self.id = id
        self.user = user
        self.state = state
        self.exitStatus = exitStatus
        self.diagnostics = diagnostics
        self.resource = resource
        self.executionType = executionType
        self.isApplicationMaster = isApplicationMaster
    }
}

/// A container's state as the NodeManager's REST names it.
package enum NodeContainerState: String, Sendable {
    case localizing = "LOCALIZING"
    case scheduled = "SCHEDULED"
    case running = "RUNNING"
    case killing = "KILLING"
    case done = "DONE"
}
