import ClusterModel
import HadoopHTTP
import ResourceManager
import ResourceManagerCore
import SchedulerCore

/// The cluster that the recorded answers show: one node of 16 GiB, seven finished applications, one in three containers.
enum GoldenCluster {
    static let started: Int64 = 1_795_444_560_522
    static let node = NodeID(host: "localhost", port: 45_454)
    static let total = ResourceVector(memoryMiB: 16_384, vcores: 16)
    static let used = ResourceVector(memoryMiB: 3_072, vcores: 3)
    static let one = ResourceVector(memoryMiB: 1_024, vcores: 1)

    static func id(_ number: Int32) -> ApplicationID { ApplicationID(clusterTimestamp: Self.started, number: number) }
    static func attempt(_ number: Int32) -> ApplicationAttemptID {
        ApplicationAttemptID(application: Self.id(number), number: 1)
    }
    static func container(_ application: Int32, _ sequence: Int64) -> ContainerID {
        ContainerID(attempt: Self.attempt(application), epoch: 0, sequence: sequence)
    }

    static func presentation(now: Int64) -> ClusterPresentation {
        var scheduler = SchedulerSettings()
        scheduler.maximumAllocation = Self.total
        return ClusterPresentation(
            now: Timestamp(milliseconds: now),
            webAddress: "localhost:8088",
            clusterTotal: Self.total,
            scheduler: scheduler,
            queueShares: ["root.default": Self.total]
        )
    }

    /// - Parameters:
    ///   - counted: MiB-seconds and vcore-seconds used until `now`.
    static func running(counted: (memory: Int64, vcores: Int64), now: Int64) -> ApplicationView {
        var usage = ApplicationUsageView()
        usage.runningContainers = 3
        usage.used = Self.used
        usage.masterUsed = Self.one
        usage.memoryMiBMilliseconds = counted.memory * 1_000
        usage.vcoreMilliseconds = counted.vcores * 1_000
        usage.countedUntil = Timestamp(milliseconds: now)
        return Self.application(8, name: "PythonPi", state: .running, usage: usage)
    }

    static var killed: ApplicationView {
        var usage = ApplicationUsageView()
        usage.memoryMiBMilliseconds = 32_762_000
        usage.vcoreMilliseconds = 31_000
        var view = Self.application(8, name: "PythonPi", state: .killed, usage: usage)
        view.finalStatus = .killed
        view.progress = 1
        view.diagnostics = "Application \(view.id) was killed by user dr.who"
        view.finishedAt = Timestamp(milliseconds: 1_795_444_958_364)
        return view
    }

    static var finished: ApplicationView {
        var usage = ApplicationUsageView()
        usage.memoryMiBMilliseconds = 46_937_000
        usage.vcoreMilliseconds = 45_000
        var view = Self.application(7, name: "pi.py", state: .finished, usage: usage)
        view.finalStatus = .succeeded
        view.progress = 1
        view.startedAt = Timestamp(milliseconds: 1_795_444_853_817)
        view.launchedAt = Timestamp(milliseconds: 1_795_444_854_255)
        view.finishedAt = Timestamp(milliseconds: 1_795_444_876_340)
        view.host = "localhost"
        view.rpcPort = 33_681
        return view
    }

    static func application(
        _ number: Int32,
        name: String,
        state: ApplicationState,
        usage: ApplicationUsageView = ApplicationUsageView()
    ) -> ApplicationView {
        ApplicationView(
            id: Self.id(number),
            name: name,
            user: "root",
            queue: "default",
            queuePath: "root.default",
            applicationType: "SPARK",
            tags: [],
            state: state,
            finalStatus: .undefined,
            progress: 0.1,
            diagnostics: "",
            priority: 0,
            isUnmanaged: false,
            nodeLabelExpression: "",
            masterNodeLabelExpression: "",
            submittedAt: Timestamp(milliseconds: 1_795_444_937_549),
            startedAt: Timestamp(milliseconds: 1_795_444_937_549),
            launchedAt: Timestamp(milliseconds: 1_795_444_937_820),
            finishedAt: .unset,
            currentAttempt: Self.attempt(number),
            currentAttemptState: .running,
            host: "localhost",
            rpcPort: -1,
            originalTrackingURL: "N/A",
            masterContainer: Self.container(number, 1),
            masterNode: Self.node,
            masterNodeHTTPAddress: "localhost:8042",
            logAggregationStatus: .disabled,
            usage: usage,
            resourceRequests: [],
            context: OpaqueBytes()
        )
    }

