import ClusterModel
package import HadoopConfig
package import SchedulerCore

extension SchedulerSettings {
    /// Reads yarn-site.xml's and capacity-scheduler.xml's keys of the scheduler.
    /// - Throws: also when the largest container is smaller than the smallest.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.init()
        _ = try configuration.value(of: SchedulerKeys.schedulerClass)
        self.minimumAllocation = ResourceVector(
            memoryMiB: Int64(try configuration.value(of: SchedulerKeys.memoryMinimum)),
            vcores: Int64(try configuration.value(of: SchedulerKeys.vcoresMinimum))
        )
        self.maximumAllocation = ResourceVector(
            memoryMiB: Int64(try configuration.value(of: SchedulerKeys.memoryMaximum)),
            vcores: Int64(try configuration.value(of: SchedulerKeys.vcoresMaximum))
        )
        try Self.check(SchedulerKeys.memoryMinimum, atMost: SchedulerKeys.memoryMaximum, in: configuration)
        try Self.check(SchedulerKeys.vcoresMinimum, atMost: SchedulerKeys.vcoresMaximum, in: configuration)
        let calculator = try configuration.value(of: SchedulerKeys.resourceCalculator)
        self.resourceCalculator = calculator.hasSuffix(".DominantResourceCalculator") ? .dominant : .memoryOnly
        self.containerAllocationExpiry = try configuration.value(of: ResourceManagerKeys.containerAllocationExpiry)
        self.maximumApplications = try configuration.value(of: SchedulerKeys.applicationsMaximum)
        self.maximumMasterResourcePartsPerMillion = Self.partsPerMillion(
            try configuration.value(of: SchedulerKeys.applicationMasterShareMaximum)
        )
        self.nodeLocalityDelay = try configuration.value(of: SchedulerKeys.nodeLocalityDelay)
        self.rackLocalityAdditionalDelay = try configuration.value(of: SchedulerKeys.rackLocalityAdditionalDelay)
        self.maximumApplicationPriority = Int32(
            clamping: try configuration.value(of: ResourceManagerKeys.applicationPriorityMaximum)
        )
        self.queues = try QueueSettings.leaves(in: configuration)
    }

    static func partsPerMillion(_ share: Double) -> Int64 { Int64((share * 1_000_000).rounded()) }

    private static func check(
        _ low: ConfigurationKey<Int>,
        atMost high: ConfigurationKey<Int>,
        in configuration: Configuration
    ) throws(ConfigurationError) {
        let least = try configuration.value(of: low)
        let most = try configuration.value(of: high)
        guard least > most else { return }
        throw ConfigurationError(
            configuration.problem(
                low.name,
                String(least),
                "above \(high.name) = \(most) (\(configuration.origin(of: high.name))), so nothing could be granted"
            )
        )
    }
}
