import ClusterModel
import OrderedCollections

extension ResourceManagerCore {
    /// One application: what is stored of it, its attempts and what it uses.
    ///
    /// `live → finishing → ended`, or `live → ended` when it fails or is killed.
    struct Application: Sendable {
        enum Phase: Sendable, Hashable {
            case live
            /// Its ApplicationMaster has unregistered and is about to exit. Clients see FINISHED already.
            case finishing
            case ended
        }

        var record: ApplicationRecord
        var phase = Phase.live
        /// The attempt under way; nil once the application has ended.
        var attempt: Attempt?
        /// Attempts that are over, in order.
        var endedAttempts: [AttemptRecord] = []
        var usage = ApplicationUsageView()
        /// Nodes that ran something of it and must be told when it is over.
        var nodes: Set<NodeID> = []
        /// It starts when its delegation tokens have been renewed.
        var awaitsTokens = false
        /// What is said of tokens that have ended, a line each.
        var tokenNotes: [String] = []
        /// How far its nodes are with its logs.
        var logs = ApplicationLogs()
        /// Whether the store has it; the oldest ends are forgotten there first.
        var isStored = true
        /// The state that the cluster's counters count it in; nil before they do.
        var countedAs: ApplicationState?

        var id: ApplicationID { self.record.submission.id }
        var isUnmanaged: Bool { self.record.submission.isUnmanaged }

        /// What clients see.
        var state: ApplicationState {
            switch self.phase {
            case .live: self.awaitsTokens ? .submitted : self.attempt?.phase == .running ? .running : .accepted
            case .finishing: .finished
            case .ended: self.record.finalState ?? .failed
            }
        }

        func attemptRecord(_ id: ApplicationAttemptID) -> AttemptRecord? {
            if let attempt, attempt.id == id { return attempt.record }
            return self.endedAttempts.last { $0.id == id }
        }

        /// Brings the use counted so far up to `now`; called before what is used changes. The sums wrap rather than trap:
        /// they are statistics.
        mutating func countUse(until now: Timestamp) {
            let elapsed = max(0, now.milliseconds(since: self.usage.countedUntil))
            self.usage.memoryMiBMilliseconds &+= self.usage.used.memoryMiB &* elapsed
            self.usage.vcoreMilliseconds &+= self.usage.used.vcores &* elapsed
            self.usage.countedUntil = now
        }

        mutating func occupy(_ capability: ResourceVector, isMaster: Bool, at now: Timestamp) {
            self.countUse(until: now)
            self.usage.used += capability
            self.usage.runningContainers += 1
            if isMaster { self.usage.masterUsed += capability }
        }

        mutating func vacate(_ capability: ResourceVector, isMaster: Bool, at now: Timestamp) {
            self.countUse(until: now)
            self.usage.used -= capability
            self.usage.runningContainers -= 1
            if isMaster { self.usage.masterUsed -= capability }
        }
    }
}
