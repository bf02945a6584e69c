package import ClusterModel

extension Scheduler {
    /// A decision. The scheduler's books hold it already when it is handed out.
    package enum Output: Sendable, Hashable {
        case granted(Grant)
        case refused(ApplicationID, Refusal)
        /// The scheduler no longer counts the container as the application's.
        case ended(ContainerID, on: NodeID, EndReason)
        /// The application should give the container back; it is ended after the grace period.
        case preempt(ContainerID, graceMilliseconds: Int64)
        /// What the attempt could still be granted now; follows every allocate.
        case headroom(ApplicationAttemptID, ResourceVector)
    }

    package struct Grant: Sendable, Hashable {
        package var container: ContainerID
        package var node: NodeID
        package var capability: ResourceVector
        package var priority: Int32
        package var allocationRequestID: Int64
        package var executionType: ExecutionType
        package var isMaster: Bool
        package var locality: Locality
        /// When the grant is taken back unless the container was launched.
        package var expiresAt: Timestamp

        package init(
            container: ContainerID,
            node: NodeID,
            capability: ResourceVector,
            priority: Int32,
            allocationRequestID: Int64,
            executionType: ExecutionType,
            isMaster: Bool,
            locality: Locality,
            expiresAt: Timestamp
        ) {
            self.container = container
            self.node = node
            self.capability = capability
            self.priority = priority
            self.allocationRequestID = allocationRequestID
            self.executionType = executionType
            self.isMaster = isMaster
            self.locality = locality
            self.expiresAt = expiresAt
        }
    }

    /// How near a grant is to the place asked for.
    package enum Locality: Sendable, Hashable, CaseIterable {
        case nodeLocal
        case rackLocal
        case offSwitch
    }

    package enum EndReason: Sendable, Hashable {
        case releasedByApplication
        case expiredUnused
        case nodeLost
        case attemptEnded
        case finished
    }

    /// Why an application is not admitted.
    package enum Refusal: Sendable, Hashable {
        case unknownQueue(String)
        case queueStopped(String)
        case applicationLimitReached(queue: String, limit: Int)
    }
}
