internal import ApplicationMaster
internal import EngineCore

extension EngineSettings {
    /// Takes what `spark.*` properties say.
    /// - Parameter hasProcesses: whether executors are processes, which may fall silent.
    mutating func apply(_ properties: EngineProperties, hasProcesses: Bool) throws(EngineProperties.Unusable) {
        try self.applyTasks(properties)
        try self.applyPlacement(properties)
        if hasProcesses {
            self.executorTimeout = try properties.networkTimeout
        }
        if properties["spark.driver.maxResultSize"] == "0" {
            self.maximumResultBytes = 0
        } else {
            let standard = self.maximumResultBytes >> 20
            self.maximumResultBytes = try properties.mebibytes("spark.driver.maxResultSize", default: standard) << 20
        }
    }

    private mutating func applyTasks(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        self.maximumTaskFailures = max(
            1,
            try properties.count("spark.task.maxFailures", default: self.maximumTaskFailures)
        )
        self.maximumConsecutiveStageAttempts = max(
            1,
            try properties.count("spark.stage.maxConsecutiveAttempts", default: self.maximumConsecutiveStageAttempts)
        )
        self.coresPerTask = max(1, try properties.count("spark.task.cpus", default: self.coresPerTask))
        try self.speculation.apply(properties)
        try self.exclusion.apply(properties)
    }

    private mutating func applyPlacement(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        func wait(_ name: String, _ standard: Duration) throws(EngineProperties.Unusable) -> Duration {
            try properties.time(name, default: standard, unit: .milliseconds(1))
        }
        let common = try wait("spark.locality.wait", self.locality.processWait)
        self.locality.processWait = try wait("spark.locality.wait.process", common)
        self.locality.nodeWait = try wait("spark.locality.wait.node", common)
        self.locality.rackWait = try wait("spark.locality.wait.rack", common)
        switch properties["spark.scheduler.mode"]?.uppercased() {
        case nil, "FIFO": break
        case "FAIR":
            self.pools.mode = .fair
            self.pools.pools = try PoolsFile.pools(properties)
        case let mode?:
            throw EngineProperties.Unusable(description: "spark.scheduler.mode=\(mode) is neither FIFO nor FAIR")
        }
    }
}

extension SpeculationSettings {
    fileprivate mutating func apply(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        let prefix = "spark.speculation"
        self.isEnabled = try properties.flag(prefix, default: self.isEnabled)
        self.interval = try properties.time("\(prefix).interval", default: self.interval, unit: .milliseconds(1))
        self.multiplierPerMille = try properties.perMille(
            "\(prefix).multiplier",
            default: self.multiplierPerMille,
            in: 1...1_000
        )
        self.quantilePerMille = try properties.perMille(
            "\(prefix).quantile",
            default: self.quantilePerMille,
            in: 0...1
        )
        self.minimumTaskRuntime = try properties.time(
            "\(prefix).minTaskRuntime",
            default: self.minimumTaskRuntime,
            unit: .milliseconds(1)
        )
        if let threshold = try properties.optionalTime("\(prefix).task.duration.threshold") {
            self.durationThreshold = threshold
        }
    }
}

extension ExclusionSettings {
    fileprivate mutating func apply(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        let prefix = "spark.excludeOnFailure"
        func count(_ name: String, _ standard: Int) throws(EngineProperties.Unusable) -> Int {
            max(1, try properties.count("\(prefix).\(name)", default: standard))
        }
        self.isEnabled = try properties.flag("\(prefix).enabled", default: self.isEnabled)
        self.taskAttemptsPerExecutor = try count("task.maxTaskAttemptsPerExecutor", self.taskAttemptsPerExecutor)
        self.taskAttemptsPerHost = try count("task.maxTaskAttemptsPerNode", self.taskAttemptsPerHost)
        self.stageFailedTasksPerExecutor = try count(
            "stage.maxFailedTasksPerExecutor",
            self.stageFailedTasksPerExecutor
        )
        self.stageFailedExecutorsPerHost = try count(
            "stage.maxFailedExecutorsPerNode",
            self.stageFailedExecutorsPerHost
        )
        self.applicationFailedTasksPerExecutor = try count(
            "application.maxFailedTasksPerExecutor",
            self.applicationFailedTasksPerExecutor
        )
        self.applicationFailedExecutorsPerHost = try count(
            "application.maxFailedExecutorsPerNode",
            self.applicationFailedExecutorsPerHost
        )
        self.timeout = try properties.time("\(prefix).timeout", default: self.timeout, unit: .milliseconds(1))
        self.killsExcludedExecutors = try properties.flag(
            "\(prefix).killExcludedExecutors",
            default: self.killsExcludedExecutors
        )
        self.excludesOnFetchFailure = try properties.flag(
            "\(prefix).application.fetchFailure.enabled",
            default: self.excludesOnFetchFailure
        )
    }
}

