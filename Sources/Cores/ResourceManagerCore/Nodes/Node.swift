import ClusterModel
import OrderedCollections

extension ResourceManagerCore {
    /// One NodeManager.
    struct Node: Sendable {
        enum Phase: Sendable, Hashable {
            case running
            /// It reports itself unfit; nothing is placed there and nothing is kept.
            case unhealthy
            /// Takes nothing new and leaves when it is empty, or after that many seconds; -1 is never.
            case decommissioning(seconds: Int64)
            /// Only listed.
            case inactive(NodeState)

            var state: NodeState {
                switch self {
                case .running: .running
                case .unhealthy: .unhealthy
                case .decommissioning: .decommissioning
                case .inactive(let state): state
                }
            }

            /// True while the scheduler has the node.
            var isSchedulable: Bool {
                switch self {
                case .running, .decommissioning: true
                case .unhealthy, .inactive: false
                }
            }
        }

        let id: NodeID
        var httpAddress: String
        var rack: String
        var capacity: ResourceVector
        var version: String
        /// All names of its host.
        var names: [String]
        var phase = Phase.running
        var health = NodeHealth()
        var containersUtilization: ResourceUtilization?
        var nodeUtilization: ResourceUtilization?

        /// Id of the last reply.
        var responseID: Int32 = 0
        /// Sent again when a heartbeat is repeated.
        var lastReply: NodeHeartbeatReply?
        var errands = Errands()
    }

    /// What a node is to be told by its next heartbeat.
    struct Errands: Sendable {
        var containersToCleanUp: OrderedSet<ContainerID> = []
        var applicationsToCleanUp: OrderedSet<ApplicationID> = []
        var containersToForget: OrderedSet<ContainerID> = []
        var containersToSignal: [ContainerSignal] = []

        var isEmpty: Bool {
            self.containersToCleanUp.isEmpty && self.applicationsToCleanUp.isEmpty && self.containersToForget.isEmpty
                && self.containersToSignal.isEmpty
        }
    }

    /// Which nodes changed their state, for ApplicationMasters that read it from where they stopped.
    struct NodeUpdateLog: Sendable {
        private var entries: [NodeID] = []
        /// Number of the first entry.
        private var start = 0

        /// Longer ago nobody needs to know: an ApplicationMaster that late has missed a whole cluster's worth of changes.
        private static let entriesMaximum = 20_000

        var end: Int { self.start + self.entries.count }

        mutating func append(_ node: NodeID) {
            self.entries.append(node)
            guard self.entries.count > Self.entriesMaximum else { return }
            self.entries.removeFirst(Self.entriesMaximum / 2)
            self.start += Self.entriesMaximum / 2
        }

        /// Nodes that changed since `position`, each once, by id.
        func changed(since position: Int) -> [NodeID] {
            guard position < self.end else { return [] }
            return Set(self.entries[max(0, position - self.start)...]).sorted()
        }
    }
}
