package import ClusterModel

/// Matches a reply to the call that it answers.
package struct RequestID: Hashable, Sendable {
    package var value: UInt64

    package init(_ value: UInt64) {
        self.value = value
    }
}

/// All that can happen to a NodeManager.
package enum Input: Sendable {
    // ResourceManager
    /// The ports are open: register and go to work.
    case started
    case registrationAnswered(RegistrationAnswer)
    /// The ResourceManager could not be reached or refused; the text says why.
    case registrationFailed(String)
    case heartbeatAnswered(HeartbeatAnswer)
    case heartbeatFailed(String)

    // ContainerManagementProtocol; `caller` is the attempt that the NMToken names
    case startRequested(RequestID, [ContainerStart], caller: ApplicationAttemptID)
    case stopRequested(RequestID, [ContainerID], caller: ApplicationAttemptID)
    case statusesRequested(RequestID, [ContainerID], caller: ApplicationAttemptID)
    case signalRequested(RequestID, ContainerID, SignalContainerCommand, caller: ApplicationAttemptID)

    // Localization
    /// A download that `Action.localize` ordered is in place.
    /// What a source holds; nil when it does not say.
    case resourceIdentified(ResourceTicket, ContentHash?)
    case resourceLocalized(ResourceTicket, LocalizedFile)
    case resourceFailed(ResourceTicket, String)

    // Processes
    /// The container's supervisor runs; the process is the one that stands in reports.
    case containerLaunched(ContainerID, process: Int32)
    case containerLaunchFailed(ContainerID, LaunchFailure)
    /// The process and all its descendants are gone.
    case containerEnded(ContainerID, ContainerEnd)
    /// Memory of running containers, each `resource-monitor.interval-ms`.
    case usageMeasured([ContainerUsage], node: NodeUsage)

    // Logs
    /// The order of `Action.aggregateLogs` is done, or why not.
    case logsAggregated(ApplicationID, LogAggregationOutcome)
    /// Sizes of running containers' logs, each `container-log-monitor.interval-ms`.
    case logsMeasured([ContainerLogUsage])

    // The node
    case healthReported(NodeHealth)
    /// What the good local folders have left, measured just before containers start.
    case localRoomMeasured([LocalRoom])
    /// What an earlier run left, read from disk at start; comes before `started`.
    case recovered(RecoveredState)
    case timePassed
    /// Orderly stop of the daemon.
    case daemonStopRequested
}

/// RegisterNodeManagerResponseProto, without the keys, which the edge keeps.
package struct RegistrationAnswer: Sendable, Equatable {
    package var action: NodeAction
    package var resourceManagerIdentifier: Int64
    package var diagnostics: String
    /// The node's size as the ResourceManager wants it, when that differs.
    package var capability: ResourceVector?

    package init(
        action: NodeAction,
        resourceManagerIdentifier: Int64,
        diagnostics: String = "",
        capability: ResourceVector? = nil
    ) {
        self.action = action
        self.resourceManagerIdentifier = resourceManagerIdentifier
        self.diagnostics = diagnostics
        self.capability = capability
    }
}

/// NodeActionProto.
package enum NodeAction: Int, Sendable {
    case normal = 0
    case resync = 1
    case shutdown = 2
}

/// NodeHeartbeatResponseProto, without the keys.
package struct HeartbeatAnswer: Sendable, Equatable {
    package var responseID: Int32
    package var action: NodeAction
    package var diagnostics: String
    /// Milliseconds; 0 or less leaves the interval as it is.
    package var nextInterval: Int64
    package var containersToCleanUp: [ContainerID]
    package var applicationsToCleanUp: [ApplicationID]
    /// Their ApplicationMaster knows that they ended: report them no more.
    package var containersToForget: [ContainerID]
    package var signals: [ContainerSignalRequest]
    package var capability: ResourceVector?

    package init(
        responseID: Int32,
        action: NodeAction = .normal,
        diagnostics: String = "",
        nextInterval: Int64 = 0,
        containersToCleanUp: [ContainerID] = [],
        applicationsToCleanUp: [ApplicationID] = [],
        containersToForget: [ContainerID] = [],
        signals: [ContainerSignalRequest] = [],
        capability: ResourceVector? = nil
    ) {
        self.responseID = responseID
        self.action = action
        self.diagnostics = diagnostics
        self.nextInterval = nextInterval
        self.containersToCleanUp = containersToCleanUp
        self.applicationsToCleanUp = applicationsToCleanUp
        self.containersToForget = containersToForget
        self.signals = signals
        self.capability = capability
    }
}

/// SignalContainerRequestProto.
package struct ContainerSignalRequest: Sendable, Equatable {
    package var container: ContainerID
    package var command: SignalContainerCommand

    package init(container: ContainerID, command: SignalContainerCommand) {
        self.container = container
        self.command = command
    }
}