    static func attemptView(_ number: Int32, started: Int64, finished: Int64) -> AttemptView {
        AttemptView(
            id: Self.attempt(number),
            state: finished == 0 ? .running : .finished,
            finalStatus: .undefined,
            host: "localhost",
            rpcPort: -1,
            originalTrackingURL: "N/A",
            diagnostics: "",
            progress: 0.1,
            masterContainer: Self.container(number, 1),
            masterNode: Self.node,
            masterNodeHTTPAddress: "localhost:8042",
            startedAt: Timestamp(milliseconds: started),
            finishedAt: Timestamp(milliseconds: finished),
            exitStatus: .invalid,
            blacklistedNodes: [],
            nodesBlacklistedBySystem: []
        )
    }

    static func containerView(_ sequence: Int64, created: Int64) -> ContainerView {
        ContainerView(
            id: Self.container(8, sequence),
            node: Self.node,
            nodeHTTPAddress: "localhost:8042",
            capability: Self.one,
            priority: 0,
            allocationRequestID: -1,
            executionType: .guaranteed,
            state: .running,
            createdAt: Timestamp(milliseconds: created),
            finishedAt: .unset,
            exitStatus: .invalid,
            diagnostics: "",
            isMaster: sequence == 1,
            user: "root"
        )
    }

    static var nodeView: NodeView {
        NodeView(
            id: Self.node,
            httpAddress: "localhost:8042",
            rack: defaultRack,
            state: .running,
            version: "3.2.1",
            capacity: Self.total,
            used: Self.used,
            containerCount: 3,
            healthReport: "",
            healthReportedAt: Timestamp(milliseconds: 1_795_444_922_998),
            containersUtilization: ResourceUtilization(
                physicalMemoryMiB: 225,
                virtualMemoryMiB: 3_060,
                cpu: 2.823
            ),
            nodeUtilization: ResourceUtilization(
                physicalMemoryMiB: 5_566,
                virtualMemoryMiB: 5_566,
                cpu: 1.956_666_7
            ),
            labels: []
        )
    }

    static var metrics: ClusterMetricsView {
        var metrics = ClusterMetricsView()
        metrics.applicationsSubmitted = 8
        metrics.applicationsCompleted = 7
        metrics.applicationsRunning = 1
        metrics.total = Self.total
        metrics.allocated = Self.used
        metrics.containersAllocated = 3
        metrics.activeNodes = 1
        return metrics
    }

    /// - Parameter isBusy: application 8 runs.
    static func queues(isBusy: Bool) -> [QueueView] {
        ["root", "root.default"].map { path in
            let isRoot = path == "root"
            return QueueView(
                path: path,
                name: isRoot ? "root" : "default",
                children: isRoot ? ["root.default"] : [],
                state: .running,
                capacityPartsPerMillion: 1_000_000,
                maximumCapacityPartsPerMillion: 1_000_000,
                absoluteCapacityPartsPerMillion: 1_000_000,
                absoluteMaximumCapacityPartsPerMillion: 1_000_000,
                used: isBusy ? Self.used : .zero,
                pending: .zero,
                reserved: .zero,
                masterUsed: isBusy ? Self.one : .zero,
                masterLimit: ResourceVector(memoryMiB: 2_048, vcores: 1),
                maximumMasterResourcePartsPerMillion: 100_000,
                effectiveMinimum: Self.total,
                effectiveMaximum: Self.total,
                maximumAllocation: Self.total,
                activeApplications: isBusy ? 1 : 0,
                pendingApplications: 0,
                allocatedContainers: isBusy ? 3 : 0,
                pendingContainers: 0,
                reservedContainers: 0,
                maximumApplications: 10_000,
                userLimitPercent: 100,
                userLimitFactorPartsPerMillion: 1_000_000,
                defaultApplicationPriority: 0,
                maximumApplicationLifetimeSeconds: -1,
                defaultApplicationLifetimeSeconds: -1,
                submitAccessControl: "*",
                administerAccessControl: "*",
                users: isBusy
                    ? [QueueUserView(user: "root", used: Self.used, masterUsed: Self.one, activeApplications: 1)] : [],
                statistics: QueueStatisticsView()
            )
        }
    }
}
