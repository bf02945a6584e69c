import ClusterModel

/// The tasks of one attempt of a stage: what is to be launched, and near to what.
struct TaskSet: Sendable {
    var states: [TaskState] = []
    /// Runs begun in this attempt of the stage.
    var begun: [Int32] = []
    /// Runs of this attempt that executors have.
    var copies: [UInt8] = []
    /// How many are `pending`.
    var pendingCount = 0
    /// How many are not `done`.
    var remaining = 0
    /// How many tasks this attempt has.
    var size = 0
    /// Failures that count, by place in the stage.
    var failures: [Int: Int] = [:]

    /// No task has a place it prefers: the queues by place are empty, and every place is as good.
    var isIndifferent = true
    // Queues are stacks, the next task at their end. A task stands in all that suit it and is taken out late: what is no
    // longer pending is dropped when it comes to the end.
    var all: [Int32] = []
    var ofExecutor: [ExecutorID: [Int32]] = [:]
    var ofHost: [Int: [Int32]] = [:]
    var ofRack: [Int: [Int32]] = [:]
    var withoutPreference: [Int32] = []
    var preferences: [[Place]] = []

    var levels: [Locality] = [.any]
    var level = 0
    /// When the wait for the current level began.
    var waitsSince = Timestamp.unset
    /// No offer since the last of everything was refused only for the sake of locality.
    var refusedNone = true

    /// Tasks of which a second run is wanted.
    var slow: [Int32] = []
    var durations: MedianOfDurations?
    var exclusions: TaskSetExclusions?

    enum TaskState: UInt8, Sendable {
        /// Was complete before this attempt.
        case absent
        case pending
        case running
        case done
    }

    /// Where a task would find its input, with the names of hosts and racks as numbers.
    struct Place: Sendable {
        var executor: ExecutorID?
        var host: Int
        var rack: Int?
    }

    init() {}

    /// - Parameters:
    ///   - missing: what this attempt has to complete, ascending.
    ///   - preferences: by place in the stage; empty: none.
    init(count: Int, missing: [Int], preferences: [[Place]]) {
        self.states = Array(repeating: .absent, count: count)
        self.begun = Array(repeating: 0, count: count)
        self.copies = Array(repeating: 0, count: count)
        self.size = missing.count
        self.remaining = missing.count
        self.isIndifferent = preferences.isEmpty
        self.preferences = preferences
        self.all.reserveCapacity(missing.count)
        for index in missing.reversed() { self.makePending(index) }
    }

    /// To be launched (again), before others that wait.
    mutating func makePending(_ index: Int) {
        self.states[index] = .pending
        self.pendingCount += 1
        self.all.append(Int32(index))
        guard !self.isIndifferent else { return }
        let places = self.preferences[index]
        if places.isEmpty { self.withoutPreference.append(Int32(index)) }
        for place in places {
            if let executor = place.executor { self.ofExecutor[executor, default: []].append(Int32(index)) }
            self.ofHost[place.host, default: []].append(Int32(index))
            if let rack = place.rack { self.ofRack[rack, default: []].append(Int32(index)) }
        }
    }

    /// A pending task got a run.
    mutating func launched(_ index: Int) {
        if self.states[index] == .pending {
            self.states[index] = .running
            self.pendingCount -= 1
        }
        self.begun[index] += 1
        self.copies[index] += 1
    }

    /// The partition is complete, by whatever run.
    mutating func complete(_ index: Int) {
        switch self.states[index] {
        case .pending: self.pendingCount -= 1
        case .running: break
        case .absent, .done: return
        }
        self.states[index] = .done
        self.remaining -= 1
        if !self.slow.isEmpty { self.slow.removeAll { $0 == Int32(index) } }
    }

    /// A complete partition's output is gone.
    mutating func reopen(_ index: Int) {
        guard self.states[index] == .done else { return }
        self.remaining += 1
        if self.copies[index] > 0 { self.states[index] = .running } else { self.makePending(index) }
    }

    /// The last pending task of that queue that may run there; drops what is not pending from its end.
    private static func take(
        from queue: inout [Int32],
        _ states: [TaskState],
        where allows: (Int) -> Bool
    ) -> Int? {
        while let last = queue.last, states[Int(last)] != .pending { queue.removeLast() }
        guard let last = queue.last else { return nil }
        if allows(Int(last)) {
            queue.removeLast()
            return Int(last)
        }
        guard let place = queue.lastIndex(where: { states[Int($0)] == .pending && allows(Int($0)) }) else { return nil }
        return Int(queue.remove(at: place))
    }

