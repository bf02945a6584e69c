package import ClusterModel

extension ResourceManagerCore {
    /// One thing to store. A record replaces the earlier one of the same key; grants are not stored, since the nodes'
    /// registrations rebuild them.
    package enum Record: Sendable, Hashable {
        /// Key: the application's id.
        case application(ApplicationRecord)
        /// Removes the application and all its attempts.
        case applicationRemoved(ApplicationID)
        /// Key: the attempt's id.
        case attempt(AttemptRecord)
        /// Key: the kind.
        case masterKeys(MasterKeysRecord)
        /// Key: the token's sequence number.
        case delegationToken(DelegationTokenRecord)
        case delegationTokenRemoved(sequenceNumber: Int32)
        /// One only.
        case epoch(EpochRecord)
    }

    package struct ApplicationRecord: Sendable, Hashable {
        package var submission: ApplicationSubmission
        /// The queue's path that admitted it.
        package var queuePath: String
        package var submittedAt: Timestamp
        package var startedAt: Timestamp
        package var launchedAt: Timestamp
        package var finishedAt: Timestamp
        /// The priority in force.
        package var priority: Int32
        /// When its lifetime ends; nil: never.
        package var lifetimeEndsAt: Timestamp?
        /// A final state, or nil while it is live.
        package var finalState: ApplicationState?
        package var finalStatus: FinalApplicationStatus
        package var diagnostics: String
        package var logAggregationStatus: LogAggregationStatus
        /// The nodes that have not brought all logs in.
        package var nodeLogs: [NodeLogs]
        /// Fields of a newer build, kept as read.
        package var unknownFields: OpaqueBytes

        package init(
            submission: ApplicationSubmission,
            queuePath: String,
            submittedAt: Timestamp,
            startedAt: Timestamp,
            launchedAt: Timestamp = .unset,
            finishedAt: Timestamp = .unset,
            priority: Int32 = 0,
            lifetimeEndsAt: Timestamp? = nil,
            finalState: ApplicationState? = nil,
            finalStatus: FinalApplicationStatus = .undefined,
            diagnostics: String = "",
            logAggregationStatus: LogAggregationStatus = .disabled,
            nodeLogs: [NodeLogs] = [],
            unknownFields: OpaqueBytes = OpaqueBytes()
        ) {
            self.submission = submission
            self.queuePath = queuePath
            self.submittedAt = submittedAt
            self.startedAt = startedAt
            self.launchedAt = launchedAt
            self.finishedAt = finishedAt
            self.priority = priority
            self.lifetimeEndsAt = lifetimeEndsAt
            self.finalState = finalState
            self.finalStatus = finalStatus
            self.diagnostics = diagnostics
            self.logAggregationStatus = logAggregationStatus
            self.nodeLogs = nodeLogs
            self.unknownFields = unknownFields
        }
    }

    /// One node's part in the logs of an application.
    package struct NodeLogs: Sendable, Hashable {
        package var node: NodeID
        package var status: LogAggregationStatus

        package init(node: NodeID, status: LogAggregationStatus) {
            self.node = node
            self.status = status
        }
    }

