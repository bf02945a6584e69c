package import Dispatch
package import NIOCore
internal import NIOPosix
internal import Synchronization

/// The threads that an application's network work has beside its tasks.
///
/// A program may make its context from any thread, also from the only one that Swift's own pool has on a machine with one
/// processor. So what it waits for there never runs on that pool.
package enum EngineThreads {
    /// Event loops of this process.
    package static var loops: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    /// For what is to happen later.
    package static let timers = DispatchQueue(label: "heddle.engine.timers")

    private static let executor = QueueExecutor()

    /// Where asynchronous work runs that somebody blocks for.
    package static var apart: any TaskExecutor { self.executor }

    /// Runs asynchronous work and blocks the calling thread until it is done.
    package static func wait<Result: Sendable>(
        for body: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Task(executorPreference: self.executor) {
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
            isDone.signal()
        }
        isDone.wait()
        guard let result = outcome.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}

private final class QueueExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "heddle.engine.apart", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
