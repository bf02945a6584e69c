internal import Glibc

/// What a run of a task took, as pages show it.
struct TaskMetrics: Codable, Hashable, Sendable {
    var runMilliseconds: Int64 = 0
    var cpuNanoseconds: Int64 = 0
    var resultBytes: Int64 = 0
    var localBytesRead: Int64 = 0
    var localBlocksRead: Int64 = 0
    var remoteBytesRead: Int64 = 0
    var remoteBlocksRead: Int64 = 0
    var bytesWritten: Int64 = 0
    /// What had to go to disk while the task ran: in its size in memory, and in its size there.
    var memorySpilled: Int64 = 0
    var diskSpilled: Int64 = 0
}

/// Measures the calling thread.
struct TaskStopwatch {
    private let wall = Self.nanoseconds(CLOCK_MONOTONIC)
    private let cpu = Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID)

    /// Since it was made.
    func read(into metrics: inout TaskMetrics) {
        metrics.runMilliseconds = (Self.nanoseconds(CLOCK_MONOTONIC) - self.wall) / 1_000_000
        metrics.cpuNanoseconds = Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID) - self.cpu
    }

    static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
