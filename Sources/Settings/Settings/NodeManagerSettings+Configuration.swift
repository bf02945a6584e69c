import ClusterModel
import Glibc
package import HadoopConfig
package import NodeManagerCore

extension NodeManagerSettings {
    /// Reads yarn-site.xml's keys of the NodeManager.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.init(
            capability: try Self.capability(configuration),
            localDirectories: try configuration.value(of: NodeManagerKeys.localDirectories),
            logDirectories: try configuration.value(of: NodeManagerKeys.logDirectories)
        )
        let disks = try DiskHealthSettings(configuration)
        self.diskLimits = disks.isEnabled ? disks.limits : nil
        self.checksPhysicalMemory = try configuration.value(of: NodeManagerKeys.checksPhysicalMemory)
        self.checksVirtualMemory = try configuration.value(of: NodeManagerKeys.checksVirtualMemory)
        self.virtualMemoryRatio = try configuration.value(of: NodeManagerKeys.virtualMemoryRatio)
        self.delayBeforeKill = try configuration.value(of: NodeManagerKeys.killDelay)
        self.deletionDelay = try configuration.value(of: NodeManagerKeys.deletionDelay) ?? DurationUnit.maximum
        self.logRetention = try configuration.value(of: NodeManagerKeys.logRetention)
        self.aggregatesLogs = try configuration.value(of: NodeManagerKeys.logAggregationEnabled)
        try self.readLogAggregation(configuration)
        let folderMaximum = try configuration.value(of: LogAggregationKeys.folderSizeMaximum)
        let totalMaximum = try configuration.value(of: LogAggregationKeys.totalSizeMaximum)
        if try configuration.value(of: LogAggregationKeys.monitorEnabled) {
            self.logSizeLimit = LogSizeLimit(folderBytes: Int64(folderMaximum), totalBytes: Int64(totalMaximum))
        }
        self.cacheTargetMiB = Int64(try configuration.value(of: NodeManagerKeys.cacheSizeTarget))
        self.cacheCleanupInterval = try configuration.value(of: NodeManagerKeys.cacheCleanupInterval)
        self.cacheEntriesPerDirectory = try configuration.value(of: NodeManagerKeys.cacheEntriesPerDirectoryMaximum)
        self.diagnosticsMaximum = try configuration.value(of: NodeManagerKeys.diagnosticsLengthMaximum)
        self.stoppedContainerMemory = try configuration.value(of: NodeManagerKeys.stoppedContainerMemory)
        self.userHomeDirectory = try configuration.value(of: NodeManagerKeys.userHomeDirectory)
        let variables = configuration.environment.variables
        let whitelist = try configuration.value(of: NodeManagerKeys.environmentWhitelist)
        self.inheritedEnvironment = whitelist.compactMap { name in
            variables[name].map { EnvironmentVariable(name, $0) }
        }
        self.administratorEnvironment = try Self.administratorEnvironment(configuration)
        self.keepsLaunchScript = try configuration.value(of: NodeManagerKeys.logsDebugInformation)
        self.recoversContainers = try configuration.value(of: NodeManagerKeys.recoveryEnabled)
        self.isSupervised = try configuration.value(of: NodeManagerKeys.recoverySupervised)
        self.keepsContainersOnResync = try configuration.value(of: ResourceManagerKeys.workPreservingRecoveryEnabled)
        self.heartbeatInterval = try configuration.value(of: ResourceManagerKeys.nodeHeartbeatInterval)
    }

    private mutating func readLogAggregation(_ configuration: Configuration) throws(ConfigurationError) {
        let name = try configuration.value(of: LogAggregationKeys.policyClass)
        self.logPolicyParameters = try configuration.value(of: LogAggregationKeys.policyParameters)
        guard let policy = LogAggregationPolicy(className: name, parameters: self.logPolicyParameters) else {
            throw ConfigurationError(
                configuration.problem(
                    LogAggregationKeys.policyClass.name,
                    name,
                    "not a policy that is built in; accepted: \(LogAggregationPolicy.accepted)"
                )
            )
        }
        self.logPolicy = policy
        let interval = try configuration.value(of: LogAggregationKeys.rollingInterval)
        let minimum = try configuration.value(of: LogAggregationKeys.rollingIntervalMinimum)
        self.logRollInterval = interval > 0 ? .seconds(max(interval, minimum)) : nil
    }

    private static func capability(_ configuration: Configuration) throws(ConfigurationError) -> ResourceVector {
        let detects = try configuration.value(of: NodeManagerKeys.detectsHardware)
        let reserved = try configuration.value(of: NodeManagerKeys.reservedSystemMemory)
        let multiplier = try configuration.value(of: NodeManagerKeys.vcoresPerCore)
        let memory = try configuration.value(of: NodeManagerKeys.memory)
        let vcores = try configuration.value(of: NodeManagerKeys.vcores)
        // Hadoop's answers for -1 when it does not look at the machine.
        var detected = (memoryMiB: 8_192, vcores: 8)
        if detects {
            let total = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) >> 20
            detected.memoryMiB = max(1, total - (reserved ?? total / 5))
            detected.vcores = max(1, Int(Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))) * multiplier))
        }
        return ResourceVector(
            memoryMiB: Int64(memory ?? detected.memoryMiB),
            vcores: Int64(vcores ?? detected.vcores)
        )
    }

    /// `NAME=value` between commas; `$NAME` in a value is the NodeManager's own variable, nothing where it has none.
    private static func administratorEnvironment(
        _ configuration: Configuration
    ) throws(ConfigurationError) -> [EnvironmentVariable] {
        let key = NodeManagerKeys.adminEnvironment
        let text = try configuration.value(of: key)
        var result: [EnvironmentVariable] = []
        for assignment in text.split(separator: ",") {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].trimmingHadoopSpace)
            guard parts.count == 2, Self.isVariableName(name) else {
                throw ConfigurationError(
                    configuration.problem(key.name, text, "accepted: NAME=value pairs separated by commas")
                )
            }
            result.append(EnvironmentVariable(name, Self.expand(parts[1], configuration.environment.variables)))
        }
        return result
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy(Self.isVariableByte)
    }

    private static func isVariableByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func expand(_ value: Substring, _ variables: [String: String]) -> String {
        var result = ""
        var rest = value
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            let name = rest.prefix { $0.utf8.count == 1 && $0.utf8.allSatisfy(Self.isVariableByte) }
            guard !name.isEmpty else {
                result += "$"
                continue
            }
            result += variables[String(name)] ?? ""
            rest = rest[name.endIndex...]
        }
        return result + rest
    }
}
