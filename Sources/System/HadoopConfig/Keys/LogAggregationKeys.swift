/// Keys of what becomes of containers' logs; whether and where they are aggregated stands in `NodeManagerKeys`.
package enum LogAggregationKeys {
    /// How long aggregated logs are kept, in seconds; below 0 for ever.
    package static let retention = ConfigurationKey<Int>(
        "yarn.log-aggregation.retain-seconds",
        default: "-1",
        .integer(-1...Int(Int32.max))
    )
    /// How often they are looked through, in seconds; 0 and less: ten times in the time that they are kept.
    package static let retentionCheckInterval = ConfigurationKey<Int>(
        "yarn.log-aggregation.retain-check-interval-seconds",
        default: "-1",
        .integer(-1...Int(Int32.max))
    )
    /// How long after an application's end its nodes may take to upload.
    package static let statusTimeout = ConfigurationKey<Duration>(
        "yarn.log-aggregation-status.time-out.ms",
        default: "600000",
        .duration(.milliseconds)
    )
    /// Which containers' logs are aggregated.
    package static let policyClass = ConfigurationKey<String>(
        "yarn.nodemanager.log-aggregation.policy.class",
        default:
            "org.apache.hadoop.yarn.server.nodemanager.containermanager.logaggregation.AllContainerLogAggregationPolicy",
        .text
    )
    /// What such a class is told.
    package static let policyParameters = ConfigurationKey<String>(
        "yarn.nodemanager.log-aggregation.policy.parameters",
        default: "",
        .text
    )
    /// How often complete log files of running containers are aggregated, in seconds; 0 and less: never.
    package static let rollingInterval = ConfigurationKey<Int>(
        "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds",
        default: "-1",
        .integer(-1...Int(Int32.max))
    )
    /// The shortest such interval, in seconds.
    package static let rollingIntervalMinimum = ConfigurationKey<Int>(
        "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds.min",
        default: "3600",
        .integer(-1...Int(Int32.max))
    )
    /// How many files of one node an application keeps where logs are rolled.
    package static let rolledFilesMaximum = ConfigurationKey<Int>(
        "yarn.nodemanager.log-aggregation.num-log-files-per-app",
        default: "30",
        .integer(1...Int(Int32.max))
    )
    /// How aggregated files are compressed.
    package static let compression = ConfigurationKey<String>(
        "yarn.nodemanager.log-aggregation.compression-type",
        default: "none",
        ValueForm(accepted: "none, gz (lzo needs a library that this program does not come with)") { text in
            ["none", "gz"].contains(text) ? text : nil
        }
    )
    /// Whether containers are ended whose logs grow beyond a limit.
    package static let monitorEnabled = ConfigurationKey<Bool>(
        "yarn.nodemanager.container-log-monitor.enable",
        default: "false",
        .boolean
    )
    /// How often their logs are measured.
    package static let monitorInterval = ConfigurationKey<Duration>(
        "yarn.nodemanager.container-log-monitor.interval-ms",
        default: "60000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Bytes of one container on one disk.
    package static let folderSizeMaximum = ConfigurationKey<Int>(
        "yarn.nodemanager.container-log-monitor.dir-size-limit-bytes",
        default: "1000000000",
        .bytes(1...Int.max)
    )
    /// Bytes of one container on all disks.
    package static let totalSizeMaximum = ConfigurationKey<Int>(
        "yarn.nodemanager.container-log-monitor.total-size-limit-bytes",
        default: "10000000000",
        .bytes(1...Int.max)
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        retention, retentionCheckInterval, statusTimeout, policyClass, policyParameters, rollingInterval,
        rollingIntervalMinimum, rolledFilesMaximum, compression, monitorEnabled, monitorInterval, folderSizeMaximum,
        totalSizeMaximum,
    ]
}
