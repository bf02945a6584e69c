package import ClusterModel
import Foundation

/// The time that the core sees: the wall clock at the daemon's start, moved on by the monotonic clock, so that a step of
/// the wall clock kills nobody and time never runs backwards.
package struct NodeClock: Sendable {
    private let start: Timestamp
    private let anchor: ContinuousClock.Instant

    package init() {
        self.anchor = .now
        self.start = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }

    package var now: Timestamp {
        self.start.adding(milliseconds: Int64(self.anchor.duration(to: .now) / .milliseconds(1)))
    }
}
