internal import ClusterModel
internal import EngineCore
internal import HadoopConfig

/// Turns the scheduler's actions into Spark's events (`SparkListener...`, as `JsonProtocol` reads them). A plain value.
struct EventWriter {
    private var hosts: [ExecutorID: String] = [:]
    private var stages: [StageID: [DatasetInfo]] = [:]
    private var datasets: [Digest: Int] = [:]
    /// Stages whose tasks write a shuffle.
    private var shuffling: Set<StageID> = []

    // MARK: - Lines

    private static func event(_ name: String, _ members: [(String, JSONText)]) -> JSONText {
        .object([("Event", .string("SparkListener\(name)"))] + members)
    }

    /// Logs and their pages are read by many: secrets stay out, as in Spark.
    private static func shown(_ properties: [String: String]) -> JSONText {
        .object(
            properties.sorted { $0.key < $1.key }.map { name, value in
                (name, .string(SensitiveKeys.contains(name) ? SensitiveKeys.redaction : value))
            }
        )
    }

    func start(_ application: EventLog.Application, at time: Int64) -> [JSONText] {
        [
            Self.event("LogStart", [("Spark Version", .string("Heddle \(HeddleVersion.current)"))]),
            Self.event(
                "EnvironmentUpdate",
                [
                    ("JVM Information", .object([])), ("Spark Properties", Self.shown(application.properties)),
                    ("Hadoop Properties", .object([])), ("System Properties", .object([])),
                    ("Metrics Properties", .object([])), ("Classpath Entries", .object([])),
                ]
            ),
            Self.event(
                "ApplicationStart",
                [
                    ("App Name", .string(application.name)), ("App ID", .string(application.id)),
                    ("Timestamp", .integer(time)), ("User", .string(application.user)),
                ] + (application.attempt.map { [("App Attempt ID", .string("\($0)"))] } ?? [])
            ),
        ]
    }

    func end(at time: Int64) -> JSONText { Self.event("ApplicationEnd", [("Timestamp", .integer(time))]) }

    mutating func know(_ stages: [(StageID, [DatasetInfo])]) {
        for (stage, infos) in stages { self.stages[stage] = infos }
    }

    /// - Parameters:
    ///   - time: of the action, in milliseconds since 1970.
    ///   - offset: what is added to the scheduler's own times.
    mutating func events(
        of action: EngineScheduler.Action,
        at time: Int64,
        offset: Int64,
        metrics: TaskMetrics?
    ) -> [JSONText] {
        switch action {
        case .executorAdded(let executor): return self.added(executor, at: time)
        case .executorRemoved(let executor, let cause):
            return [
                Self.event(
                    "ExecutorRemoved",
                    [
                        ("Timestamp", .integer(time)), ("Executor ID", .string("\(executor)")),
                        ("Removed Reason", .string(cause.message)),
                    ]
                )
            ]
        case .jobStarted(let start): return [self.started(start, at: time, offset)]
        case .jobEnded(let job, let result):
            return [
                Self.event(
                    "JobEnd",
                    [
                        ("Job ID", .integer(Int64(job.number))), ("Completion Time", .integer(time)),
                        ("Job Result", Self.result(result)),
                    ]
                )
            ]
        case .stageSubmitted(let report):
            return [
                Self.event(
                    "StageSubmitted",
                    [("Stage Info", self.info(report, offset)), ("Properties", .object([]))]
                )
            ]
        case .stageCompleted(let report):
            return [Self.event("StageCompleted", [("Stage Info", self.info(report, offset))])]
        case .launch(let launch):
            return [
                Self.event(
                    "TaskStart",
                    [
                        ("Stage ID", .integer(Int64(launch.task.stage.number))),
                        ("Stage Attempt ID", .integer(Int64(launch.task.stageAttempt))),
                        ("Task Info", self.info(launch, at: time)),
                    ]
                )
            ]
        case .taskEnded(let end): return [self.ended(end, at: time, offset, metrics ?? TaskMetrics())]
        default: return []
        }
    }

    // MARK: - Executors

    private mutating func added(_ executor: ExecutorDescription, at time: Int64) -> [JSONText] {
        self.hosts[executor.id] = executor.host
        let info = JSONText.object([
            ("Host", .string(executor.host)), ("Total Cores", .integer(Int64(executor.cores))),
            ("Log Urls", .object([])),
            ("Attributes", .object([])), ("Resources", .object([])), ("Resource Profile Id", .integer(0)),
        ])
        return [
            Self.event(
                "ExecutorAdded",
                [
                    ("Timestamp", .integer(time)), ("Executor ID", .string("\(executor.id)")), ("Executor Info", info),
                ]
            )
        ]
    }

    // MARK: - Jobs and stages

    private mutating func started(_ start: JobStart, at time: Int64, _ offset: Int64) -> JSONText {
        var properties: [(String, JSONText)] = [
            ("callSite.short", .string(start.name)), ("spark.job.description", .string(start.name)),
            ("spark.scheduler.pool", .string(start.pool)),
        ]
        if let group = start.group { properties.append(("spark.jobGroup.id", .string(group))) }
        return Self.event(
            "JobStart",
            [
                ("Job ID", .integer(Int64(start.job.number))), ("Submission Time", .integer(time)),
                ("Stage Infos", .array(start.stages.map { self.info($0, offset) })),
                ("Stage IDs", .array(start.stages.map { .integer(Int64($0.stage.number)) })),
                ("Properties", .object(properties)),
            ]
        )
    }

