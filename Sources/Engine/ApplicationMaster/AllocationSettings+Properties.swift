package import EngineCore

extension AllocationSettings {
    /// What `spark.dynamicAllocation.*` and `spark.executor.instances` say of an application on a cluster.
    package mutating func apply(
        _ properties: EngineProperties,
        _ sizes: EngineSizes
    ) throws(EngineProperties.Unusable) {
        self.coresPerExecutor = sizes.executorCores
        self.isDynamic = try properties.flag(.allocation, default: false)
        guard self.isDynamic else {
            guard sizes.executors > 0 else {
                throw EngineProperties.Unusable(
                    [.executorInstances],
                    """
                    \(EngineProperty.executorInstances.name)=0 leaves no executor to run tasks; accepted: 1, 2 and so on, and 0 \
                    with \(EngineProperty.allocation.name)=true
                    """
                )
            }
            self.fixedExecutors = sizes.executors
            return
        }
        try self.applyBounds(properties, sizes)
        self.ratioPerMille = try properties.perMille(.allocationRatio, default: self.ratioPerMille)
        self.backlogTimeout = try properties.time(.backlogTimeout, default: self.backlogTimeout)
        self.sustainedBacklogTimeout = try properties.time(.sustainedBacklogTimeout, default: self.backlogTimeout)
        self.idleTimeout = try properties.time(.idleTimeout, default: self.idleTimeout)
        self.cachedIdleTimeout = try properties.time(.cachedIdleTimeout)
        self.shuffleTimeout = try properties.time(.shuffleTimeout)
        // Where no NodeManager serves the files of an executor that has gone, what it wrote keeps it.
        self.tracksShuffles = true
    }

    private mutating func applyBounds(
        _ properties: EngineProperties,
        _ sizes: EngineSizes
    ) throws(EngineProperties.Unusable) {
        self.minimumExecutors = try properties.count(.allocationMinimum, default: self.minimumExecutors)
        self.maximumExecutors = try properties.count(.allocationMaximum, default: self.maximumExecutors)
        self.initialExecutors = try properties.count(.allocationInitial, default: self.minimumExecutors)
        if properties[.executorInstances] != nil {
            self.initialExecutors = max(self.initialExecutors, sizes.executors)
        }
        guard self.minimumExecutors <= self.maximumExecutors, self.initialExecutors <= self.maximumExecutors else {
            throw EngineProperties.Unusable(
                [.allocationMaximum, .allocationMinimum, .allocationInitial, .executorInstances],
                """
                \(EngineProperty.allocationMaximum.name)=\(self.maximumExecutors) is less than \
                \(EngineProperty.allocationMinimum.name) (\(self.minimumExecutors)) or the executors to begin with \
                (\(self.initialExecutors)); accepted: a maximum that is neither
                """
            )
        }
    }
}
