/// Keys of the scheduler. Those of one queue stand in `QueueKeys`.
package enum SchedulerKeys {
    /// Which scheduler's rules apply; the Fair Scheduler is not built.
    package static let schedulerClass = ConfigurationKey<String>(
        "yarn.resourcemanager.scheduler.class",
        default: "org.apache.hadoop.yarn.server.resourcemanager.scheduler.capacity.CapacityScheduler",
        .word(
            "org.apache.hadoop.yarn.server.resourcemanager.scheduler.capacity.CapacityScheduler",
            "org.apache.hadoop.yarn.server.resourcemanager.scheduler.fifo.FifoScheduler"
        )
    )
    /// MiB of the smallest container, and the step of all sizes.
    package static let memoryMinimum = ConfigurationKey<Int>(
        "yarn.scheduler.minimum-allocation-mb",
        default: "1024",
        .integer(1...Int(Int32.max))
    )
    /// MiB of the largest container.
    package static let memoryMaximum = ConfigurationKey<Int>(
        "yarn.scheduler.maximum-allocation-mb",
        default: "8192",
        .integer(1...Int(Int32.max))
    )
    /// Virtual cores of the smallest container.
    package static let vcoresMinimum = ConfigurationKey<Int>(
        "yarn.scheduler.minimum-allocation-vcores",
        default: "1",
        .integer(1...Int(Int32.max))
    )
    /// Virtual cores of the largest container.
    package static let vcoresMaximum = ConfigurationKey<Int>(
        "yarn.scheduler.maximum-allocation-vcores",
        default: "4",
        .integer(1...Int(Int32.max))
    )
    /// Whether requests name nodes as host:port, for several NodeManagers on one host.
    package static let includesPortInNodeName = ConfigurationKey<Bool>(
        "yarn.scheduler.include-port-in-node-name",
        default: "false",
        .boolean
    )
    /// Whether vcores count (Dominant) or memory alone (Default).
    package static let resourceCalculator = ConfigurationKey<String>(
        "yarn.scheduler.capacity.resource-calculator",
        default: "org.apache.hadoop.yarn.util.resource.DefaultResourceCalculator",
        .word(
            "org.apache.hadoop.yarn.util.resource.DefaultResourceCalculator",
            "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator"
        )
    )
    /// Applications that may wait or run.
    package static let applicationsMaximum = ConfigurationKey<Int>(
        "yarn.scheduler.capacity.maximum-applications",
        default: "10000",
        .integer(1...Int(Int32.max))
    )
    /// The share of the cluster that ApplicationMasters may take together.
    package static let applicationMasterShareMaximum = ConfigurationKey<Double>(
        "yarn.scheduler.capacity.maximum-am-resource-percent",
        default: "0.1",
        .decimal(0...1)
    )
    /// Missed opportunities before a request for a node takes its rack; -1 never waits.
    package static let nodeLocalityDelay = ConfigurationKey<Int>(
        "yarn.scheduler.capacity.node-locality-delay",
        default: "40",
        .integer(-1...Int(Int32.max))
    )
    /// Further missed opportunities before it takes any node; -1 derives them from the request.
    package static let rackLocalityAdditionalDelay = ConfigurationKey<Int>(
        "yarn.scheduler.capacity.rack-locality-additional-delay",
        default: "-1",
        .integer(-1...Int(Int32.max))
    )
    /// Whether a node's heartbeat may place several containers. Heddle places whenever room appears, heartbeat or not.
    package static let multipleAssignmentsEnabled = ConfigurationKey<Bool>(
        "yarn.scheduler.capacity.per-node-heartbeat.multiple-assignments-enabled",
        default: "true",
        .boolean
    )
    /// Containers placed by one heartbeat; -1 is no limit.
    package static let assignmentsPerHeartbeatMaximum = ConfigurationKey<Int>(
        "yarn.scheduler.capacity.per-node-heartbeat.maximum-container-assignments",
        default: "100",
        .integer(-1...Int(Int32.max))
    )
    /// Rules from users and groups to queues.
    package static let queueMappings = ConfigurationKey<[String]>(
        "yarn.scheduler.capacity.queue-mappings",
        default: "",
        .list
    )
    /// Whether these rules beat the queue that a user names.
    package static let queueMappingsOverride = ConfigurationKey<Bool>(
        "yarn.scheduler.capacity.queue-mappings-override.enable",
        default: "false",
        .boolean
    )
    /// Whether containers are taken back from queues above their share.
    package static let monitorEnabled = ConfigurationKey<Bool>(
        "yarn.resourcemanager.scheduler.monitor.enable",
        default: "false",
        .boolean
    )
    /// Kinds of resources beyond memory and vcores.
    package static let resourceTypes = ConfigurationKey<[String]>("yarn.resource-types", default: "", .list)

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        schedulerClass, memoryMinimum, memoryMaximum, vcoresMinimum, vcoresMaximum, includesPortInNodeName,
        resourceCalculator, applicationsMaximum, applicationMasterShareMaximum, nodeLocalityDelay,
        rackLocalityAdditionalDelay, multipleAssignmentsEnabled, assignmentsPerHeartbeatMaximum, queueMappings,
        queueMappingsOverride, monitorEnabled, resourceTypes,
    ]
}
