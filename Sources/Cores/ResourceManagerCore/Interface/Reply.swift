package import ClusterModel

extension ResourceManagerCore {
    /// The answer to one request. Tokens are not in it: the edge signs them while encoding, with the key that the reply
    /// names.
    package enum Reply: Sendable, Hashable {
        case failed(RMFailure)
        /// Requests whose answer is only that they succeeded: submit, fail attempt, move, signal, unregister of a node,
        /// refreshNodes, cancel of a token.
        case done
        case newApplication(ApplicationID, maximumAllocation: ResourceVector)
        /// - Parameter isCompleted: `is_kill_completed`.
        case kill(isCompleted: Bool)
        /// The priority in force, which may be lower than the one asked for.
        case priority(Int32)
        /// When the application's lifetime ends now.
        case timeout(expiresAt: Timestamp)
        case delegationToken(DelegationToken)
        case delegationTokenRenewed(expiresAt: Timestamp)
        case masterRegistered(MasterRegisteredReply)
        case allocate(AllocateReply)
        /// - Parameter isUnregistered: `isUnregistered` of finishApplicationMaster.
        case masterFinished(isUnregistered: Bool)
        case nodeRegistered(NodeRegisteredReply)
        case nodeHeartbeat(NodeHeartbeatReply)
    }

    package struct MasterRegisteredReply: Sendable, Hashable {
        package var attempt: ApplicationAttemptID
        /// Submitter, for tokens.
        package var user: String
        package var maximumAllocation: ResourceVector
        package var queue: String
        package var viewAccessControl: String?
        package var modifyAccessControl: String?
        /// True when vcores are scheduled (`scheduler_resource_types` then holds CPU too).
        package var countsVcores: Bool
        package var containersFromPreviousAttempts: [GrantedContainer]
        /// NMTokens to sign, for the nodes of those containers.
        package var nodeTokens: [NodeTokenGrant]

        package init(
            attempt: ApplicationAttemptID,
            user: String,
            maximumAllocation: ResourceVector,
            queue: String,
            viewAccessControl: String? = nil,
            modifyAccessControl: String? = nil,
            countsVcores: Bool,
            containersFromPreviousAttempts: [GrantedContainer],
            nodeTokens: [NodeTokenGrant]
        ) {
            self.attempt = attempt
            self.user = user
            self.maximumAllocation = maximumAllocation
            self.queue = queue
            self.viewAccessControl = viewAccessControl
            self.modifyAccessControl = modifyAccessControl
            self.countsVcores = countsVcores
            self.containersFromPreviousAttempts = containersFromPreviousAttempts
            self.nodeTokens = nodeTokens
        }
    }

    package struct AllocateReply: Sendable, Hashable {
        package var attempt: ApplicationAttemptID
        /// Submitter, for container and NM tokens.
        package var user: String
        package var responseID: Int32
        package var granted: [GrantedContainer]
        package var completed: [CompletedContainer]
        package var headroom: ResourceVector
        package var updatedNodes: [NodeView]
        package var clusterNodeCount: Int32
        package var nodeTokens: [NodeTokenGrant]
        /// Key id of an AMRM token to sign and send; nil: the caller's own stays good.
        package var newMasterTokenKeyID: Int32?
        package var applicationPriority: Int32
        package var containersFromPreviousAttempts: [GrantedContainer]
        /// Containers that are to be given back, or will be taken (`preempt.strictContract`).
        package var preempted: [ContainerID]

        package init(
            attempt: ApplicationAttemptID,
            user: String,
            responseID: Int32,
            granted: [GrantedContainer],
            completed: [CompletedContainer],
            headroom: ResourceVector,
            updatedNodes: [NodeView],
            clusterNodeCount: Int32,
            nodeTokens: [NodeTokenGrant],
            newMasterTokenKeyID: Int32? = nil,
            applicationPriority: Int32,
            containersFromPreviousAttempts: [GrantedContainer],
            preempted: [ContainerID]
        ) {
            self.attempt = attempt
            self.user = user
            self.responseID = responseID
            self.granted = granted
            self.completed = completed
            self.headroom = headroom
            self.updatedNodes = updatedNodes
            self.clusterNodeCount = clusterNodeCount
            self.nodeTokens = nodeTokens
            self.newMasterTokenKeyID = newMasterTokenKeyID
            self.applicationPriority = applicationPriority
            self.containersFromPreviousAttempts = containersFromPreviousAttempts
            self.preempted = preempted
        }
    }

