internal import EngineCore

/// What runs tasks for a driver. No call may block: what other threads decide meanwhile waits for it.
protocol ExecutorBackend: Sendable {
    /// Runs tasks; each is reported by `Driver.taskEnded`.
    func launch(_ orders: [LaunchOrder], for driver: Driver)
    func kill(_ task: TaskAttempt)
    /// Drops what is kept of a dataset.
    func forget(dataset: Digest)
    /// Drops what was written for a shuffle.
    func forget(shuffle: Digest)
    /// Has an executor keep what another keeps. It reports that it does, or that it does not.
    func copy(_ wish: CopyWish, for driver: Driver)
    /// Drops a broadcast.
    func forget(value: Digest)
    /// The scheduler wants so many executors, whatever it wanted before.
    func request(executors total: Int)
    /// Ends an executor; its loss is reported as of any other.
    /// - Parameter handsOver: whether it gives what its map tasks wrote to its node's service first, where there is one.
    func remove(_ executor: ExecutorID, handsOver: Bool)
    /// Ends all executors.
    /// - Parameter failure: why the application counts as failed; nil where it does not.
    func stop(failure: String?)
}

/// A task that is to be run.
struct LaunchOrder: Sendable {
    var task: TaskAttempt
    var executor: ExecutorID
    var plan: EncodedPlan
    var order: TaskOrder
    /// Kept partitions that the task reads and that other executors have.
    var kept: [KeptHolder] = []
    /// How current the places of outputs must be that the task reads.
    var outputsVersion = 0
}

/// Which executor keeps a partition that a task on another one reads.
struct KeptHolder: Sendable {
    var dataset: Digest
    var partition: Int
    var executor: ExecutorID
}

/// A partition that is to be kept by one executor more.
struct CopyWish: Sendable {
    var dataset: Digest
    var level: StorageLevel
    var copy: BlockCopy

    init(_ kept: DatasetNames.Kept, _ copy: BlockCopy) {
        self.dataset = kept.identity
        self.level = kept.level
        self.copy = copy
    }
}

/// What a task made, as its end is reported.
struct TaskProduct: Codable, Sendable {
    enum Yield: Codable, Sendable {
        case result([UInt8])
        /// How many bytes a map task wrote for each partition; the bytes stay with the executor.
        case output([Int64])
    }

    var yield: Yield
    /// What it added to accumulators.
    var updates: [AccumulatorUpdate] = []
    var metrics = TaskMetrics()
}

/// A stage's plan as it travels.
struct EncodedPlan: Sendable {
    var bytes: [UInt8]
    var digest: Digest
    /// Values that are sent beside it.
    var values: [Parameter]
    /// Values that have not been fetched yet.
    var missingValues: [Digest] = []
    /// The shuffle that its tasks write.
    var shuffle: Digest?
    /// What the stage does, and where that stands; does not travel.
    var name = ""

    /// As an executor receives it.
    init(_ sent: SentPlan) {
        self.bytes = sent.bytes
        self.digest = sent.digest
        self.values = []
        self.missingValues = sent.values
        self.shuffle = sent.shuffle
    }

    init(_ stage: StageBuilder.Stage) {
        // Everything in a plan has a binary form of its own.
        let bytes = (try? Portable.encode(stage.plan)) ?? []
        self.bytes = bytes
        self.digest = Digest(of: bytes)
        self.values = stage.values + stage.broadcasts.compactMap(\.parameter)
        self.shuffle = stage.shuffle?.identity
        self.name = stage.name
    }
}
