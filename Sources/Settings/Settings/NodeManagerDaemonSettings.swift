import ClusterModel
package import HadoopConfig
package import NodeManagerCore

/// What the NodeManager daemon is configured with: everything around its core, and the core's own settings.
package struct NodeManagerDaemonSettings: Sendable {
    package var common: CommonSettings
    /// How to reach the ResourceManager, and how long to try.
    package var client: ClientSettings
    /// What the core decides by.
    package var core: NodeManagerSettings
    /// `yarn.resourcemanager.resource-tracker.address`
    package var resourceTracker: NetworkAddress

    /// ContainerManagementProtocol (`yarn.nodemanager.address`; port 0 takes a free one).
    package var containerManager: ListenAddress
    /// Pages, REST and logs (`yarn.nodemanager.webapp.address`, 8042).
    package var web: ListenAddress
    /// Pages of other origins may read answers (`yarn.nodemanager.webapp.cross-origin.enabled`).
    package var crossOriginEnabled: Bool

    /// `yarn.nodemanager.container-monitor.enabled`
    package var monitorsContainers: Bool
    /// How often containers are measured (`yarn.nodemanager.resource-monitor.interval-ms`).
    package var monitorInterval: Duration
    /// How long a container's supervisor gets to carry a kill out (`yarn.nodemanager.process-kill-wait.ms`).
    package var processKillWait: Duration
    /// Deletions at one time (`yarn.nodemanager.delete.thread-count`).
    package var deletionThreads: Int
    /// Resources fetched at one time (`yarn.nodemanager.localizer.fetch.thread-count`).
    package var localizerThreads: Int
    package var archives: ArchiveSettings
    package var logAggregation: LogAggregationSettings
    /// Where logs are shown that are no longer here (`yarn.log.server.url`); nil: by the ResourceManager.
    package var logServerURL: String?
    /// The same for programs (`yarn.log.server.web-service.url`); nil: nowhere.
    package var logServiceURL: String?
    /// How often containers' logs are measured (`yarn.nodemanager.container-log-monitor.interval-ms`).
    package var logMonitorInterval: Duration
    /// How resources are fetched.
    package var transfers: TransferLimits
    /// Bytes of a failed container's stderr in its diagnostics (`yarn.nodemanager.container.stderr.tail.bytes`).
    package var stderrTailLength: Int
    /// Shell patterns of its stderr's name (`yarn.nodemanager.container.stderr.pattern`).
    package var stderrPatterns: [String]
    /// What stands before every container's PATH (`yarn.nodemanager.force.path`); empty: nothing.
    package var forcedPath: String
    /// Services beside containers: name and class (`yarn.nodemanager.aux-services` and `.NAME.class`).
    package var auxiliaryServices: [AuxiliaryService]
    /// Where shuffle files are served (`heddle.shuffle.port`); nil: not by this node.
    package var shufflePort: Int?
    package var disks: DiskHealthSettings
    package var healthScripts: [HealthScriptSettings]
    package var identity: ContainerIdentitySettings
    /// Where a restarted NodeManager finds what it needs (`yarn.nodemanager.recovery.dir`).
    package var recoveryDirectory: String
    /// Each container gets a cgroup where that is possible (`heddle.cgroups.enabled`).
    package var cgroupsEnabled: Bool
    /// The program that holds one container (`heddle.container.supervisor`); nil: beside the running program.
    package var supervisorPath: String?

    package struct AuxiliaryService: Hashable, Sendable {
        package var name: String
        package var className: String?
    }

    /// - Throws: the first problem, naming file, line, key, value and what is accepted; `SettingsCheck` finds all.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        let common = try CommonSettings(configuration)
        func listen(_ key: ConfigurationKey<NetworkAddress>) throws(ConfigurationError) -> ListenAddress {
            try ListenAddress(
                key,
                hostnameKey: NodeManagerKeys.hostname,
                bindHostKey: NodeManagerKeys.bindHost,
                security: common.security,
                in: configuration
            )
        }
        self.common = common
        self.client = try ClientSettings(configuration)
        self.core = try NodeManagerSettings(configuration)
        self.resourceTracker = self.client.resourceManagers[0].resourceTracker
        self.containerManager = try listen(NodeManagerKeys.address)
        self.web = try listen(NodeManagerKeys.webAddress)
        self.crossOriginEnabled = try configuration.value(of: NodeManagerKeys.webCrossOriginEnabled)
        self.monitorsContainers = try configuration.value(of: NodeManagerKeys.containerMonitorEnabled)
        self.monitorInterval = try configuration.value(of: NodeManagerKeys.resourceMonitorInterval)
        self.processKillWait = try configuration.value(of: NodeManagerKeys.processKillWait)
        self.deletionThreads = try configuration.value(of: NodeManagerKeys.deletionThreads)
        self.localizerThreads = try configuration.value(of: NodeManagerKeys.localizerFetchThreads)
        self.archives = try ArchiveSettings(configuration)
        self.logAggregation = try LogAggregationSettings(configuration)
        self.logServerURL = try configuration.optionalValue(of: ResourceManagerKeys.logServerURL)
        self.logServiceURL = try configuration.optionalValue(of: ResourceManagerKeys.logServiceURL)
        self.logMonitorInterval = try configuration.value(of: LogAggregationKeys.monitorInterval)
        self.transfers = try TransferLimits(configuration)
        if self.core.aggregatesLogs { try self.logAggregation.check(self.transfers, in: configuration) }
        self.stderrTailLength = try configuration.value(of: NodeManagerKeys.stderrTailLength)
        self.stderrPatterns = Self.alternatives(try configuration.value(of: NodeManagerKeys.stderrPattern))
        self.core.logDirectoryMode = try Self.permissions(NodeManagerKeys.containerLogPermissions, in: configuration)
        self.forcedPath = try configuration.value(of: NodeManagerKeys.forcedPath)
        self.auxiliaryServices = try Self.auxiliaryServices(in: configuration)
        let shufflePort = try configuration.value(of: HeddleKeys.shufflePort)
        let servesShuffle = self.auxiliaryServices.contains { $0.name == NodeManagerSettings.heddleShuffle }
        self.shufflePort = servesShuffle ? shufflePort : nil
        self.disks = try DiskHealthSettings(configuration)
        self.healthScripts = try HealthScriptSettings.all(in: configuration)
        self.identity = try ContainerIdentitySettings(configuration, security: common.security)
        self.recoveryDirectory = try configuration.value(of: NodeManagerKeys.recoveryDirectory)
        self.cgroupsEnabled = try configuration.value(of: HeddleKeys.cgroupsEnabled)
        self.supervisorPath = try configuration.optionalValue(of: HeddleKeys.supervisorPath)
    }

    /// The addresses that the daemon listens on.
    package var listenAddresses: [ListenAddress] { [self.containerManager, self.web] }

    /// What the daemon says when it starts; empty when there is nothing to say.
    package var startWarnings: [String] {
        self.common.security.networkWarning(self.listenAddresses).map { [$0] } ?? []
    }

    /// `{a,b}` is a or b; anything else is one pattern.
    static func alternatives(_ pattern: String) -> [String] {
        guard pattern.hasPrefix("{"), pattern.hasSuffix("}"), pattern.utf8.count >= 2 else { return [pattern] }
        return pattern.dropFirst().dropLast().split(separator: ",").map(String.init)
    }

    private static func permissions(
        _ key: ConfigurationKey<String>,
        in configuration: Configuration
    ) throws(ConfigurationError) -> UInt16 {
        let text = try configuration.value(of: key)
        guard let bits = UInt16(text, radix: 8), bits <= 0o777, bits & 0o700 == 0o700 else {
            throw ConfigurationError(
                configuration.problem(key.name, text, "accepted: octal permissions from 700 to 777, such as 710")
            )
        }
        return bits
    }

    private static func auxiliaryServices(
        in configuration: Configuration
    ) throws(ConfigurationError) -> [AuxiliaryService] {
        var services: [AuxiliaryService] = []
        for name in try configuration.value(of: NodeManagerKeys.auxiliaryServices) {
            guard name.utf8.allSatisfy(Self.isServiceNameByte) else {
                throw ConfigurationError(
                    configuration.problem(
                        NodeManagerKeys.auxiliaryServices.name,
                        name,
                        "accepted: names of letters, digits and underscores"
                    )
                )
            }
            let key = "\(NodeManagerKeys.auxiliaryServices.name).\(name).class"
            services.append(AuxiliaryService(name: name, className: try configuration.text(of: key)))
        }
        return services
    }

    private static func isServiceNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// When a disk is too full or too broken to use.
