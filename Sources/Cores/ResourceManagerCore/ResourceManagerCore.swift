package import ClusterModel

/// Every decision of a ResourceManager, as a value: applications, attempts, nodes, tokens, expiry, recovery, and by the
/// `Scheduler` it owns, placement.
///
/// The driver owns it on one thread. It steps the inputs of a batch at their time, publishes once, stores the records,
/// and only then lets changes, replies and actions out:
///
///     for (input, now) in batch { core.step(input, at: now, into: &effects) }
///     core.publish(into: &effects)
///
/// The first input is `recovered`, with an empty list for a new store. At `nextDeadline` the driver posts `timePassed`.
package struct ResourceManagerCore: Sendable {
    package private(set) var settings: ResourceManagerSettings
    /// When this run of the ResourceManager started, in ms: the cluster timestamp of new applications and the
    /// identifier in container tokens.
    package let clusterTimestamp: Int64

    package init(settings: ResourceManagerSettings, clusterTimestamp: Int64) {
        self.settings = settings
        self.clusterTimestamp = clusterTimestamp
    }

    /// Applies one input. Records, replies and actions are appended to `effects`; changes wait for `publish`.
    package mutating func step(_ input: Input, at now: Timestamp, into effects: inout Effects) {}

    /// Appends the views that changed since the last call, each once, in its present form.
    package mutating func publish(into effects: inout Effects) {}

    /// When the next `timePassed` is due; nil: nothing waits for time.
    package var nextDeadline: Timestamp? { nil }
}
