/// What the engine's scheduler is configured with. The values given here are the defaults of Spark 3.5.
package struct EngineSettings: Sendable, Hashable {
    /// `spark.task.cpus`.
    package var coresPerTask = 1
    /// `spark.task.maxFailures`.
    package var maximumTaskFailures = 4
    /// `spark.stage.maxConsecutiveAttempts`.
    package var maximumConsecutiveStageAttempts = 4
    /// How long a stage that lost its input waits for more losses before it runs again.
    package var stageResubmissionDelay = Duration.milliseconds(200)
    /// `spark.files.fetchFailure.unRegisterOutputOnHost`.
    package var fetchFailureForgetsHost = false
    /// `spark.network.timeout`: of an executor that lives something must be heard in this time; nil: executors cannot fall
    /// silent without the driver, whose process they share.
    package var executorTimeout: Duration?
    /// `spark.driver.maxResultSize` in bytes; 0: no limit.
    package var maximumResultBytes: Int64 = 1 << 30
    package var locality = LocalitySettings()
    package var pools = PoolsSettings()
    package var speculation = SpeculationSettings()
    package var exclusion = ExclusionSettings()
    package var allocation = AllocationSettings()
    /// `spark.ui.retainedJobs`: how many ended jobs can still be asked for.
    package var retainedJobs = 1000
    /// `spark.ui.retainedStages`.
    package var retainedStages = 1000
    /// `spark.ui.retainedDeadExecutors`.
    package var retainedLostExecutors = 100

    package init() {}
}

package struct LocalitySettings: Sendable, Hashable {
    /// `spark.locality.wait.process`; Spark takes `spark.locality.wait` where it is not set.
    package var processWait = Duration.seconds(3)
    /// `spark.locality.wait.node`.
    package var nodeWait = Duration.seconds(3)
    /// `spark.locality.wait.rack`.
    package var rackWait = Duration.seconds(3)
    /// `spark.locality.wait.legacyResetOnTaskLaunch`.
    package var resetsOnEveryLaunch = false
    /// `spark.shuffle.reduceLocality.enabled`.
    package var followsShuffleOutput = true

    package init() {}
}

package struct PoolsSettings: Sendable, Hashable {
    /// `spark.scheduler.mode`.
    package var mode = SchedulingMode.fifo
    /// Of `spark.scheduler.allocation.file`; a pool that is not named here has the defaults.
    package var pools: [String: PoolSettings] = [:]

    package init() {}
}

package enum SchedulingMode: Sendable, Hashable {
    case fifo
    case fair
}

package struct PoolSettings: Sendable, Hashable {
    package var mode = SchedulingMode.fifo
    package var weight = 1
    package var minimumShare = 0

    package init(mode: SchedulingMode = .fifo, weight: Int = 1, minimumShare: Int = 0) {
        self.mode = mode
        self.weight = weight
        self.minimumShare = minimumShare
    }
}

package struct SpeculationSettings: Sendable, Hashable {
    /// `spark.speculation`.
    package var isEnabled = false
    /// `spark.speculation.interval`.
    package var interval = Duration.milliseconds(100)
    /// `spark.speculation.multiplier`, in thousandths.
    package var multiplierPerMille: Int64 = 1500
    /// `spark.speculation.quantile`, in thousandths.
    package var quantilePerMille: Int64 = 750
    /// `spark.speculation.minTaskRuntime`.
    package var minimumTaskRuntime = Duration.milliseconds(100)
    /// `spark.speculation.task.duration.threshold`: tasks of a stage that fits into one executor are copied after it,
    /// whatever the others took.
    package var durationThreshold: Duration?

    package init() {}
}

package struct ExclusionSettings: Sendable, Hashable {
    /// `spark.excludeOnFailure.enabled`.
    package var isEnabled = false
    /// `spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor`.
    package var taskAttemptsPerExecutor = 1
    /// `spark.excludeOnFailure.task.maxTaskAttemptsPerNode`.
    package var taskAttemptsPerHost = 2
    /// `spark.excludeOnFailure.stage.maxFailedTasksPerExecutor`.
    package var stageFailedTasksPerExecutor = 2
    /// `spark.excludeOnFailure.stage.maxFailedExecutorsPerNode`.
    package var stageFailedExecutorsPerHost = 2
    /// `spark.excludeOnFailure.application.maxFailedTasksPerExecutor`.
    package var applicationFailedTasksPerExecutor = 2
    /// `spark.excludeOnFailure.application.maxFailedExecutorsPerNode`.
    package var applicationFailedExecutorsPerHost = 2
    /// `spark.excludeOnFailure.timeout`.
    package var timeout = Duration.seconds(3600)
    /// `spark.excludeOnFailure.killExcludedExecutors`.
    package var killsExcludedExecutors = false
    /// `spark.excludeOnFailure.application.fetchFailure.enabled`.
    package var excludesOnFetchFailure = false
    /// `spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout`.
    package var unschedulableTimeout = Duration.seconds(120)

    package init() {}
}

package struct AllocationSettings: Sendable, Hashable {
    /// `spark.executor.instances`, asked for at once where allocation is not dynamic; nil: the driver asks by itself, or
    /// needs none.
    package var fixedExecutors: Int?
    /// `spark.dynamicAllocation.enabled`.
    package var isDynamic = false
    /// `spark.dynamicAllocation.minExecutors`.
    package var minimumExecutors = 0
    /// `spark.dynamicAllocation.maxExecutors`.
    package var maximumExecutors = Int.max
    /// `spark.dynamicAllocation.initialExecutors`; the larger of it, the minimum and `spark.executor.instances` counts.
    package var initialExecutors = 0
    /// `spark.executor.cores`: what one executor will have.
    package var coresPerExecutor = 1
    /// `spark.dynamicAllocation.executorAllocationRatio`, in thousandths.
    package var ratioPerMille: Int64 = 1000
    /// `spark.dynamicAllocation.schedulerBacklogTimeout`.
    package var backlogTimeout = Duration.seconds(1)
    /// `spark.dynamicAllocation.sustainedSchedulerBacklogTimeout`.
    package var sustainedBacklogTimeout = Duration.seconds(1)
    /// `spark.dynamicAllocation.executorIdleTimeout`.
    package var idleTimeout = Duration.seconds(60)
    /// `spark.dynamicAllocation.cachedExecutorIdleTimeout`; nil: for ever.
    package var cachedIdleTimeout: Duration?
    /// `spark.dynamicAllocation.shuffleTracking.enabled`: keep executors whose shuffle files nobody else serves.
    package var tracksShuffles = true
    /// `spark.dynamicAllocation.shuffleTracking.timeout`; nil: for ever.
    package var shuffleTimeout: Duration?

    package init() {}
}
