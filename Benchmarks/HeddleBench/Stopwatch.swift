import Glibc

/// Wall time and the process's own CPU time between two moments.
struct Stopwatch {
    private let wallStart = ContinuousClock.now
    private let cpuStart = Stopwatch.processSeconds()

    /// Seconds since the start.
    var wallSeconds: Double {
        Self.seconds(ContinuousClock.now - self.wallStart)
    }

    /// User and system seconds that this process spent since the start, over all its threads.
    var cpuSeconds: Double {
        Self.processSeconds() - self.cpuStart
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static func processSeconds() -> Double {
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
