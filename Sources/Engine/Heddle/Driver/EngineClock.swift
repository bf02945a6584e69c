internal import ClusterModel
internal import Dispatch
internal import Glibc

/// The time that a driver tells its scheduler, and the calls it wants at later ones.
final class EngineClock: Sendable {
    private let queue = DispatchQueue(label: "heddle.engine.clock")

    /// Never goes back, whatever happens to the machine's clock.
    var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Calls `body` at that time or soon after.
    func wake(at time: Timestamp, _ body: @escaping @Sendable () -> Void) {
        let milliseconds = max(0, time.milliseconds(since: self.now))
        guard time != .distantFuture else { return }
        self.queue.asyncAfter(deadline: .now() + .milliseconds(Int(milliseconds)), execute: body)
    }
}