    private static func result(_ result: JobResult) -> JSONText {
        switch result {
        case .succeeded: .object([("Result", .string("JobSucceeded"))])
        case .failed(let failure):
            .object([
                ("Result", .string("JobFailed")),
                ("Exception", .object([("Message", .string(failure.text)), ("Stack Trace", .array([]))])),
            ])
        }
    }

    private mutating func info(_ report: StageReport, _ offset: Int64) -> JSONText {
        if report.shuffle != nil { self.shuffling.insert(report.stage) }
        var members: [(String, JSONText)] = [
            ("Stage ID", .integer(Int64(report.stage.number))), ("Stage Attempt ID", .integer(Int64(report.attempt))),
            ("Stage Name", .string(report.name)), ("Number of Tasks", .integer(Int64(report.taskCount))),
            ("RDD Info", .array((self.stages[report.stage] ?? []).map { self.info($0) })),
            ("Parent IDs", .array(report.parents.map { .integer(Int64($0.number)) })),
            ("Details", .string(report.name)),
        ]
        if let time = report.submittedAt { members.append(("Submission Time", .integer(time.milliseconds + offset))) }
        if let time = report.completedAt { members.append(("Completion Time", .integer(time.milliseconds + offset))) }
        switch report.outcome {
        case .failed(let failure): members.append(("Failure Reason", .string(failure.text)))
        case .fetchFailed(let failure): members.append(("Failure Reason", .string(failure.message)))
        case .succeeded, nil: break
        }
        members += [
            ("Accumulables", .array([])), ("Resource Profile Id", .integer(0)), ("Shuffle Push Enabled", .bool(false)),
            ("Shuffle Push Mergers Count", .integer(0)),
        ]
        return .object(members)
    }

    private mutating func number(of dataset: Digest) -> Int {
        if let known = self.datasets[dataset] { return known }
        self.datasets[dataset] = self.datasets.count
        return self.datasets.count - 1
    }

    private mutating func info(_ dataset: DatasetInfo) -> JSONText {
        let number = self.number(of: dataset.identity)
        let scope = JSONText.object([("id", .string("\(number)")), ("name", .string(dataset.operation))]).text
        let parents = dataset.parents.map { JSONText.integer(Int64(self.number(of: $0))) }
        return .object([
            ("RDD ID", .integer(Int64(number))), ("Name", .string(dataset.operation)), ("Scope", .string(scope)),
            ("Callsite", .string("\(dataset.operation) at \(dataset.site)")), ("Parent IDs", .array(parents)),
            (
                "Storage Level",
                .object([
                    ("Use Disk", .bool(dataset.storage?.usesDisk == true)),
                    ("Use Memory", .bool(dataset.storage?.usesMemory == true)), ("Use Off Heap", .bool(false)),
                    ("Deserialized", .bool(dataset.storage?.isDeserialized == true)),
                    ("Replication", .integer(Int64(dataset.storage?.replication ?? 1))),
                ])
            ), ("Barrier", .bool(false)), ("DeterministicLevel", .string("DETERMINATE")),
            ("Number of Partitions", .integer(Int64(dataset.partitions))), ("Number of Cached Partitions", .integer(0)),
            ("Memory Size", .integer(0)), ("Disk Size", .integer(0)),
        ])
    }

    // MARK: - Tasks

    private struct Run {
        var task: TaskAttempt
        var executor: ExecutorID
        var index: Int32
        var locality: Locality
        var speculative: Bool
    }

    private func info(_ launch: TaskLaunch, at time: Int64) -> JSONText {
        let run = Run(
            task: launch.task,
            executor: launch.executor,
            index: launch.index,
            locality: launch.locality,
            speculative: launch.speculative
        )
        return self.info(run, launchedAt: time, finishedAt: 0, isFailed: false, isKilled: false)
    }

    private func info(_ run: Run, launchedAt: Int64, finishedAt: Int64, isFailed: Bool, isKilled: Bool) -> JSONText {
        .object([
            ("Task ID", .integer(run.task.id.number)), ("Index", .integer(Int64(run.index))),
            ("Attempt", .integer(Int64(run.task.attempt))), ("Partition ID", .integer(Int64(run.task.partition))),
            ("Launch Time", .integer(launchedAt)), ("Executor ID", .string("\(run.executor)")),
            ("Host", .string(self.hosts[run.executor] ?? "")), ("Locality", .string(run.locality.sparkName)),
            ("Speculative", .bool(run.speculative)), ("Getting Result Time", .integer(0)),
            ("Finish Time", .integer(finishedAt)), ("Failed", .bool(isFailed)), ("Killed", .bool(isKilled)),
            ("Accumulables", .array([])),
        ])
    }

    private func ended(_ end: TaskEnd, at time: Int64, _ offset: Int64, _ metrics: TaskMetrics) -> JSONText {
        let reason = TaskEndReason(end.outcome)
        let run = Run(
            task: end.task,
            executor: end.executor,
            index: end.index,
            locality: end.locality,
            speculative: end.speculative
        )
        let isShuffle = self.shuffling.contains(end.task.stage)
        return Self.event(
            "TaskEnd",
            [
                ("Stage ID", .integer(Int64(end.task.stage.number))),
                ("Stage Attempt ID", .integer(Int64(end.task.stageAttempt))),
                ("Task Type", .string(isShuffle ? "ShuffleMapTask" : "ResultTask")), ("Task End Reason", reason.text),
                (
                    "Task Info",
                    self.info(
                        run,
                        launchedAt: end.launchedAt.milliseconds + offset,
                        finishedAt: time,
                        isFailed: reason.isFailure,
                        isKilled: reason.isKill
                    )
                ), ("Task Executor Metrics", .object([])), ("Task Metrics", metrics.sparkText),
            ]
        )
    }
}