/// Why a container's processes could not be started.
package enum LaunchFailure: Sendable, Equatable {
    /// The text says what failed and where.
    case failed(String)
    /// Cached files that containers link to are gone from disk, by their paths.
    case resourcesMissing([String])
}

/// How a container's first process ended, with what it left to read.
package struct ContainerEnd: Sendable, Equatable {
    /// The exit code as bash reports it: 128 + n after signal n. Nil when nobody saw it.
    package var exitCode: Int32?
    /// The largest resident memory that was measured, bytes; 0 when not known.
    package var peakResidentBytes: Int64
    /// The kernel ended one of its processes at the control group's memory limit.
    package var wasKilledForMemory: Bool
    /// What the supervisor has to say of the end, if anything.
    package var message: String?
    package var logs: LogTails

    package init(
        exitCode: Int32?,
        peakResidentBytes: Int64 = 0,
        wasKilledForMemory: Bool = false,
        message: String? = nil,
        logs: LogTails = LogTails()
    ) {
        self.exitCode = exitCode
        self.peakResidentBytes = peakResidentBytes
        self.wasKilledForMemory = wasKilledForMemory
        self.message = message
        self.logs = logs
    }
}

/// The ends of the log files that explain a failure.
package struct LogTails: Sendable, Equatable {
    /// The most telling first: prelaunch.err, then stderr.
    package var files: [FileTail]
    /// Why there are none to read, if that is so.
    package var problem: String?

    package init(files: [FileTail] = [], problem: String? = nil) {
        self.files = files
        self.problem = problem
    }
}

/// The last bytes of one log file.
package struct FileTail: Sendable, Equatable {
    package var name: String
    package var text: String
    /// How many bytes were looked at, at most.
    package var limit: Int

    package init(name: String, text: String, limit: Int = 4_096) {
        self.name = name
        self.text = text
        self.limit = limit
    }
}

/// One look at a container's process tree.
package struct ContainerUsage: Sendable, Equatable {
    package var container: ContainerID
    /// The process that leads the tree.
    package var process: Int32
    package var residentBytes: Int64
    package var virtualBytes: Int64
    /// The same, of processes that an earlier look has already seen: a fork between looks counts its parent twice.
    package var agedResidentBytes: Int64
    package var agedVirtualBytes: Int64
    /// Share of one core, 1.0 = a whole core.
    package var cpuCores: Double
    /// One line a process, as `|- PID PPID PGRPID SESSID ...`, for the diagnostics of a kill; empty while the use is within
    /// the limit.
    package var processes: [String]

    package init(
        container: ContainerID,
        process: Int32,
        residentBytes: Int64,
        virtualBytes: Int64,
        agedResidentBytes: Int64,
        agedVirtualBytes: Int64,
        cpuCores: Double = 0,
        processes: [String] = []
    ) {
        self.container = container
        self.process = process
        self.residentBytes = residentBytes
        self.virtualBytes = virtualBytes
        self.agedResidentBytes = agedResidentBytes
        self.agedVirtualBytes = agedVirtualBytes
        self.cpuCores = cpuCores
        self.processes = processes
    }
}

/// What all processes of the machine use.
package struct NodeUsage: Sendable, Equatable {
    package var physicalMiB: Int64
    package var virtualMiB: Int64
    /// 1.0 = one whole core.
    package var cpuCores: Double

    package init(physicalMiB: Int64 = 0, virtualMiB: Int64 = 0, cpuCores: Double = 0) {
        self.physicalMiB = physicalMiB
        self.virtualMiB = virtualMiB
        self.cpuCores = cpuCores
    }
}

/// What the disk of a local folder has left.
package struct LocalRoom: Sendable, Equatable {
    package var folder: String
    package var freeBytes: Int64
    /// The share in use of what containers can use.
    package var usedPercent: Double

    package init(folder: String, freeBytes: Int64, usedPercent: Double) {
        self.folder = folder
        self.freeBytes = freeBytes
        self.usedPercent = usedPercent
    }
}

/// Disks and the health script, as last checked.
package struct NodeHealth: Sendable, Equatable {
    package var isHealthy: Bool
    /// Empty when there is nothing to say.
    package var report: String
    package var checkedAt: Timestamp
    /// Usable folders, in configured order.
    package var goodLocalDirectories: [String]
    package var goodLogDirectories: [String]
    /// Free bytes on the disk of each good local folder, in their order; empty when nobody measured.
    package var localFreeBytes: [Int64]

    package init(
        isHealthy: Bool,
        report: String,
        checkedAt: Timestamp,
        goodLocalDirectories: [String],
        goodLogDirectories: [String],
        localFreeBytes: [Int64] = []
    ) {
        self.isHealthy = isHealthy
        self.report = report
        self.checkedAt = checkedAt
        self.goodLocalDirectories = goodLocalDirectories
        self.goodLogDirectories = goodLogDirectories
        self.localFreeBytes = localFreeBytes
    }
}
