/// Keys of clients: commands, NodeManagers and ApplicationMasters on their way to a server.
package enum ClientKeys {
    /// How long to try to reach the ResourceManager; -1 is for ever.
    package static let resourceManagerWaitMaximum = ConfigurationKey<Duration?>(
        "yarn.resourcemanager.connect.max-wait.ms",
        default: "900000",
        .durationOrNone(.milliseconds)
    )
    /// How long to wait between tries.
    package static let resourceManagerRetryInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.connect.retry-interval.ms",
        default: "30000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How often to ask about an application that is being submitted or killed.
    package static let pollInterval = ConfigurationKey<Duration>(
        "yarn.client.application-client-protocol.poll-interval-ms",
        default: "200",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long to go on asking; -1 is for ever.
    package static let pollTimeout = ConfigurationKey<Duration?>(
        "yarn.client.application-client-protocol.poll-timeout-ms",
        default: "-1",
        .durationOrNone(.milliseconds)
    )
    /// How long to try to reach a NodeManager.
    package static let nodeManagerWaitMaximum = ConfigurationKey<Duration?>(
        "yarn.client.nodemanager-connect.max-wait-ms",
        default: "180000",
        .durationOrNone(.milliseconds)
    )
    /// How long to wait between tries.
    package static let nodeManagerRetryInterval = ConfigurationKey<Duration>(
        "yarn.client.nodemanager-connect.retry-interval-ms",
        default: "10000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Tries over all ResourceManagers of a highly available cluster; unset, what the wait allows.
    package static let failoverAttemptsMaximum = ConfigurationKey<Int>(
        "yarn.client.failover-max-attempts",
        default: nil,
        .integer(-1...Int(Int32.max))
    )
    /// First wait between these tries; unset, the retry interval.
    package static let failoverSleepBase = ConfigurationKey<Duration>(
        "yarn.client.failover-sleep-base-ms",
        default: nil,
        .duration(.milliseconds)
    )
    /// Longest wait between these tries; unset, the retry interval.
    package static let failoverSleepMaximum = ConfigurationKey<Duration>(
        "yarn.client.failover-sleep-max-ms",
        default: nil,
        .duration(.milliseconds)
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        resourceManagerWaitMaximum, resourceManagerRetryInterval, pollInterval, pollTimeout,
        nodeManagerWaitMaximum, nodeManagerRetryInterval, failoverAttemptsMaximum, failoverSleepBase,
        failoverSleepMaximum,
    ]
}
