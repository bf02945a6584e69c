import Synchronization

/// Counts work that was started, so that a stop can wait for it.
final class OutstandingWork: Sendable {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Runs the work in a task of its own.
    func start(_ work: @escaping @Sendable () async -> Void) {
        self.state.withLock { $0.count += 1 }
        Task {
            await work()
            self.finish()
        }
    }

    /// Returns when nothing is outstanding, or when that time has passed.
    /// - Returns: whether nothing is outstanding.
    func wait(atMost patience: Duration) async -> Bool {
        let isDone = FirstEvent<Bool>()
        let pause = Task {
            try? await Task.sleep(for: patience)
            isDone.happen(false)
        }
        defer { pause.cancel() }
        Task {
            await self.wait()
            isDone.happen(true)
        }
        return await isDone.value
    }

    /// Returns when nothing is outstanding.
    private func wait() async {
        await withCheckedContinuation { continuation in
            let isIdle = self.state.withLock { state in
                if state.count == 0 { return true }
                state.waiters.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    private func finish() {
        let waiters = self.state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
