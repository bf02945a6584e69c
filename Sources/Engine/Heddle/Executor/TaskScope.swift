internal import Synchronization

/// One run of a task: what it may use, what it counts, and whether it is still wanted.
@usableFromInline final class TaskScope: Sendable {
    let executor: Executor
    let order: TaskOrder
    /// Names this run in its executor.
    let number: Int64
    /// How current the places of outputs must be that this task reads.
    let outputsVersion: Int
    /// Where partitions are that it reads and that other executors keep.
    let kept: [KeptPlace]
    private let isCancelled = Atomic(false)
    private let counted = Mutex(TaskMetrics())
    private let accumulations = Mutex<[Int: any TaskAccumulation]>([:])
    private let values = Mutex<[Digest: SharedValue]>([:])
    private let failure = Mutex<(any Error)?>(nil)

    init(executor: Executor, order: TaskOrder, outputsVersion: Int = 0, kept: [KeptPlace] = []) {
        self.executor = executor
        self.order = order
        self.number = executor.nextTask()
        self.outputsVersion = outputsVersion
        self.kept = kept
    }

    /// What this task has added to an accumulator; used by its thread alone.
    @usableFromInline func accumulation<Kind>(
        _ accumulator: Int,
        _ make: () -> Accumulation<Kind>
    ) -> AnyObject {
        self.accumulations.withLock { accumulations in
            if let known = accumulations[accumulator] { return known }
            let new = make()
            accumulations[accumulator] = new
            return new
        }
    }

    /// What the task has added, in the order of the accumulators' numbers.
    func updates() throws -> [AccumulatorUpdate] {
        try self.accumulations.withLock { $0 }.sorted { $0.key < $1.key }.map { accumulator, part in
            AccumulatorUpdate(accumulator: accumulator, bytes: try part.bytes())
        }
    }

    /// What it has read so far.
    var metrics: TaskMetrics { self.counted.withLock { $0 } }

    func count(_ change: (inout TaskMetrics) -> Void) { self.counted.withLock { change(&$0) } }

    /// Holds a value until the task has ended, whatever the executor lets go.
    func hold(_ value: SharedValue) { self.values.withLock { $0[value.digest] = value } }

    /// A value that the task's plan names.
    func value(_ digest: Digest) throws -> SharedValue {
        guard let value = self.values.withLock({ $0[digest] }) else { throw TaskFault.missingValue(digest) }
        return value
    }

    func cancel() { self.isCancelled.store(true, ordering: .relaxed) }

    /// Throws when the driver wants the task's result no longer. Asked once for each batch.
    @usableFromInline func checkCancellation() throws {
        if self.isCancelled.load(ordering: .relaxed) { throw TaskFault.cancelled }
    }

    /// Fails the calling thread's task, from where nothing can be thrown. The first failure counts.
    @usableFromInline static func fail(_ error: any Error) {
        // Outside of a task there is nobody to be told; what follows from half a sequence would be wrong.
        guard let task = TaskScope.current else { preconditionFailure("a group cannot be read: \(error)") }
        task.failure.withLock { $0 = $0 ?? error }
    }

    /// Throws what `fail` was told.
    func rethrow() throws {
        if let failure = self.failure.withLock({ $0 }) { throw failure }
    }

    func slice(of step: Int, partition: Int) throws -> [UInt8] {
        guard let slice = self.order.slices.first(where: { $0.step == step && $0.partition == partition }) else {
            throw TaskFault.foreignPlan("no slice of partition \(partition)")
        }
        return slice.bytes
    }
}

/// What a driver asks an executor to do.
struct TaskOrder: Codable, Sendable {
    /// The bytes that a source's partition is made from.
    struct Slice: Codable, Sendable {
        /// The source's place in the plan.
        var step: Int
        var partition: Int
        var bytes: [UInt8]
    }

    var plan: Digest
    var partition: Int
    /// The first run of a task has 0.
    var attempt: Int
    var slices: [Slice]
}
