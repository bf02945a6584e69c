/// Keys of log aggregation that only change its course; whether and where it happens stands in `NodeManagerKeys`.
package enum LogAggregationKeys {
    /// How long aggregated logs are kept.
    package static let retention = ConfigurationKey<String>(
        "yarn.log-aggregation.retain-seconds",
        default: "-1",
        .text
    )
    /// Which containers' logs are aggregated.
    package static let policyClass = ConfigurationKey<String>(
        "yarn.nodemanager.log-aggregation.policy.class",
        default:
            "org.apache.hadoop.yarn.server.nodemanager.containermanager.logaggregation.AllContainerLogAggregationPolicy",
        .text
    )
    /// How often logs of running applications are aggregated.
    package static let rollingInterval = ConfigurationKey<String>(
        "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds",
        default: "-1",
        .text
    )
    /// How aggregated files are compressed.
    package static let compression = ConfigurationKey<String>(
        "yarn.nodemanager.log-aggregation.compression-type",
        default: "none",
        .text
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [retention, policyClass, rollingInterval, compression]
}