package struct DiskHealthSettings: Hashable, Sendable {
    /// `yarn.nodemanager.disk-health-checker.enable`
    package var isEnabled: Bool
    /// `yarn.nodemanager.disk-health-checker.interval-ms`
    package var interval: Duration
    /// The share of folders that must be usable, 0 to 1 (`...min-healthy-disks`).
    package var healthyShareMinimum: Double
    /// Percent above which a disk is not used (`...max-disk-utilization-per-disk-percentage`).
    package var utilizationMaximum: Double
    /// Percent below which it is used again (`...disk-utilization-watermark-low-per-disk-percentage`).
    package var utilizationLow: Double
    /// MiB that must be free (`...min-free-space-per-disk-mb`).
    package var freeMiBMinimum: Int

    init(_ configuration: Configuration) throws(ConfigurationError) {
        self.isEnabled = try configuration.value(of: NodeManagerKeys.diskCheckEnabled)
        self.interval = try configuration.value(of: NodeManagerKeys.diskCheckInterval)
        self.healthyShareMinimum = try configuration.value(of: NodeManagerKeys.healthyDisksMinimum)
        let most = try configuration.value(of: NodeManagerKeys.diskUtilizationMaximum)
        self.utilizationMaximum = most
        self.utilizationLow = min(most, try configuration.optionalValue(of: NodeManagerKeys.diskUtilizationLow) ?? most)
        self.freeMiBMinimum = try configuration.value(of: NodeManagerKeys.diskFreeMinimum)
    }

    var limits: DiskLimits {
        DiskLimits(usedPercentMaximum: self.utilizationMaximum, freeMiBMinimum: self.freeMiBMinimum)
    }
}

