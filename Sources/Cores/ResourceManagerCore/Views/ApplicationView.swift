package import ClusterModel

/// An application as reports and REST show it.
package struct ApplicationView: Sendable, Hashable {
    package var id: ApplicationID
    package var name: String
    package var user: String
    /// Leaf name, as REST and reports show it.
    package var queue: String
    package var queuePath: String
    package var applicationType: String
    /// Lower case, in the order sent.
    package var tags: [String]
    package var state: ApplicationState
    package var finalStatus: FinalApplicationStatus
    /// 0...1; 1 once it is over.
    package var progress: Float
    package var diagnostics: String
    package var priority: Int32
    package var isUnmanaged: Bool
    package var nodeLabelExpression: String
    package var masterNodeLabelExpression: String
    package var viewAccessControl: String?
    package var modifyAccessControl: String?

    package var submittedAt: Timestamp
    package var startedAt: Timestamp
    package var launchedAt: Timestamp
    /// `unset` while it is live.
    package var finishedAt: Timestamp
    /// When its LIFETIME ends; nil: unlimited.
    package var lifetimeEndsAt: Timestamp?

    /// nil before the first attempt.
    package var currentAttempt: ApplicationAttemptID?
    package var currentAttemptState: AttemptState?
    /// Host and port that the ApplicationMaster registered; `N/A` and -1 before.
    package var host: String
    package var rpcPort: Int32
    /// As the ApplicationMaster registered it; `N/A` before. The edge turns it into a proxy address.
    package var originalTrackingURL: String
    package var masterContainer: ContainerID?
    package var masterNode: NodeID?
    /// `host:port` of that node's web server.
    package var masterNodeHTTPAddress: String
    /// Key of the AMRM ring for `am_rm_token` of an unmanaged application whose attempt is LAUNCHED.
    package var unmanagedTokenKeyID: Int32?

    package var logAggregationStatus: LogAggregationStatus
    package var usage: ApplicationUsageView
    /// What it still asks for.
    package var resourceRequests: [ResourceRequest]
    /// The client's ApplicationSubmissionContextProto.
    package var context: OpaqueBytes

    package init(
        id: ApplicationID,
        name: String,
        user: String,
        queue: String,
        queuePath: String,
        applicationType: String,
        tags: [String],
        state: ApplicationState,
        finalStatus: FinalApplicationStatus,
        progress: Float,
        diagnostics: String,
        priority: Int32,
        isUnmanaged: Bool,
        nodeLabelExpression: String,
        masterNodeLabelExpression: String,
        viewAccessControl: String? = nil,
        modifyAccessControl: String? = nil,
        submittedAt: Timestamp,
        startedAt: Timestamp,
        launchedAt: Timestamp,
        finishedAt: Timestamp,
        lifetimeEndsAt: Timestamp? = nil,
        currentAttempt: ApplicationAttemptID? = nil,
        currentAttemptState: AttemptState? = nil,
        host: String,
        rpcPort: Int32,
        originalTrackingURL: String,
        masterContainer: ContainerID? = nil,
        masterNode: NodeID? = nil,
        masterNodeHTTPAddress: String,
        unmanagedTokenKeyID: Int32? = nil,
        logAggregationStatus: LogAggregationStatus,
        usage: ApplicationUsageView,
        resourceRequests: [ResourceRequest],
        context: OpaqueBytes
    ) {
        self.id = id
        self.name = name
        self.user = user
        self.queue = queue
        self.queuePath = queuePath
        self.applicationType = applicationType
        self.tags = tags
        self.state = state
        self.finalStatus = finalStatus
        self.progress = progress
        self.diagnostics = diagnostics
        self.priority = priority
        self.isUnmanaged = isUnmanaged
        self.nodeLabelExpression = nodeLabelExpression
        self.masterNodeLabelExpression = masterNodeLabelExpression
        self.viewAccessControl = viewAccessControl
        self.modifyAccessControl = modifyAccessControl
        self.submittedAt = submittedAt
        self.startedAt = startedAt
        self.launchedAt = launchedAt
        self.finishedAt = finishedAt
        self.lifetimeEndsAt = lifetimeEndsAt
        self.currentAttempt = currentAttempt
        self.currentAttemptState = currentAttemptState
        self.host = host
        self.rpcPort = rpcPort
        self.originalTrackingURL = originalTrackingURL
        self.masterContainer = masterContainer
        self.masterNode = masterNode
        self.masterNodeHTTPAddress = masterNodeHTTPAddress
        self.unmanagedTokenKeyID = unmanagedTokenKeyID
        self.logAggregationStatus = logAggregationStatus
        self.usage = usage
        self.resourceRequests = resourceRequests
        self.context = context
    }
}