    /// The next task for that executor, and how near it is there to its input.
    mutating func next(
        executor: ExecutorID,
        host: Int,
        rack: Int?,
        atMost limit: Locality,
        where allows: (Int) -> Bool
    ) -> (index: Int, locality: Locality)? {
        guard self.pendingCount > 0 else { return nil }
        if self.isIndifferent {
            return Self.take(from: &self.all, self.states, where: allows).map { ($0, .processLocal) }
        }
        if self.ofExecutor[executor] != nil,
            let index = Self.take(from: &self.ofExecutor[executor, default: []], self.states, where: allows)
        {
            return (index, .processLocal)
        }
        if limit >= .nodeLocal, self.ofHost[host] != nil,
            let index = Self.take(from: &self.ofHost[host, default: []], self.states, where: allows)
        {
            return (index, .nodeLocal)
        }
        // Before racks, so that what may run anywhere keeps off other racks' links.
        if limit >= .noPreference, let index = Self.take(from: &self.withoutPreference, self.states, where: allows) {
            return (index, .processLocal)
        }
        if limit >= .rackLocal, let rack, self.ofRack[rack] != nil,
            let index = Self.take(from: &self.ofRack[rack, default: []], self.states, where: allows)
        {
            return (index, .rackLocal)
        }
        if limit >= .any, let index = Self.take(from: &self.all, self.states, where: allows) { return (index, .any) }
        return nil
    }

    /// The next task that is to get a second run, if it may have it there.
    mutating func nextSlow(
        executor: ExecutorID,
        host: Int,
        rack: Int?,
        atMost limit: Locality,
        where allows: (Int) -> Bool
    ) -> (index: Int, locality: Locality)? {
        var best: (position: Int, locality: Locality)?
        for (position, index) in self.slow.enumerated() {
            guard allows(Int(index)) else { continue }
            let (needed, shown) = self.distance(of: Int(index), executor: executor, host: host, rack: rack)
            guard needed <= limit, best.map({ shown < $0.locality }) ?? true else { continue }
            best = (position, shown)
        }
        guard let best else { return nil }
        return (Int(self.slow.remove(at: best.position)), best.locality)
    }

    /// The level at which the task may run there, and the one that it is reported with.
    private func distance(
        of index: Int,
        executor: ExecutorID,
        host: Int,
        rack: Int?
    ) -> (needed: Locality, shown: Locality) {
        let places = self.isIndifferent ? [] : self.preferences[index]
        if places.isEmpty { return (self.isIndifferent ? .processLocal : .noPreference, .processLocal) }
        if places.contains(where: { $0.executor == executor }) { return (.processLocal, .processLocal) }
        if places.contains(where: { $0.host == host }) { return (.nodeLocal, .nodeLocal) }
        if rack != nil, places.contains(where: { $0.rack == rack }) { return (.rackLocal, .rackLocal) }
        return (.any, .any)
    }

    /// Whether a pending task could run at that level somewhere; drops what is not pending.
    mutating func hasPending(at level: Locality) -> Bool {
        switch level {
        case .processLocal: Self.hasPending(in: &self.ofExecutor, self.states)
        case .nodeLocal: Self.hasPending(in: &self.ofHost, self.states)
        case .rackLocal: Self.hasPending(in: &self.ofRack, self.states)
        case .noPreference: Self.hasPending(in: &self.withoutPreference, self.states)
        case .any: self.pendingCount > 0
        }
    }

    private static func hasPending<Key>(in queues: inout [Key: [Int32]], _ states: [TaskState]) -> Bool {
        for queue in queues.values {
            if let last = queue.last, states[Int(last)] == .pending { return true }
        }
        // Queues that have become empty stay: what levels there are must not hang on which was looked at first.
        var found = false
        for (key, queue) in Array(queues) where !queue.isEmpty {
            if Self.hasPending(in: &queues[key, default: []], states) { found = true }
        }
        return found
    }

    private static func hasPending(in queue: inout [Int32], _ states: [TaskState]) -> Bool {
        while let last = queue.last, states[Int(last)] != .pending { queue.removeLast() }
        return !queue.isEmpty
    }
}
