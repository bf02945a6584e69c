/// A moment in milliseconds since 1 January 1970 UTC, the unit of every time on YARN's wire.
///
/// Cores never read a clock: the driver hands them one of these with each input.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The time that YARN writes for "not yet": 0 on the wire.
    package static let unset = Timestamp(milliseconds: 0)

    /// Later than every real time; a deadline that never comes.
    package static let distantFuture = Timestamp(milliseconds: .max)

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment that many milliseconds later; stays at `distantFuture` instead of overflowing.
    package func adding(milliseconds delta: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(delta)
        return overflow ? .distantFuture : Timestamp(milliseconds: sum)
    }

    /// Milliseconds from `earlier` to this moment; negative if this one is earlier.
    package func milliseconds(since earlier: Timestamp) -> Int64 {
        self.milliseconds.subtractingReportingOverflow(earlier.milliseconds).partialValue
    }
}
