internal import EngineCore
internal import Synchronization

/// Cancels a job when the task that waits for it is cancelled, whichever is known first.
final class JobCancellation: Sendable {
    private struct State {
        var job: JobID?
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let driver: Driver

    init(_ driver: Driver) { self.driver = driver }

    func know(_ job: JobID) {
        let isCancelled = self.state.withLock { state in
            state.job = job
            return state.isCancelled
        }
        if isCancelled { self.driver.cancel(job, reason: Self.reason) }
    }

    func cancel() {
        let job = self.state.withLock { state in
            state.isCancelled = true
            return state.job
        }
        if let job { self.driver.cancel(job, reason: Self.reason) }
    }

    private static let reason = "the task that waited for it was cancelled"
}
