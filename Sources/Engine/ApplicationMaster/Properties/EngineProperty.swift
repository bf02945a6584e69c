/// The properties that the engine reads, by their names: Spark's, where they mean the same here.
///
/// Who reads one names its case, and `form` says of each what is accepted. So `heddle submit` and drivers check all of them with
/// what reads them later, and none can be read that is not checked.
package enum EngineProperty: String, CaseIterable, Sendable {
    case applicationClass = "heddle.submit.class"
    case applicationName = "spark.app.name"
    case archives = "spark.archives"
    case files = "spark.files"
    case distributedArchives = "spark.yarn.dist.archives"
    case distributedFiles = "spark.yarn.dist.files"
    case master = "spark.master"
    case deployMode = "spark.submit.deployMode"
    case queue = "spark.yarn.queue"
    case tags = "spark.yarn.tags"
    case stagingFolder = "spark.yarn.stagingDir"
    case historyServer = "spark.yarn.historyServer.address"
    case applicationAttempts = "spark.yarn.maxAppAttempts"
    case waitsForEnd = "spark.yarn.submit.waitAppCompletion"

    case driverCores = "spark.driver.cores"
    case driverHost = "spark.driver.host"
    case driverMemory = "spark.driver.memory"
    case driverMemoryOverhead = "spark.driver.memoryOverhead"
    case resultSizeMaximum = "spark.driver.maxResultSize"
    case masterCores = "spark.yarn.am.cores"
    case masterMemory = "spark.yarn.am.memory"
    case masterMemoryOverhead = "spark.yarn.am.memoryOverhead"
    case executorCores = "spark.executor.cores"
    case executorFailures = "spark.executor.maxNumFailures"
    case executorHeartbeat = "spark.executor.heartbeatInterval"
    case executorInstances = "spark.executor.instances"
    case executorMemory = "spark.executor.memory"
    case executorMemoryOverhead = "spark.executor.memoryOverhead"
    case networkTimeout = "spark.network.timeout"

    case memoryFraction = "spark.memory.fraction"
    case storageFraction = "spark.memory.storageFraction"
    case localFolders = "spark.local.dir"
    case codec = "spark.io.compression.codec"
    case compressesBlocks = "spark.rdd.compress"
    case compressesShuffles = "spark.shuffle.compress"
    case shuffleService = "spark.shuffle.service.enabled"
    case sizeInFlight = "spark.reducer.maxSizeInFlight"

    case taskCores = "spark.task.cpus"
    case taskFailures = "spark.task.maxFailures"
    case stageAttempts = "spark.stage.maxConsecutiveAttempts"
    case schedulerMode = "spark.scheduler.mode"
    case poolsFile = "spark.scheduler.allocation.file"
    case localityWait = "spark.locality.wait"
    case localityWaitProcess = "spark.locality.wait.process"
    case localityWaitNode = "spark.locality.wait.node"
    case localityWaitRack = "spark.locality.wait.rack"

    case speculation = "spark.speculation"
    case speculationInterval = "spark.speculation.interval"
    case speculationMultiplier = "spark.speculation.multiplier"
    case speculationQuantile = "spark.speculation.quantile"
    case speculationRuntime = "spark.speculation.minTaskRuntime"
    case speculationThreshold = "spark.speculation.task.duration.threshold"

    case exclusion = "spark.excludeOnFailure.enabled"
    case exclusionTimeout = "spark.excludeOnFailure.timeout"
    case exclusionKills = "spark.excludeOnFailure.killExcludedExecutors"
    case exclusionOnFetchFailure = "spark.excludeOnFailure.application.fetchFailure.enabled"
    case taskAttemptsPerExecutor = "spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor"
    case taskAttemptsPerNode = "spark.excludeOnFailure.task.maxTaskAttemptsPerNode"
    case stageTasksPerExecutor = "spark.excludeOnFailure.stage.maxFailedTasksPerExecutor"
    case stageExecutorsPerNode = "spark.excludeOnFailure.stage.maxFailedExecutorsPerNode"
    case applicationTasksPerExecutor = "spark.excludeOnFailure.application.maxFailedTasksPerExecutor"
    case applicationExecutorsPerNode = "spark.excludeOnFailure.application.maxFailedExecutorsPerNode"

    case allocation = "spark.dynamicAllocation.enabled"
    case allocationMinimum = "spark.dynamicAllocation.minExecutors"
    case allocationMaximum = "spark.dynamicAllocation.maxExecutors"
    case allocationInitial = "spark.dynamicAllocation.initialExecutors"
    case allocationRatio = "spark.dynamicAllocation.executorAllocationRatio"
    case backlogTimeout = "spark.dynamicAllocation.schedulerBacklogTimeout"
    case sustainedBacklogTimeout = "spark.dynamicAllocation.sustainedSchedulerBacklogTimeout"
    case idleTimeout = "spark.dynamicAllocation.executorIdleTimeout"
    case cachedIdleTimeout = "spark.dynamicAllocation.cachedExecutorIdleTimeout"
    case shuffleTimeout = "spark.dynamicAllocation.shuffleTracking.timeout"

    case eventLog = "spark.eventLog.enabled"
    case eventLogFolder = "spark.eventLog.dir"
    case logLevel = "spark.log.level"
    case pages = "spark.ui.enabled"
    case pagesPort = "spark.ui.port"
    case portRetries = "spark.port.maxRetries"
    case consoleProgress = "spark.ui.showConsoleProgress"

    package var name: String { self.rawValue }
}