    /// A container handed to an ApplicationMaster, with what its token says.
    package struct GrantedContainer: Sendable, Hashable {
        package var id: ContainerID
        package var node: NodeID
        /// `host:port` of the node's web server.
        package var nodeHTTPAddress: String
        package var capability: ResourceVector
        package var priority: Int32
        package var allocationRequestID: Int64
        package var executionType: ExecutionType
        package var createdAt: Timestamp
        /// The token is refused after that (`expiryTimeStamp`).
        package var expiresAt: Timestamp
        /// Key of the container ring that signs the token.
        package var keyID: Int32

        package init(
            id: ContainerID,
            node: NodeID,
            nodeHTTPAddress: String,
            capability: ResourceVector,
            priority: Int32,
            allocationRequestID: Int64,
            executionType: ExecutionType,
            createdAt: Timestamp,
            expiresAt: Timestamp,
            keyID: Int32
        ) {
            self.id = id
            self.node = node
            self.nodeHTTPAddress = nodeHTTPAddress
            self.capability = capability
            self.priority = priority
            self.allocationRequestID = allocationRequestID
            self.executionType = executionType
            self.createdAt = createdAt
            self.expiresAt = expiresAt
            self.keyID = keyID
        }
    }

    /// ContainerStatusProto of a container that ended.
    package struct CompletedContainer: Sendable, Hashable {
        package var id: ContainerID
        package var exitStatus: ContainerExitStatus
        package var diagnostics: String
        package var capability: ResourceVector

        package init(
            id: ContainerID,
            exitStatus: ContainerExitStatus,
            diagnostics: String,
            capability: ResourceVector
        ) {
            self.id = id
            self.exitStatus = exitStatus
            self.diagnostics = diagnostics
            self.capability = capability
        }
    }

    /// An NMToken to sign: (attempt, node, submitter, key).
    package struct NodeTokenGrant: Sendable, Hashable {
        package var node: NodeID
        package var keyID: Int32

        package init(
            node: NodeID,
            keyID: Int32
        ) {
            self.node = node
            self.keyID = keyID
        }
    }

    package enum NodeAction: Int, Sendable, Hashable {
        case normal = 0
        case resync = 1
        case shutdown = 2
    }

    package struct NodeRegisteredReply: Sendable, Hashable {
        package var action: NodeAction
        /// Why the node is turned away; empty when it is not.
        package var diagnostics: String
        package var containerTokenKey: MasterKey?
        package var nodeTokenKey: MasterKey?
        /// `rm_identifier`: container tokens of another ResourceManager run are refused by the node.
        package var resourceManagerIdentifier: Int64

        package init(
            action: NodeAction,
            diagnostics: String,
            containerTokenKey: MasterKey? = nil,
            nodeTokenKey: MasterKey? = nil,
            resourceManagerIdentifier: Int64
        ) {
            self.action = action
            self.diagnostics = diagnostics
            self.containerTokenKey = containerTokenKey
            self.nodeTokenKey = nodeTokenKey
            self.resourceManagerIdentifier = resourceManagerIdentifier
        }
    }

    package struct NodeHeartbeatReply: Sendable, Hashable {
        package var action: NodeAction
        package var diagnostics: String
        package var responseID: Int32
        /// The node should end these.
        package var containersToCleanUp: [ContainerID]
        /// These applications are over: the node removes what they left.
        package var applicationsToCleanUp: [ApplicationID]
        /// Their end is known to the application: the node may forget them (`containers_to_be_removed_from_nm`).
        package var containersToForget: [ContainerID]
        package var containersToSignal: [ContainerSignal]
        package var nextHeartbeat: Duration
        /// Sent when the node does not know the newest key yet.
        package var containerTokenKey: MasterKey?
        package var nodeTokenKey: MasterKey?

        package init(
            action: NodeAction,
            diagnostics: String,
            responseID: Int32,
            containersToCleanUp: [ContainerID],
            applicationsToCleanUp: [ApplicationID],
            containersToForget: [ContainerID],
            containersToSignal: [ContainerSignal],
            nextHeartbeat: Duration,
            containerTokenKey: MasterKey? = nil,
            nodeTokenKey: MasterKey? = nil
        ) {
            self.action = action
            self.diagnostics = diagnostics
            self.responseID = responseID
            self.containersToCleanUp = containersToCleanUp
            self.applicationsToCleanUp = applicationsToCleanUp
            self.containersToForget = containersToForget
            self.containersToSignal = containersToSignal
            self.nextHeartbeat = nextHeartbeat
            self.containerTokenKey = containerTokenKey
            self.nodeTokenKey = nodeTokenKey
        }
    }

    package struct ContainerSignal: Sendable, Hashable {
        package var container: ContainerID
        package var command: SignalContainerCommand

        package init(container: ContainerID, command: SignalContainerCommand) {
            self.container = container
            self.command = command
        }
    }
}