extension AllocationSettings {
    /// What `spark.dynamicAllocation.*` and `spark.executor.instances` say of an application on a cluster.
    mutating func apply(_ properties: EngineProperties, _ sizes: EngineSizes) throws(EngineProperties.Unusable) {
        let prefix = "spark.dynamicAllocation"
        self.coresPerExecutor = sizes.executorCores
        self.isDynamic = try properties.flag("\(prefix).enabled", default: false)
        guard self.isDynamic else {
            self.fixedExecutors = sizes.executors
            return
        }
        self.minimumExecutors = try properties.count("\(prefix).minExecutors", default: self.minimumExecutors)
        self.maximumExecutors = try properties.count("\(prefix).maxExecutors", default: self.maximumExecutors)
        self.initialExecutors = try properties.count("\(prefix).initialExecutors", default: self.minimumExecutors)
        if properties["spark.executor.instances"] != nil {
            self.initialExecutors = max(self.initialExecutors, sizes.executors)
        }
        guard self.minimumExecutors <= self.maximumExecutors, self.initialExecutors <= self.maximumExecutors else {
            throw EngineProperties.Unusable(
                description: """
                    \(prefix).maxExecutors=\(self.maximumExecutors) is less than \(prefix).minExecutors \
                    (\(self.minimumExecutors)) or the executors to begin with (\(self.initialExecutors))
                    """
            )
        }
        self.ratioPerMille = try properties.perMille(
            "\(prefix).executorAllocationRatio",
            default: self.ratioPerMille,
            in: 0.001...1
        )
        func time(_ name: String, _ standard: Duration) throws(EngineProperties.Unusable) -> Duration {
            try properties.time("\(prefix).\(name)", default: standard, unit: .seconds(1))
        }
        self.backlogTimeout = try time("schedulerBacklogTimeout", self.backlogTimeout)
        self.sustainedBacklogTimeout = try time("sustainedSchedulerBacklogTimeout", self.backlogTimeout)
        self.idleTimeout = try time("executorIdleTimeout", self.idleTimeout)
        self.cachedIdleTimeout = try properties.optionalTime("\(prefix).cachedExecutorIdleTimeout")
        self.shuffleTimeout = try properties.optionalTime("\(prefix).shuffleTracking.timeout")
        // Where no NodeManager serves the files of an executor that has gone, what it wrote keeps it.
        self.tracksShuffles = true
    }
}

extension EngineProperties {
    /// A factor such as `1.5`, in thousandths.
    fileprivate func perMille(
        _ name: String,
        default standard: Int64,
        in accepted: ClosedRange<Double>
    ) throws(Unusable) -> Int64 {
        guard let text = self[name] else { return standard }
        guard let number = Double(text), accepted.contains(number) else {
            throw Unusable(
                description:
                    "\(name)=\(text) is not accepted: a number from \(accepted.lowerBound) to \(accepted.upperBound) is"
            )
        }
        return Int64((number * 1000).rounded())
    }

    /// A time that may not be set; a bare number counts seconds.
    fileprivate func optionalTime(_ name: String) throws(Unusable) -> Duration? {
        self[name] == nil ? nil : try self.time(name, default: .zero, unit: .seconds(1))
    }
}
