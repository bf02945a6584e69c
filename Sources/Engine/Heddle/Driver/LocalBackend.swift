internal import CLinux
internal import EngineCore
internal import Synchronization

/// Runs tasks on threads of the driver's own process: the master `local[N]`.
final class LocalBackend: ExecutorBackend {
    let executor: Executor
    private let threads = TaskThreads()
    private let running = Mutex(Running())

    private struct Running {
        var scopes: [TaskID: TaskScope] = [:]
        var kills = EarlyKills<TaskID>()
    }

    init(_ memory: MemorySettings) {
        // A task that traps ends the program: it is to be known which.
        heddle_note_traps()
        self.executor = Executor(memory)
    }

    func launch(_ orders: [LaunchOrder], for driver: Driver) {
        for order in orders { self.threads.run { self.work(order, driver) } }
    }

    func kill(_ task: TaskAttempt) {
        let scope = self.running.withLock { running in
            if running.scopes[task.id] == nil { running.kills.note(task.id) }
            return running.scopes[task.id]
        }
        scope?.cancel()
    }

    func forget(dataset: Digest) { self.executor.forget(dataset: dataset) }

    func forget(shuffle: Digest) { self.executor.forget(shuffle: shuffle) }

    func forget(value: Digest) { self.executor.values.drop(value) }

    /// There is no executor that could keep one.
    func copy(_ wish: CopyWish, for driver: Driver) { driver.copyFailed(wish) }

    /// The one executor is there from the start, and stays.
    func request(executors total: Int) {}

    func remove(_ executor: ExecutorID, handsOver: Bool) {}

    func stop(failure: String?) {
        for scope in self.running.withLock({ Array($0.scopes.values) }) { scope.cancel() }
    }

    /// How many map tasks' outputs are kept.
    var outputCount: Int { self.executor.shuffles.count }

    /// Runs a task, and what may run when it has ended, one of it on this thread.
    private func work(_ first: LaunchOrder, _ driver: Driver) {
        var next: LaunchOrder? = first
        while let order = next {
            var launches = driver.taskEnded(order, self.run(order))[...]
            next = launches.popFirst()
            self.launch(Array(launches), for: driver)
        }
    }

    private func run(_ order: LaunchOrder) -> Result<TaskProduct, TaskFault> {
        let scope = TaskScope(executor: self.executor, order: order.order)
        let isKilled = self.running.withLock { running in
            running.scopes[order.task.id] = scope
            return running.kills.take(order.task.id)
        }
        if isKilled { scope.cancel() }
        defer { self.running.withLock { _ = $0.scopes.removeValue(forKey: order.task.id) } }
        let (partition, stage) = (Int64(order.task.partition), Int64(order.task.stage.number))
        return unsafe order.plan.name.withCString { name in
            unsafe heddle_set_local_task(partition, stage, name)
            defer { heddle_clear_task() }
            return self.executor.perform(scope, plan: order.plan)
        }
    }
}