/// What an application holds and has held.
package struct ApplicationUsageView: Sendable, Hashable {
    package var runningContainers: Int32 = 0
    package var reservedContainers: Int32 = 0
    package var used = ResourceVector.zero
    package var reserved = ResourceVector.zero
    /// Asked for and not granted.
    package var pending = ResourceVector.zero
    /// Of `used`: what the ApplicationMaster holds.
    package var masterUsed = ResourceVector.zero

    /// Use up to `countedUntil`, in MiB and vcores times milliseconds.
    package var memoryMiBMilliseconds: Int64 = 0
    package var vcoreMilliseconds: Int64 = 0
    package var countedUntil = Timestamp.unset

    package var preempted = ResourceVector.zero
    package var preemptedContainers: Int32 = 0
    package var preemptedMasters: Int32 = 0
    package var preemptedMemoryMiBMilliseconds: Int64 = 0
    package var preemptedVcoreMilliseconds: Int64 = 0

    package init() {}

    /// `memorySeconds` at a moment: what is held goes on counting.
    package func memorySeconds(at now: Timestamp) -> Int64 {
        (self.memoryMiBMilliseconds + self.used.memoryMiB * self.elapsed(now)) / 1000
    }

    /// `vcoreSeconds` at a moment.
    package func vcoreSeconds(at now: Timestamp) -> Int64 {
        (self.vcoreMilliseconds + self.used.vcores * self.elapsed(now)) / 1000
    }

    private func elapsed(_ now: Timestamp) -> Int64 {
        max(0, now.milliseconds(since: self.countedUntil))
    }
}

/// An attempt as reports and REST show it.
package struct AttemptView: Sendable, Hashable {
    package var id: ApplicationAttemptID
    package var state: AttemptState
    package var finalStatus: FinalApplicationStatus
    /// Host and port that the ApplicationMaster registered; `N/A` and -1 before.
    package var host: String
    package var rpcPort: Int32
    /// As registered; `N/A` before.
    package var originalTrackingURL: String
    package var diagnostics: String
    package var progress: Float
    package var masterContainer: ContainerID?
    package var masterNode: NodeID?
    /// `host:port` of that node's web server.
    package var masterNodeHTTPAddress: String
    package var startedAt: Timestamp
    /// `unset` while it is live.
    package var finishedAt: Timestamp
    /// Of the ApplicationMaster's container; `invalid` while it is live.
    package var exitStatus: ContainerExitStatus
    /// Hosts and racks that the application blacklisted.
    package var blacklistedNodes: [String]
    /// Hosts that the ResourceManager avoids for the ApplicationMaster.
    package var nodesBlacklistedBySystem: [String]

    package init(
        id: ApplicationAttemptID,
        state: AttemptState,
        finalStatus: FinalApplicationStatus,
        host: String,
        rpcPort: Int32,
        originalTrackingURL: String,
        diagnostics: String,
        progress: Float,
        masterContainer: ContainerID? = nil,
        masterNode: NodeID? = nil,
        masterNodeHTTPAddress: String,
        startedAt: Timestamp,
        finishedAt: Timestamp,
        exitStatus: ContainerExitStatus,
        blacklistedNodes: [String],
        nodesBlacklistedBySystem: [String]
    ) {
        self.id = id
        self.state = state
        self.finalStatus = finalStatus
        self.host = host
        self.rpcPort = rpcPort
        self.originalTrackingURL = originalTrackingURL
        self.diagnostics = diagnostics
        self.progress = progress
        self.masterContainer = masterContainer
        self.masterNode = masterNode
        self.masterNodeHTTPAddress = masterNodeHTTPAddress
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.exitStatus = exitStatus
        self.blacklistedNodes = blacklistedNodes
        self.nodesBlacklistedBySystem = nodesBlacklistedBySystem
    }
}

/// A container as reports and REST show it.
package struct ContainerView: Sendable, Hashable {
    package var id: ContainerID
    package var node: NodeID
    /// `host:port` of the node's web server.
    package var nodeHTTPAddress: String
    package var capability: ResourceVector
    package var priority: Int32
    package var allocationRequestID: Int64
    package var executionType: ExecutionType
    package var state: ContainerState
    package var createdAt: Timestamp
    /// `unset` while it is live.
    package var finishedAt: Timestamp
    package var exitStatus: ContainerExitStatus
    package var diagnostics: String
    package var isMaster: Bool
    /// The submitter, for log links.
    package var user: String

    package init(
        id: ContainerID,
        node: NodeID,
        nodeHTTPAddress: String,
        capability: ResourceVector,
        priority: Int32,
        allocationRequestID: Int64,
        executionType: ExecutionType,
        state: ContainerState,
        createdAt: Timestamp,
        finishedAt: Timestamp,
        exitStatus: ContainerExitStatus,
        diagnostics: String,
        isMaster: Bool,
        user: String
    ) {
        self.id = id
        self.node = node
        self.nodeHTTPAddress = nodeHTTPAddress
        self.capability = capability
        self.priority = priority
        self.allocationRequestID = allocationRequestID
        self.executionType = executionType
        self.state = state
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.exitStatus = exitStatus
        self.diagnostics = diagnostics
        self.isMaster = isMaster
        self.user = user
    }
}
