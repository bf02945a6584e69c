package import ClusterModel

/// Answers of ContainerManagementProtocol.
package enum Reply: Sendable, Equatable {
    case started(succeeded: [ContainerID], failed: [FailedContainer])
    case stopped(succeeded: [ContainerID], failed: [FailedContainer])
    case statuses([ContainerStatus], failed: [FailedContainer])
    case signalled
    /// The whole call fails.
    case failed(NodeManagerFailure)
}

/// One entry of failed_requests.
package struct FailedContainer: Sendable, Equatable {
    package var container: ContainerID
    package var failure: NodeManagerFailure

    package init(_ container: ContainerID, _ failure: NodeManagerFailure) {
        self.container = container
        self.failure = failure
    }
}

/// Why a request is refused; each case is a Java class that clients know, with the text they see.
package enum NodeManagerFailure: Error, Sendable, Equatable {
    /// org.apache.hadoop.yarn.exceptions.YarnException
    case yarn(String)
    /// org.apache.hadoop.security.token.SecretManager$InvalidToken
    case invalidToken(String)
    /// org.apache.hadoop.yarn.exceptions.InvalidContainerException
    case invalidContainer(String)
    /// org.apache.hadoop.yarn.exceptions.InvalidAuxServiceException
    case invalidAuxService(String)
    /// org.apache.hadoop.yarn.exceptions.NMNotYetReadyException
    case notYetReady(String)
}

/// ContainerStatusProto: what ApplicationMaster and ResourceManager are told of a container.
package struct ContainerStatus: Sendable, Equatable {
    package var container: ContainerID
    package var state: ContainerState
    package var diagnostics: String
    package var exitStatus: ContainerExitStatus
    package var resource: ResourceVector
    package var executionType: ExecutionType
    /// Accepted, but no process runs yet (ContainerSubState SCHEDULED).
    package var isStarting: Bool

    package init(
        container: ContainerID,
        state: ContainerState,
        diagnostics: String,
        exitStatus: ContainerExitStatus,
        resource: ResourceVector,
        executionType: ExecutionType,
        isStarting: Bool
    ) {
        self.container = container
        self.state = state
        self.diagnostics = diagnostics
        self.exitStatus = exitStatus
        self.resource = resource
        self.executionType = executionType
        self.isStarting = isStarting
    }
}

/// RegisterNodeManagerRequestProto: who we are and what still runs here.
package struct RegistrationReport: Sendable, Equatable {
    package var node: NodeIdentity
    package var capability: ResourceVector
    package var containers: [RegisteredContainer]
    package var runningApplications: [ApplicationID]
    package var health: NodeHealth
}

/// NMContainerStatusProto: a container as a ResourceManager that has forgotten it needs to hear of it.
package struct RegisteredContainer: Sendable, Equatable {
    package var status: ContainerStatus
    package var grant: ContainerGrant
}

/// NodeHeartbeatRequestProto.
package struct HeartbeatReport: Sendable, Equatable {
    package var node: NodeID
    package var responseID: Int32
    package var containers: [ContainerStatus]
    package var health: NodeHealth
    package var containersUsage: NodeUsage
    package var nodeUsage: NodeUsage
    package var logs: [LogAggregationNews] = []
}
