package import ClusterModel
package import Staging

/// Everything needed to start one container's script under a supervisor.
package struct ContainerProcessSpecification: Sendable {
    package var container: ContainerID
    /// Where the script starts.
    package var workDirectory: String
    /// The launch script; bash runs it.
    package var script: String
    /// The whole environment of the script. The launcher adds `HEDDLE_CONTAINER_STATE`, by which processes that
    /// outlived their supervisor are found again.
    package var environment: [String: String]
    /// Files that catch what the script prints before it redirects itself; opened with the account's rights.
    package var standardOutput: String?
    package var standardError: String?
    /// Whose rights the container gets; nil: those of the NodeManager.
    package var account: OperatingSystemAccount?
    /// A folder of the NodeManager's own (0700) for `<container>.pid`, which says who runs and how the script ended.
    package var stateDirectory: String
    /// How long processes that remain get between SIGTERM and SIGKILL (yarn.nodemanager.sleep-delay-before-sigkill.ms).
    package var killDelay: Duration
    /// The control group to join, if there is one.
    package var cgroup: ContainerCgroup?
    /// Limits of the kernel's for each of the container's processes.
    package var resourceLimits: [ResourceLimit]
    /// Whether programs with set-user-id bits (sudo, ping) lose their power inside the container.
    package var forbidsNewPrivileges: Bool

    package init(
        container: ContainerID,
        workDirectory: String,
        script: String,
        environment: [String: String],
        standardOutput: String? = nil,
        standardError: String? = nil,
        account: OperatingSystemAccount? = nil,
        stateDirectory: String,
        killDelay: Duration = .milliseconds(250),
        cgroup: ContainerCgroup? = nil,
        resourceLimits: [ResourceLimit] = [],
        forbidsNewPrivileges: Bool = false
    ) {
        self.container = container
        self.workDirectory = workDirectory
        self.script = script
        self.environment = environment
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.account = account
        self.stateDirectory = stateDirectory
        self.killDelay = killDelay
        self.cgroup = cgroup
        self.resourceLimits = resourceLimits
        self.forbidsNewPrivileges = forbidsNewPrivileges
    }
}

/// A limit the kernel holds each process of a container to, soft and hard alike.
package enum ResourceLimit: Sendable, Hashable {
    /// Bytes of a core dump; 0 for none.
    case coreFileBytes(UInt64)
    case openFiles(UInt64)
    /// Processes and threads of the account, in all its containers together.
    case processes(UInt64)
}

/// What can be sent to a container.
package enum ContainerSignal: Sendable, Hashable {
    /// SIGTERM to all its processes: please end.
    case terminate
    /// SIGKILL to all its processes, again until none is left.
    case kill
    /// SIGQUIT to those of its processes that handle it: a JVM prints its threads; others are not harmed by asking.
    case threadDump
}

/// How a container's script ended.
package struct ContainerExit: Sendable, Hashable {
    /// The exit code; 128 + n for a script that signal n ended; nil when nobody is left who knows it.
    package var code: Int32?
    /// Why the container could not start or why its code is unknown, for its diagnostics.
    package var message: String?
    /// The largest memory its control group saw, in bytes; nil without control groups.
    package var memoryPeak: UInt64?
    /// Whether the kernel killed one of its processes at the control group's memory limit.
    package var wasKilledForMemory: Bool

    package init(
        code: Int32?,
        message: String? = nil,
        memoryPeak: UInt64? = nil,
        wasKilledForMemory: Bool = false
    ) {
        self.code = code
        self.message = message
        self.memoryPeak = memoryPeak
        self.wasKilledForMemory = wasKilledForMemory
    }

    /// The signal that ended the script, as far as the exit code tells.
    package var signal: Int32? {
        guard let code = self.code, code > 128, code <= 128 + 64 else { return nil }
        return code - 128
    }
}