    package struct AttemptRecord: Sendable, Hashable {
        package var id: ApplicationAttemptID
        /// nil for an unmanaged ApplicationMaster and for an attempt that ended before it was placed.
        package var masterContainer: ContainerID?
        package var masterNode: NodeID?
        package var masterNodeHTTPAddress: String
        package var masterCapability: ResourceVector
        package var startedAt: Timestamp
        package var finishedAt: Timestamp
        /// A final state, or nil while it is live. FINISHED is stored when the ApplicationMaster unregisters.
        package var finalState: AttemptState?
        package var finalStatus: FinalApplicationStatus
        package var exitStatus: ContainerExitStatus
        /// False when its failure is not to be counted against the application.
        package var countsAsFailure: Bool
        package var diagnostics: String
        package var host: String
        package var rpcPort: Int32
        package var trackingURL: String
        package var progress: Float
        /// Use by containers of this attempt that have ended, in MiB and vcores times milliseconds.
        package var memoryMiBMilliseconds: Int64
        package var vcoreMilliseconds: Int64
        /// Fields of a newer build, kept as read.
        package var unknownFields: OpaqueBytes

        package init(
            id: ApplicationAttemptID,
            masterContainer: ContainerID? = nil,
            masterNode: NodeID? = nil,
            masterNodeHTTPAddress: String = "",
            masterCapability: ResourceVector = .zero,
            startedAt: Timestamp,
            finishedAt: Timestamp = .unset,
            finalState: AttemptState? = nil,
            finalStatus: FinalApplicationStatus = .undefined,
            exitStatus: ContainerExitStatus = .invalid,
            countsAsFailure: Bool = false,
            diagnostics: String = "",
            host: String = "",
            rpcPort: Int32 = -1,
            trackingURL: String = "",
            progress: Float = 0,
            memoryMiBMilliseconds: Int64 = 0,
            vcoreMilliseconds: Int64 = 0,
            unknownFields: OpaqueBytes = OpaqueBytes()
        ) {
            self.id = id
            self.masterContainer = masterContainer
            self.masterNode = masterNode
            self.masterNodeHTTPAddress = masterNodeHTTPAddress
            self.masterCapability = masterCapability
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.finalState = finalState
            self.finalStatus = finalStatus
            self.exitStatus = exitStatus
            self.countsAsFailure = countsAsFailure
            self.diagnostics = diagnostics
            self.host = host
            self.rpcPort = rpcPort
            self.trackingURL = trackingURL
            self.progress = progress
            self.memoryMiBMilliseconds = memoryMiBMilliseconds
            self.vcoreMilliseconds = vcoreMilliseconds
            self.unknownFields = unknownFields
        }
    }

    /// One ring of keys: what signs now, what will, and what is still accepted.
    package struct MasterKeysRecord: Sendable, Hashable {
        package var kind: MasterKeyKind
        package var current: MasterKey
        /// Handed out already, signs after `nextActivatesAt`.
        package var next: MasterKey?
        package var nextActivatesAt: Timestamp
        /// When the ring makes its next key.
        package var rollsAt: Timestamp
        /// Older keys still accepted, with the moment they are dropped; only delegation tokens have some.
        package var retired: [RetiredKey]
        package var unknownFields: OpaqueBytes

        package init(
            kind: MasterKeyKind,
            current: MasterKey,
            next: MasterKey? = nil,
            nextActivatesAt: Timestamp = .unset,
            rollsAt: Timestamp,
            retired: [RetiredKey] = [],
            unknownFields: OpaqueBytes = OpaqueBytes()
        ) {
            self.kind = kind
            self.current = current
            self.next = next
            self.nextActivatesAt = nextActivatesAt
            self.rollsAt = rollsAt
            self.retired = retired
            self.unknownFields = unknownFields
        }
    }

    package struct RetiredKey: Sendable, Hashable {
        package var key: MasterKey
        package var dropsAt: Timestamp

        package init(key: MasterKey, dropsAt: Timestamp) {
            self.key = key
            self.dropsAt = dropsAt
        }
    }

    package struct DelegationTokenRecord: Sendable, Hashable {
        package var token: DelegationToken
        package var unknownFields: OpaqueBytes

        package init(token: DelegationToken, unknownFields: OpaqueBytes = OpaqueBytes()) {
            self.token = token
            self.unknownFields = unknownFields
        }
    }

    /// Counters that must not go back after a restart.
    package struct EpochRecord: Sendable, Hashable {
        /// The epoch of the next start.
        package var next: Int64
        /// The highest delegation token sequence number used.
        package var delegationSequenceNumber: Int32
        package var unknownFields: OpaqueBytes

        package init(next: Int64, delegationSequenceNumber: Int32 = 0, unknownFields: OpaqueBytes = OpaqueBytes()) {
            self.next = next
            self.delegationSequenceNumber = delegationSequenceNumber
            self.unknownFields = unknownFields
        }
    }
}
