/// Keys of the NodeManager: where it listens, what it offers, how containers live and end.
package enum NodeManagerKeys {
    /// The base of the NodeManager's addresses, and its name in the cluster.
    package static let hostname = ConfigurationKey<String>("yarn.nodemanager.hostname", default: "0.0.0.0", .host)
    /// ContainerManagementProtocol; port 0 takes a free one.
    package static let address = ConfigurationKey<NetworkAddress>(
        "yarn.nodemanager.address",
        default: "${yarn.nodemanager.hostname}:0",
        .address(defaultPort: 0)
    )
    /// LocalizationProtocol; Heddle localizes in its own process and listens on no such port.
    package static let localizerAddress = ConfigurationKey<NetworkAddress>(
        "yarn.nodemanager.localizer.address",
        default: "${yarn.nodemanager.hostname}:8040",
        .address(defaultPort: 8_040)
    )
    /// Web pages, REST and logs.
    package static let webAddress = ConfigurationKey<NetworkAddress>(
        "yarn.nodemanager.webapp.address",
        default: "${yarn.nodemanager.hostname}:8042",
        .address(defaultPort: 8_042)
    )
    /// What to listen on, where it differs from the addresses that others connect to.
    package static let bindHost = ConfigurationKey<String>("yarn.nodemanager.bind-host", default: nil, .host)
    /// How long an ended container is remembered.
    package static let stoppedContainerMemory = ConfigurationKey<Duration>(
        "yarn.nodemanager.duration-to-track-stopped-containers",
        default: "600000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Where resources are localized and containers work.
    package static let localDirectories = ConfigurationKey<[String]>(
        "yarn.nodemanager.local-dirs",
        default: "${hadoop.tmp.dir}/nm-local-dir",
        .paths
    )
    /// Where containers log.
    package static let logDirectories = ConfigurationKey<[String]>(
        "yarn.nodemanager.log-dirs",
        default: "${yarn.log.dir}/userlogs",
        .paths
    )
    /// MiB for containers; -1 is 8192, or what the machine has where hardware is detected.
    package static let memory = ConfigurationKey<Int?>(
        "yarn.nodemanager.resource.memory-mb",
        default: "-1",
        .integerOrNone(1...Int(Int32.max))
    )
    /// Virtual cores for containers; -1 is 8, or what the machine has where hardware is detected.
    package static let vcores = ConfigurationKey<Int?>(
        "yarn.nodemanager.resource.cpu-vcores",
        default: "-1",
        .integerOrNone(1...Int(Int32.max))
    )
    /// Whether -1 asks the machine.
    package static let detectsHardware = ConfigurationKey<Bool>(
        "yarn.nodemanager.resource.detect-hardware-capabilities",
        default: "false",
        .boolean
    )
    /// MiB left to the system where hardware is detected; -1 is a fifth.
    package static let reservedSystemMemory = ConfigurationKey<Int?>(
        "yarn.nodemanager.resource.system-reserved-memory-mb",
        default: "-1",
        .integerOrNone(0...Int(Int32.max))
    )
    /// Virtual cores for each core of the machine where hardware is detected.
    package static let vcoresPerCore = ConfigurationKey<Double>(
        "yarn.nodemanager.resource.pcores-vcores-multiplier",
        default: "1.0",
        .decimal(0.01...1_000)
    )
    /// Whether containers above their memory are killed.
    package static let checksPhysicalMemory = ConfigurationKey<Bool>(
        "yarn.nodemanager.pmem-check-enabled",
        default: "true",
        .boolean
    )
    /// Whether containers above their virtual memory are killed.
    package static let checksVirtualMemory = ConfigurationKey<Bool>(
        "yarn.nodemanager.vmem-check-enabled",
        default: "true",
        .boolean
    )
    /// Virtual memory allowed for each byte of memory.
    package static let virtualMemoryRatio = ConfigurationKey<Double>(
        "yarn.nodemanager.vmem-pmem-ratio",
        default: "2.1",
        .decimal(0.1...1_000)
    )
    /// Whether containers' processes are measured.
    package static let containerMonitorEnabled = ConfigurationKey<Bool>(
        "yarn.nodemanager.container-monitor.enabled",
        default: "true",
        .boolean
    )
    /// How often.
    package static let resourceMonitorInterval = ConfigurationKey<Duration>(
        "yarn.nodemanager.resource-monitor.interval-ms",
        default: "3000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long after TERM KILL follows.
    package static let killDelay = ConfigurationKey<Duration>(
        "yarn.nodemanager.sleep-delay-before-sigkill.ms",
        default: "250",
        .duration(.milliseconds)
    )
    /// How long a kill waits for the container's supervisor to carry it out, before the supervisor and all below it are
    /// killed from outside. (Hadoop: how long it waits for the process of a container that is just starting.)
    package static let processKillWait = ConfigurationKey<Duration>(
        "yarn.nodemanager.process-kill-wait.ms",
        default: "5000",
        .duration(.milliseconds)
    )
    /// How long files of a finished application stay; -1 keeps them.
    package static let deletionDelay = ConfigurationKey<Duration?>(
        "yarn.nodemanager.delete.debug-delay-sec",
        default: "0",
        .durationOrNone(.seconds)
    )
    /// Deletions at one time.
    package static let deletionThreads = ConfigurationKey<Int>(
        "yarn.nodemanager.delete.thread-count",
        default: "4",
        .integer(1...256)
    )
    /// How long logs of a finished application stay where they are not aggregated.
    package static let logRetention = ConfigurationKey<Duration>(
        "yarn.nodemanager.log.retain-seconds",
        default: "10800",
        .duration(.seconds)
    )
    /// MiB to which the cache of localized resources is cut.
    package static let cacheSizeTarget = ConfigurationKey<Int>(
        "yarn.nodemanager.localizer.cache.target-size-mb",
        default: "10240",
        .integer(0...Int(Int32.max))
    )
    /// How often it is cut.
    package static let cacheCleanupInterval = ConfigurationKey<Duration>(
        "yarn.nodemanager.localizer.cache.cleanup.interval-ms",
        default: "600000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Resources fetched at one time.
    package static let localizerFetchThreads = ConfigurationKey<Int>(
        "yarn.nodemanager.localizer.fetch.thread-count",
        default: "4",
        .integer(1...256)
    )
    /// Entries of one folder of the cache.
    package static let cacheEntriesPerDirectoryMaximum = ConfigurationKey<Int>(
        "yarn.nodemanager.local-cache.max-files-per-directory",
        default: "8192",
        .integer(37...1_000_000)
    )
    /// Variables that containers take from the NodeManager unless they set them.
    package static let environmentWhitelist = ConfigurationKey<[String]>(
        "yarn.nodemanager.env-whitelist",
        default: "JAVA_HOME,HADOOP_COMMON_HOME,HADOOP_HDFS_HOME,HADOOP_CONF_DIR,CLASSPATH_PREPEND_DISTCACHE,"
            + "HADOOP_YARN_HOME,HADOOP_HOME,PATH,LANG,TZ",
        .list
    )
    /// Variables that every container gets.
    package static let adminEnvironment = ConfigurationKey<String>(
        "yarn.nodemanager.admin-env",
        default: "MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX",
        .text
    )
    /// Variables that every container gets unless it sets them.
    package static let adminUserEnvironment = ConfigurationKey<String>(
        "yarn.nodemanager.admin.user.env",
        default: "",
        .text
    )
    /// A PATH that stands before every container's own.
    package static let forcedPath = ConfigurationKey<String>("yarn.nodemanager.force.path", default: "", .text)
    /// HOME of containers.
    package static let userHomeDirectory = ConfigurationKey<String>(
        "yarn.nodemanager.user-home-dir",
        default: "/home/",
        .text
    )
    /// Services beside containers.
    package static let auxiliaryServices = ConfigurationKey<[String]>(
        "yarn.nodemanager.aux-services",
        default: "",
        .list
    )
    /// Names of the health scripts; the path of NAME is `yarn.nodemanager.health-checker.NAME.path`.
    package static let healthScripts = ConfigurationKey<[String]>(
        "yarn.nodemanager.health-checker.scripts",
        default: "script",
        .list
    )
    /// How often the node's health is looked at.
    package static let healthInterval = ConfigurationKey<Duration>(
        "yarn.nodemanager.health-checker.interval-ms",
        default: "600000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long a health script may run.
    package static let healthTimeout = ConfigurationKey<Duration>(
        "yarn.nodemanager.health-checker.timeout-ms",
        default: "1200000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Whether disks are looked at.
    package static let diskCheckEnabled = ConfigurationKey<Bool>(
        "yarn.nodemanager.disk-health-checker.enable",
        default: "true",
        .boolean
    )
    /// How often.
    package static let diskCheckInterval = ConfigurationKey<Duration>(
        "yarn.nodemanager.disk-health-checker.interval-ms",
        default: "120000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// The share of folders that must be usable.
    package static let healthyDisksMinimum = ConfigurationKey<Double>(
        "yarn.nodemanager.disk-health-checker.min-healthy-disks",
        default: "0.25",
        .decimal(0...1)
    )
    /// Percent of a disk above which its folders are not used.
    package static let diskUtilizationMaximum = ConfigurationKey<Double>(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage",
        default: "90.0",
        .decimal(0...100)
    )
    /// Percent below which a disk that was too full is used again; unset, as the maximum.
    package static let diskUtilizationLow = ConfigurationKey<Double>(
        "yarn.nodemanager.disk-health-checker.disk-utilization-watermark-low-per-disk-percentage",
        default: nil,
        .decimal(0...100)
    )
    /// MiB that a disk must have free.
    package static let diskFreeMinimum = ConfigurationKey<Int>(
        "yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb",
        default: "0",
        .integer(0...Int(Int32.max))
    )
    /// Characters of a container's diagnostics.
    package static let diagnosticsLengthMaximum = ConfigurationKey<Int>(
        "yarn.nodemanager.container-diagnostics-maximum-size",
        default: "10000",
        .integer(0...Int(Int32.max))
    )
    /// Bytes of a failed container's stderr in its diagnostics.
    package static let stderrTailLength = ConfigurationKey<Int>(
        "yarn.nodemanager.container.stderr.tail.bytes",
        default: "4096",
        .integer(0...1_048_576)
    )
    /// Which of its log files is its stderr.
    package static let stderrPattern = ConfigurationKey<String>(
        "yarn.nodemanager.container.stderr.pattern",
        default: "{*stderr*,*STDERR*}",
        .text
    )
    /// Whether the launch script and a listing of its folder are kept beside a container's logs.
    package static let logsDebugInformation = ConfigurationKey<Bool>(
        "yarn.nodemanager.log-container-debug-info.enabled",
        default: "true",
        .boolean
    )
    /// Octal permissions of containers' log folders.
    package static let containerLogPermissions = ConfigurationKey<String>(
        "yarn.nodemanager.default-container-executor.log-dirs.permissions",
        default: "710",
        .text
    )
    /// Hadoop's executor. Heddle has one of its own; LinuxContainerExecutor here means the users of
    /// `linux-container-executor.nonsecure-mode`.
    package static let executorClass = ConfigurationKey<String>(
        "yarn.nodemanager.container-executor.class",
        default: "org.apache.hadoop.yarn.server.nodemanager.DefaultContainerExecutor",
        .text
    )
    /// Who runs containers of an insecure cluster under LinuxContainerExecutor.
    package static let nonsecureLocalUser = ConfigurationKey<String>(
        "yarn.nodemanager.linux-container-executor.nonsecure-mode.local-user",
        default: "nobody",
        .text
    )
    /// Whether that user runs all of them; otherwise the submitting user does.
    package static let limitsUsers = ConfigurationKey<Bool>(
        "yarn.nodemanager.linux-container-executor.nonsecure-mode.limit-users",
        default: "true",
        .boolean
    )
    /// Whether containers live on while the NodeManager restarts.
    package static let recoveryEnabled = ConfigurationKey<Bool>(
        "yarn.nodemanager.recovery.enabled",
        default: "false",
        .boolean
    )
    /// What a restarted NodeManager reads.
    package static let recoveryDirectory = ConfigurationKey<String>(
        "yarn.nodemanager.recovery.dir",
        default: "${hadoop.tmp.dir}/yarn-nm-recovery",
        .path
    )
    /// Whether somebody restarts the NodeManager, so that it leaves containers running when it stops.
    package static let recoverySupervised = ConfigurationKey<Bool>(
        "yarn.nodemanager.recovery.supervised",
        default: "false",
        .boolean
    )
    /// Opportunistic containers that may wait.
    package static let opportunisticQueueLengthMaximum = ConfigurationKey<Int>(
        "yarn.nodemanager.opportunistic-containers-max-queue-length",
        default: "0",
        .integer(0...Int(Int32.max))
    )
    /// Whether logs are collected in a file system.
    package static let logAggregationEnabled = ConfigurationKey<Bool>(
        "yarn.log-aggregation-enable",
        default: "false",
        .boolean
    )
    /// Where to.
    package static let remoteLogDirectory = ConfigurationKey<String>(
        "yarn.nodemanager.remote-app-log-dir",
        default: "/tmp/logs",
        .text
    )
    /// The folder's name below each user's.
    package static let remoteLogDirectorySuffix = ConfigurationKey<String>(
        "yarn.nodemanager.remote-app-log-dir-suffix",
        default: "logs",
        .text
    )
    /// Whether pages of other origins may read REST answers.
    package static let webCrossOriginEnabled = ConfigurationKey<Bool>(
        "yarn.nodemanager.webapp.cross-origin.enabled",
        default: "false",
        .boolean
    )
    /// The oldest ResourceManager to register with.
    package static let resourceManagerVersionMinimum = ConfigurationKey<String>(
        "yarn.nodemanager.resourcemanager.minimum.version",
        default: "NONE",
        .text
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        hostname, address, localizerAddress, webAddress, bindHost, stoppedContainerMemory, localDirectories,
        logDirectories, memory, vcores, detectsHardware, reservedSystemMemory, vcoresPerCore,
        checksPhysicalMemory, checksVirtualMemory, virtualMemoryRatio, containerMonitorEnabled,
        resourceMonitorInterval, killDelay, processKillWait, deletionDelay, deletionThreads, logRetention,
        cacheSizeTarget, cacheCleanupInterval, localizerFetchThreads, cacheEntriesPerDirectoryMaximum,
        environmentWhitelist, adminEnvironment, adminUserEnvironment, forcedPath, userHomeDirectory,
        auxiliaryServices, healthScripts, healthInterval, healthTimeout, diskCheckEnabled, diskCheckInterval,
        healthyDisksMinimum, diskUtilizationMaximum, diskUtilizationLow, diskFreeMinimum,
        diagnosticsLengthMaximum, stderrTailLength, stderrPattern, logsDebugInformation,
        containerLogPermissions, executorClass, nonsecureLocalUser, limitsUsers, recoveryEnabled,
        recoveryDirectory, recoverySupervised, opportunisticQueueLengthMaximum, logAggregationEnabled,
        remoteLogDirectory, remoteLogDirectorySuffix, webCrossOriginEnabled, resourceManagerVersionMinimum,
    ]
}
