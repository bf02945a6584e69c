internal import Dispatch
internal import Glibc
internal import Synchronization

/// Threads for tasks, which compute for as long as they like. Dispatch runs no more threads than there are processors and
/// Swift's own tasks share them, so a program could not cancel a job whose tasks keep them all busy.
///
/// There are as many threads as were ever wanted at a time; idle ones wait for work until the value is gone. The one that has waited
/// least gets the next work: what the allocator keeps of freed memory it keeps for a thread, and so tasks that follow each
/// other use it again instead of having as much each.
final class TaskThreads: Sendable {
    private let pool = Pool()

    deinit { self.pool.stop() }

    /// How many threads wait for work.
    var idleCount: Int { self.pool.idleCount }

    /// Runs work on a thread that does nothing else, at once.
    func run(_ work: @escaping @Sendable () -> Void) { self.pool.run(work) }
}

private final class Pool: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        /// What wakes threads that wait and that no work has been left for; the last one has waited least.
        var idle: [DispatchSemaphore] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    func run(_ work: @escaping @Sendable () -> Void) {
        let idle = self.state.withLock { state in
            state.waiting.append(work)
            return state.idle.popLast()
        }
        if let idle { idle.signal() } else { self.start() }
    }

    func stop() {
        let idle = self.state.withLock { state in
            state.isStopped = true
            return state.idle
        }
        for thread in idle { thread.signal() }
    }

    var idleCount: Int { self.state.withLock { $0.idle.count } }

    private func start() {
        let pool = unsafe Unmanaged.passRetained(self)
        var identity = pthread_t()
        let result = unsafe pthread_create(
            &identity,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Pool>.fromOpaque(context).takeRetainedValue().work()
                }
                return nil
            },
            unsafe pool.toOpaque()
        )
        guard result == 0 else {
            // The system has no thread left: the work waits for one of Dispatch's.
            unsafe pool.release()
            DispatchQueue.global().async { self.workOnce() }
            return
        }
        pthread_detach(identity)
    }

    private func work() {
        let isNeeded = DispatchSemaphore(value: 0)
        while self.workOnce() {
            let goesOn = self.state.withLock { state in
                if !state.isStopped { state.idle.append(isNeeded) }
                return !state.isStopped
            }
            guard goesOn else { return }
            isNeeded.wait()
        }
    }

    /// Nothing of the work is held when it is done: with it a thread that waits would hold a whole application.
    @discardableResult
    private func workOnce() -> Bool {
        guard let work = self.state.withLock({ $0.waiting.popLast() }) else { return false }
        work()
        return true
    }
}
