package import ClusterModel

/// What a NodeManager decides by. Every key is Hadoop's; defaults are those of yarn-default.xml.
package struct NodeManagerSettings: Sendable, Equatable {
    /// What the node offers: yarn.nodemanager.resource.memory-mb (MiB) and yarn.nodemanager.resource.cpu-vcores.
    package var capability: ResourceVector
    /// Folders for work directories and the cache, absolute (yarn.nodemanager.local-dirs); never empty.
    package var localDirectories: [String]
    /// Folders for containers' logs, absolute (yarn.nodemanager.log-dirs); never empty.
    package var logDirectories: [String]
    /// When a disk is too full for more; nil: never (yarn.nodemanager.disk-health-checker.enable).
    package var diskLimits: DiskLimits?
    /// End containers that use more memory than they were granted (yarn.nodemanager.pmem-check-enabled).
    package var checksPhysicalMemory: Bool
    /// End containers whose address space outgrows their grant (yarn.nodemanager.vmem-check-enabled).
    package var checksVirtualMemory: Bool
    /// Address space allowed for each byte granted (yarn.nodemanager.vmem-pmem-ratio).
    package var virtualMemoryRatio: Double
    /// From TERM to KILL (yarn.nodemanager.sleep-delay-before-sigkill.ms).
    package var delayBeforeKill: Duration
    /// How long files of an ended application stay for inspection (yarn.nodemanager.delete.debug-delay-sec).
    package var deletionDelay: Duration
    /// How long logs stay after their application ended (yarn.nodemanager.log.retain-seconds).
    package var logRetention: Duration
    /// Logs of ended applications go to the remote log folder (yarn.log-aggregation-enable).
    package var aggregatesLogs: Bool
    /// Which containers' logs, unless their application says (yarn.nodemanager.log-aggregation.policy.class).
    package var logPolicy: LogAggregationPolicy
    /// Also for a policy that an application names without parameters
    /// (yarn.nodemanager.log-aggregation.policy.parameters).
    package var logPolicyParameters: String
    /// How often complete log files of running containers are uploaded; nil: never
    /// (yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds).
    package var logRollInterval: Duration?
    /// Containers whose logs grow beyond it are ended; nil: none (yarn.nodemanager.container-log-monitor.enable).
    package var logSizeLimit: LogSizeLimit?
    /// To what size the PUBLIC and PRIVATE cache is cut, MiB (yarn.nodemanager.localizer.cache.target-size-mb).
    package var cacheTargetMiB: Int64
    /// How often the cache is looked at (yarn.nodemanager.localizer.cache.cleanup.interval-ms).
    package var cacheCleanupInterval: Duration
    /// Entries of one folder of the cache (yarn.nodemanager.local-cache.max-files-per-directory).
    package var cacheEntriesPerDirectory: Int
    /// Bytes of diagnostics kept of a container (yarn.nodemanager.container-diagnostics-maximum-size).
    package var diagnosticsMaximum: Int
    /// How long an ended container is remembered (yarn.nodemanager.duration-to-track-stopped-containers).
    package var stoppedContainerMemory: Duration
    /// HOME of containers (yarn.nodemanager.user-home-dir).
    package var userHomeDirectory: String
    /// Variables that containers inherit unless they set them: the names of yarn.nodemanager.env-whitelist that have a
    /// value in the NodeManager's own environment, with it, in the order of the list.
    package var inheritedEnvironment: [EnvironmentVariable]
    /// yarn.nodemanager.admin-env, its references to the NodeManager's environment resolved.
    package var administratorEnvironment: [EnvironmentVariable]
    /// What stands before every container's PATH (yarn.nodemanager.force.path); empty: nothing.
    package var forcedPath: String
    /// Auxiliary services that run in this NodeManager (yarn.nodemanager.aux-services).
    package var auxiliaryServices: [AuxiliaryService]
    /// Copy the launch script and a listing of the work directory to the logs
    /// (yarn.nodemanager.log-container-debug-info.enabled).
    package var keepsLaunchScript: Bool
    /// Permissions of applications' and containers' log folders
    /// (yarn.nodemanager.default-container-executor.log-dirs.permissions).
    package var logDirectoryMode: UInt16
    /// Containers outlive the NodeManager and are adopted again (yarn.nodemanager.recovery.enabled).
    package var recoversContainers: Bool
    /// An orderly stop leaves containers running for the next start (yarn.nodemanager.recovery.supervised).
    package var isSupervised: Bool
    /// Containers live on when the ResourceManager restarts (yarn.resourcemanager.work-preserving-recovery.enabled).
    package var keepsContainersOnResync: Bool
    /// First heartbeat interval, until the ResourceManager names one
    /// (yarn.resourcemanager.nodemanagers.heartbeat-interval-ms).
    package var heartbeatInterval: Duration

    /// Hadoop's defaults for all that has one.
    package init(capability: ResourceVector, localDirectories: [String], logDirectories: [String]) {
        self.capability = capability
        self.localDirectories = localDirectories
        self.logDirectories = logDirectories
        self.diskLimits = DiskLimits(usedPercentMaximum: 90, freeMiBMinimum: 0)
        self.checksPhysicalMemory = true
        self.checksVirtualMemory = true
        self.virtualMemoryRatio = 2.1
        self.delayBeforeKill = .milliseconds(250)
        self.deletionDelay = .zero
        self.logRetention = .seconds(10_800)
        self.aggregatesLogs = false
        self.logPolicy = .allContainers
        self.logPolicyParameters = ""
        self.logRollInterval = nil
        self.logSizeLimit = nil
        self.cacheTargetMiB = 10_240
        self.cacheCleanupInterval = .seconds(600)
        self.cacheEntriesPerDirectory = 8_192
        self.diagnosticsMaximum = 10_000
        self.stoppedContainerMemory = .seconds(600)
        self.userHomeDirectory = "/home/"
        self.inheritedEnvironment = []
        self.administratorEnvironment = [EnvironmentVariable("MALLOC_ARENA_MAX", "")]
        self.forcedPath = ""
        self.auxiliaryServices = []
        self.keepsLaunchScript = true
        self.logDirectoryMode = 0o710
        self.recoversContainers = false
        self.isSupervised = false
        self.keepsContainersOnResync = true
        self.heartbeatInterval = .seconds(1)
    }
}

