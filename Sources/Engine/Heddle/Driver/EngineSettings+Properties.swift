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
        self.maximumResultBytes = try properties.bytes(.resultSizeMaximum, default: self.maximumResultBytes)
    }

    private mutating func applyTasks(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        self.maximumTaskFailures = try properties.count(.taskFailures, default: self.maximumTaskFailures)
        self.maximumConsecutiveStageAttempts = try properties.count(
            .stageAttempts,
            default: self.maximumConsecutiveStageAttempts
        )
        self.coresPerTask = try properties.count(.taskCores, default: self.coresPerTask)
        try self.speculation.apply(properties)
        try self.exclusion.apply(properties)
    }

    private mutating func applyPlacement(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        let common = try properties.time(.localityWait, default: self.locality.processWait)
        self.locality.processWait = try properties.time(.localityWaitProcess, default: common)
        self.locality.nodeWait = try properties.time(.localityWaitNode, default: common)
        self.locality.rackWait = try properties.time(.localityWaitRack, default: common)
        if try properties.word(.schedulerMode) == "FAIR" {
            self.pools.mode = .fair
            self.pools.pools = try PoolsFile.pools(properties)
        }
    }
}

extension SpeculationSettings {
    fileprivate mutating func apply(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        self.isEnabled = try properties.flag(.speculation, default: self.isEnabled)
        self.interval = try properties.time(.speculationInterval, default: self.interval)
        self.multiplierPerMille = try properties.perMille(.speculationMultiplier, default: self.multiplierPerMille)
        self.quantilePerMille = try properties.perMille(.speculationQuantile, default: self.quantilePerMille)
        self.minimumTaskRuntime = try properties.time(.speculationRuntime, default: self.minimumTaskRuntime)
        self.durationThreshold = try properties.time(.speculationThreshold) ?? self.durationThreshold
    }
}

extension ExclusionSettings {
    fileprivate mutating func apply(_ properties: EngineProperties) throws(EngineProperties.Unusable) {
        func count(_ property: EngineProperty, _ field: inout Int) throws(EngineProperties.Unusable) {
            field = try properties.count(property, default: field)
        }
        try count(.taskAttemptsPerExecutor, &self.taskAttemptsPerExecutor)
        try count(.taskAttemptsPerNode, &self.taskAttemptsPerHost)
        try count(.stageTasksPerExecutor, &self.stageFailedTasksPerExecutor)
        try count(.stageExecutorsPerNode, &self.stageFailedExecutorsPerHost)
        try count(.applicationTasksPerExecutor, &self.applicationFailedTasksPerExecutor)
        try count(.applicationExecutorsPerNode, &self.applicationFailedExecutorsPerHost)
        self.isEnabled = try properties.flag(.exclusion, default: self.isEnabled)
        self.timeout = try properties.time(.exclusionTimeout, default: self.timeout)
        self.killsExcludedExecutors = try properties.flag(.exclusionKills, default: self.killsExcludedExecutors)
        self.excludesOnFetchFailure = try properties.flag(
            .exclusionOnFetchFailure,
            default: self.excludesOnFetchFailure
        )
    }
}