/// A program that says whether the node is well: a line that starts with ERROR means that it is not.
package struct HealthScriptSettings: Hashable, Sendable {
    package var name: String
    /// `yarn.nodemanager.health-checker.NAME.path`
    package var path: String
    /// `yarn.nodemanager.health-checker.NAME.opts`
    package var arguments: [String]
    /// `yarn.nodemanager.health-checker.NAME.interval-ms`, or that of all.
    package var interval: Duration
    /// `yarn.nodemanager.health-checker.NAME.timeout-ms`, or that of all.
    package var timeout: Duration

    /// Scripts without a path are not run, as in Hadoop, whose default names a script that nobody has.
    static func all(in configuration: Configuration) throws(ConfigurationError) -> [HealthScriptSettings] {
        var scripts: [HealthScriptSettings] = []
        let base = "yarn.nodemanager.health-checker."
        for name in try configuration.value(of: NodeManagerKeys.healthScripts) {
            let pathKey = ConfigurationKey<String>("\(base)\(name).path", default: nil, .path)
            guard let path = try configuration.optionalValue(of: pathKey) else { continue }
            func duration(_ word: String, _ all: ConfigurationKey<Duration>) throws(ConfigurationError) -> Duration {
                let own = ConfigurationKey<Duration>("\(base)\(name).\(word)", default: nil, all.form)
                let common = try configuration.value(of: all)
                return try configuration.optionalValue(of: own) ?? common
            }
            let arguments = ConfigurationKey<[String]>("\(base)\(name).opts", default: "", .list)
            scripts.append(
                HealthScriptSettings(
                    name: name,
                    path: path,
                    arguments: try configuration.value(of: arguments),
                    interval: try duration("interval-ms", NodeManagerKeys.healthInterval),
                    timeout: try duration("timeout-ms", NodeManagerKeys.healthTimeout)
                )
            )
        }
        return scripts
    }
}

/// Which account containers run as, when the NodeManager has the right to choose.
package struct ContainerIdentitySettings: Hashable, Sendable {
    package enum Account: Hashable, Sendable {
        /// The account of the submitting user.
        case submitter
        /// One account for all, of LinuxContainerExecutor's nonsecure mode.
        case fixed(String)
    }

    package var account: Account
    /// A NodeManager that runs as root may run containers as root (`heddle.security.run-containers-as-root`).
    package var allowsRoot: Bool

    init(_ configuration: Configuration, security: SecuritySettings) throws(ConfigurationError) {
        let executor = try configuration.value(of: NodeManagerKeys.executorClass)
        let isLinuxExecutor = executor.hasSuffix(".LinuxContainerExecutor")
        let limits = try configuration.value(of: NodeManagerKeys.limitsUsers)
        let user = try configuration.value(of: NodeManagerKeys.nonsecureLocalUser)
        self.account = isLinuxExecutor && limits ? .fixed(user) : .submitter
        self.allowsRoot = security.runsContainersAsRoot
    }
}