extension EngineProperty {
    /// What is accepted.
    package var form: PropertyForm {
        switch self {
        case .applicationClass, .applicationName, .archives, .files, .distributedArchives, .distributedFiles, .master,
            .queue, .tags, .historyServer, .driverHost, .localFolders, .poolsFile:
            .text
        case .deployMode: .word(["client", "cluster"])
        case .stagingFolder: .url
        case .eventLogFolder: .place
        case .codec: .word(["lz4"])
        case .schedulerMode: .word(["FIFO", "FAIR"])
        case .logLevel: .word(["ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN"])
        case .waitsForEnd, .compressesBlocks, .compressesShuffles, .shuffleService, .speculation, .exclusion,
            .exclusionKills, .exclusionOnFetchFailure, .allocation, .eventLog, .pages, .consoleProgress:
            .flag
        case .driverMemory, .driverMemoryOverhead, .masterMemory, .masterMemoryOverhead, .executorMemory,
            .executorMemoryOverhead, .sizeInFlight:
            .size(unit: 1 << 20, least: 1 << 20)
        // 0 is no limit.
        case .resultSizeMaximum: .size(unit: 1, least: 0)
        case .executorFailures, .executorInstances, .allocationMinimum, .allocationInitial:
            .count(from: 0)
        case .applicationAttempts, .driverCores, .masterCores, .executorCores, .taskCores, .taskFailures,
            .allocationMaximum,
            .stageAttempts, .taskAttemptsPerExecutor, .taskAttemptsPerNode, .stageTasksPerExecutor,
            .stageExecutorsPerNode, .applicationTasksPerExecutor, .applicationExecutorsPerNode:
            .count(from: 1)
        case .pagesPort, .portRetries: .count(from: 0, to: Int(UInt16.max))
        case .memoryFraction, .storageFraction: .share
        case .speculationMultiplier: .factor(1...1_000)
        case .speculationQuantile: .factor(0...1)
        case .allocationRatio: .factor(0.001...1)
        case .executorHeartbeat, .localityWait, .localityWaitProcess, .localityWaitNode, .localityWaitRack,
            .speculationInterval, .speculationRuntime, .exclusionTimeout:
            .time(unit: .milliseconds(1))
        case .networkTimeout, .speculationThreshold, .backlogTimeout, .sustainedBacklogTimeout, .idleTimeout,
            .cachedIdleTimeout, .shuffleTimeout:
            .time(unit: .seconds(1))
        }
    }
}
