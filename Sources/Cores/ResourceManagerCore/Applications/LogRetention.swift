package import ClusterModel
import SchedulerCore

/// How long aggregated logs are kept, decided for the folder of one application.
package struct LogRetention: Sendable, Hashable {
    /// From the last change of anything in the folder on (`yarn.log-aggregation.retain-seconds`).
    package let retention: Duration
    /// From one look through all folders to the next (`yarn.log-aggregation.retain-check-interval-seconds`).
    package let checkInterval: Duration

    /// - Parameters:
    ///   - seconds: below 0: logs are kept for ever, and this is nil.
    ///   - checkSeconds: 0 and less: a tenth of that time.
    package init?(seconds: Int, checkSeconds: Int) {
        guard seconds >= 0 else { return nil }
        self.retention = .seconds(seconds)
        self.checkInterval = checkSeconds > 0 ? .seconds(checkSeconds) : max(.seconds(1), .milliseconds(seconds * 100))
    }

    /// Whether a folder may be so old that its content is worth a look.
    package func isDue(lastChange: Timestamp, at now: Timestamp) -> Bool {
        lastChange.adding(self.retention) <= now
    }

    /// - Parameters:
    ///   - lastChange: the newest of the folder and all that is in it; nil: nobody knows.
    ///   - state: of the application; nil: it is not known any more, or never was.
    package func deletes(lastChange: Timestamp?, state: ApplicationState?, at now: Timestamp) -> Bool {
        guard let lastChange, state?.isFinal != false else { return false }
        return self.isDue(lastChange: lastChange, at: now)
    }
}
