internal import Synchronization

/// One run of a task: what it may use, and whether it is still wanted.
@usableFromInline final class TaskScope: Sendable {
    let executor: Executor
    let order: TaskOrder
    private let isCancelled = Atomic(false)

    init(executor: Executor, order: TaskOrder) {
        self.executor = executor
        self.order = order
    }

    func cancel() { self.isCancelled.store(true, ordering: .relaxed) }

    /// Throws when the driver wants the task's result no longer. Asked once for each batch.
    @usableFromInline func checkCancellation() throws {
        if self.isCancelled.load(ordering: .relaxed) { throw TaskFault.cancelled }
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