/// When a disk is too full to be used.
package struct DiskLimits: Sendable, Hashable {
    /// Above it (yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage).
    package var usedPercentMaximum: Double
    /// MiB; below it (yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb).
    package var freeMiBMinimum: Int

    package init(usedPercentMaximum: Double, freeMiBMinimum: Int) {
        self.usedPercentMaximum = usedPercentMaximum
        self.freeMiBMinimum = freeMiBMinimum
    }

    func allow(_ room: LocalRoom) -> Bool {
        room.usedPercent <= self.usedPercentMaximum && room.freeBytes >> 20 >= Int64(self.freeMiBMinimum)
    }
}

/// One variable of an environment; order matters where values refer to each other, hence no dictionary.
package struct EnvironmentVariable: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Who and where this NodeManager is; known once its ports are open.
package struct NodeIdentity: Sendable, Equatable {
    /// Host and port of ContainerManagementProtocol; container tokens name it.
    package var id: NodeID
    /// Port of the NodeManager's web server (yarn.nodemanager.webapp.address).
    package var httpPort: Int32
    package var startedAt: Timestamp

    package init(id: NodeID, httpPort: Int32, startedAt: Timestamp) {
        self.id = id
        self.httpPort = httpPort
        self.startedAt = startedAt
    }
}

/// A service beside the containers, such as a shuffle, that containers name in service_data.
package struct AuxiliaryService: Sendable, Equatable {
    package var name: String
    /// What containers learn of it (services_meta_data), and the same in base64 for their environment.
    package var metadata: OpaqueBytes
    package var metadataBase64: String

    package init(name: String, metadata: OpaqueBytes, metadataBase64: String) {
        self.name = name
        self.metadata = metadata
        self.metadataBase64 = metadataBase64
    }
}
