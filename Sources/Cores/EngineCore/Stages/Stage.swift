import ClusterModel

/// A stage that some job needs.
struct Stage: Sendable {
    let id: StageID
    let plan: StagePlan
    let taskCount: Int
    /// nil: it computes results.
    let shuffle: ShuffleID?
    /// Slots of the stages that the plan's parents name, in the plan's order.
    let parents: [Int]
    /// Jobs that need it, in order.
    var jobs: [JobID]
    /// The pool of the first of these jobs.
    var pool = 0
    var phase = Phase.idle
    /// The current or last attempt; -1: none was submitted.
    var attempt: Int32 = -1
    /// Attempts that lost their input since the last success.
    var lostAttempts = 0
    /// The current attempt's tasks; empty unless `running`.
    var tasks = TaskSet()
    /// Runs that an executor has, of all attempts, by place in the stage.
    var copies: [UInt8] = []
    /// Results that have come, by place in the stage.
    var finished: [Bool] = []
    var resultBytes: Int64 = 0
    var counts = StageCounts()
    /// Of the current or last attempt.
    var submittedAt: Timestamp?
    var completedAt: Timestamp?
    var outcome: StageOutcome?

    enum Phase: Sendable {
        /// Nothing of it is wanted now, or it is complete.
        case idle
        /// Its parents run first.
        case waiting
        case running
        /// It lost input; runs that executors still have may complete partitions.
        case resubmitting
    }

    init(_ plan: StagePlan, id: StageID, shuffle: ShuffleID?, parents: [Int], job: JobID) {
        self.id = id
        self.plan = plan
        self.taskCount = plan.taskCount
        self.shuffle = shuffle
        self.parents = parents
        self.jobs = [job]
    }

    /// Stands where no stage is.
    static let vacant = Stage(
        StagePlan(name: "", output: .results(partitions: [])),
        id: StageID(-1),
        shuffle: nil,
        parents: [],
        job: JobID(-1)
    )

    func partition(at index: Int) -> Int {
        switch self.plan.output {
        case .shuffle: index
        case .results(let partitions): partitions[index]
        }
    }
}

/// How the tasks of one attempt of a stage stand.
package struct StageCounts: Sendable, Hashable {
    package var total = 0
    package var active = 0
    package var completed = 0
    package var failed = 0
    package var killed = 0
}

/// The stages that are alive, in slots that are used again.
struct StageTable: Sendable {
    private var slots: [Stage] = []
    private var vacant: [Int] = []
    private var slotOfID: [StageID: Int] = [:]
    private var slotOfShuffle: [ShuffleID: Int] = [:]
    private var nextID = 0

    var count: Int { self.slotOfID.count }
    /// All that are alive, by number.
    var live: [Int] { self.slotOfID.sorted { $0.key < $1.key }.map(\.value) }

    func slot(of id: StageID) -> Int? { self.slotOfID[id] }

    func slot(of shuffle: ShuffleID) -> Int? { self.slotOfShuffle[shuffle] }

    subscript(slot: Int) -> Stage {
        _read { yield self.slots[slot] }
        _modify { yield &self.slots[slot] }
    }

    mutating func insert(_ plan: StagePlan, parents: [Int], job: JobID) -> Int {
        var shuffle: ShuffleID?
        if case .shuffle(let id, _, _) = plan.output { shuffle = id }
        let stage = Stage(plan, id: StageID(self.nextID), shuffle: shuffle, parents: parents, job: job)
        self.nextID += 1
        let slot: Int
        if let free = self.vacant.popLast() {
            slot = free
            self.slots[slot] = stage
        } else {
            slot = self.slots.count
            self.slots.append(stage)
        }
        self.slotOfID[stage.id] = slot
        if let shuffle { self.slotOfShuffle[shuffle] = slot }
        return slot
    }

    mutating func remove(_ slot: Int) {
        self.slotOfID[self.slots[slot].id] = nil
        if let shuffle = self.slots[slot].shuffle { self.slotOfShuffle[shuffle] = nil }
        self.slots[slot] = .vacant
        self.vacant.append(slot)
    }
}
