import ClusterModel
import DequeModule

extension ResourceManagerCore {
    /// One run of an application's ApplicationMaster.
    ///
    /// `scheduled → allocated → launched → running → finishing`; an unmanaged one begins as `launched`. From every phase
    /// it can end; then only its record stays.
    struct Attempt: Sendable {
        enum Phase: Sendable, Hashable {
            /// Waits for a container.
            case scheduled
            /// Has one; its launch was ordered.
            case allocated
            /// The ApplicationMaster runs and has not registered with this ResourceManager.
            case launched
            case running
            /// It has unregistered; its container has not ended.
            case finishing

            var state: AttemptState {
                switch self {
                case .scheduled: .scheduled
                case .allocated: .allocated
                case .launched: .launched
                case .running: .running
                case .finishing: .finishing
                }
            }
        }

        var record: AttemptRecord
        var phase: Phase
        /// The conversation with the ApplicationMaster; nil before it registers.
        var session: MasterSession?
        /// Grants made since the last reply.
        var undeliveredGrants: [ContainerID] = []
        /// Ends that wait for the next reply.
        var undeliveredEnds: [ContainerID] = []
        /// Ends in the last reply: the next allocate proves that they arrived.
        var unconfirmedEnds: [ContainerID] = []
        /// Confirmed ends that are still shown, oldest first.
        var shownEnds: Deque<ContainerID> = []
        /// What the scheduler said at the last allocate.
        var headroom = ResourceVector.zero
        /// What the application had used when the attempt began.
        var memoryMiBMillisecondsBefore: Int64 = 0
        var vcoreMillisecondsBefore: Int64 = 0

        var id: ApplicationAttemptID { self.record.id }

        /// So many ended containers of an attempt are shown; a long job ends many.
        static let shownEndsMaximum = 100
    }

    /// What must be remembered between two calls of an ApplicationMaster.
    struct MasterSession: Sendable {
        /// Id of the last reply.
        var responseID: Int32 = 0
        /// Sent again when a call is repeated.
        var lastReply: AllocateReply?
        /// Key of the NMToken sent for each node.
        var nodeTokens: [NodeID: Int32] = [:]
        /// Key of the last AMRM token sent.
        var masterTokenKeyID: Int32?
        /// How far it has read the log of node updates.
        var nodeUpdates: Int
    }
}
