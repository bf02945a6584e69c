package import ClusterModel

extension ResourceManagerCore {
    /// What steps want done, in this order: store the records; then apply the changes to what readers see; then send
    /// the replies and carry out the actions. Nothing of a step may be seen before its records are stored.
    package struct Effects: Sendable {
        package var records: [Record] = []
        package var changes: [ViewChange] = []
        package var replies: [(RequestID, Reply)] = []
        package var actions: [Action] = []

        package init() {}

        package var isEmpty: Bool {
            self.records.isEmpty && self.changes.isEmpty && self.replies.isEmpty && self.actions.isEmpty
        }

        /// Empties all lists and keeps their storage.
        package mutating func removeAll() {
            self.records.removeAll(keepingCapacity: true)
            self.changes.removeAll(keepingCapacity: true)
            self.replies.removeAll(keepingCapacity: true)
            self.actions.removeAll(keepingCapacity: true)
        }
    }

    /// Something to do outside. Its outcome comes back as an input.
    package enum Action: Sendable, Hashable {
        /// Call startContainers on the node; then `applicationMasterLaunched` or `applicationMasterLaunchFailed`.
        case launchApplicationMaster(MasterLaunch)
        /// Call stopContainers on the node, once; a failure is of no consequence, since the node's next heartbeat is told
        /// the same.
        case stopApplicationMaster(ApplicationAttemptID, container: ContainerID, on: NodeID)
        /// Ask the token's server to renew it; then `tokenRenewed` or `tokenRenewalFailed`.
        case renewToken(RenewableToken)
        /// Ask the token's server to cancel it; what comes of it is of no consequence.
        case cancelToken(RenewableToken)
        /// Make random bytes and offer them (`masterKeyOffered`).
        case masterKeyWanted(MasterKeyKind)
        /// The node has something to be told by its next heartbeat.
        case nodeEventPending(NodeID)
    }

    /// What the launch of an ApplicationMaster needs.
    package struct MasterLaunch: Sendable, Hashable {
        package var attempt: ApplicationAttemptID
        package var user: String
        package var container: GrantedContainer
        /// Key of the AMRM ring that signs the token in the launch context.
        package var masterTokenKeyID: Int32
        /// Key of the NM ring for the call itself.
        package var nodeTokenKeyID: Int32
        /// For APP_SUBMIT_TIME_ENV.
        package var submittedAt: Timestamp
        /// Number of attempts allowed (MAX_APP_ATTEMPTS).
        package var maximumAttempts: Int32
        /// The client's ApplicationSubmissionContextProto.
        package var context: OpaqueBytes

        package init(
            attempt: ApplicationAttemptID,
            user: String,
            container: GrantedContainer,
            masterTokenKeyID: Int32,
            nodeTokenKeyID: Int32,
            submittedAt: Timestamp,
            maximumAttempts: Int32,
            context: OpaqueBytes
        ) {
            self.attempt = attempt
            self.user = user
            self.container = container
            self.masterTokenKeyID = masterTokenKeyID
            self.nodeTokenKeyID = nodeTokenKeyID
            self.submittedAt = submittedAt
            self.maximumAttempts = maximumAttempts
            self.context = context
        }
    }
}
