package import ClusterModel

/// Every placement decision of one cluster, as a value: no clock, lock, log, I/O or randomness. The same inputs give the
/// same outputs in the same order.
package struct Scheduler: Sendable {
    package private(set) var settings: SchedulerSettings

    /// - Parameter epoch: stands in the ids of the containers that are granted from now on.
    package init(settings: SchedulerSettings, epoch: Int64) {
        self.settings = settings
    }

    /// Applies one input; what was decided is appended to `outputs`.
    package mutating func step(_ input: Input, at now: Timestamp, into outputs: inout [Output]) {}
}
