import Dispatch
import Synchronization

/// Runs work that blocks (disks, transfers, archives) on threads of its own, some at a time, so that it never holds up
/// event loops or the threads of Swift's tasks. Threads exist only while there is work.
package final class BlockingThreads: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var running = 0
    }

    private let state = Mutex(State())
    private let threadsMaximum: Int

    package init(threadsMaximum: Int) {
        self.threadsMaximum = max(1, threadsMaximum)
    }

    /// Runs the work and returns its result. When the calling task is cancelled, `cancellation` says so to the work.
    package func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable (_ cancellation: Cancellation) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let cancellation = Cancellation()
        let result: Result<Value, Failure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.start {
                    do throws(Failure) {
                        continuation.resume(returning: .success(try work(cancellation)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private func start(_ job: @escaping @Sendable () -> Void) {
        let startsThread = self.state.withLock { state in
            state.waiting.append(job)
            guard state.running < self.threadsMaximum else { return false }
            state.running += 1
            return true
        }
        if startsThread { DispatchQueue.global().async { self.work() } }
    }

    private func work() {
        while true {
            let job: (@Sendable () -> Void)? = self.state.withLock { state in
                if state.waiting.isEmpty {
                    state.running -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            guard let job else { return }
            job()
        }
    }
}
