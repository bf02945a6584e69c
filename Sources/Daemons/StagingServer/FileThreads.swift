import NIOPosix

/// Threads for calls on files, which block, as a place where tasks run: an upload stays on one thread while its bytes come
/// faster than they are written, and changes threads only where it has to wait for them.
final class FileThreads: TaskExecutor {
    let pool: NIOThreadPool

    init(count: Int) {
        self.pool = NIOThreadPool(numberOfThreads: count)
        self.pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Also when the pool has been shut down: a task that never runs would never end.
        self.pool.submit { _ in unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
