internal import ClusterModel
internal import EngineCore

/// What is asked for is not there, in Spark's words.
struct NotFound: Error, Equatable {
    var text: String
}

/// A part of Spark's REST API (`/api/v1`), by Spark's names: applications, jobs, stages, executors.
struct LiveDocuments {
    let status: LiveStatus

    /// - Parameter path: the parts behind `/api/v1`.
    /// - Throws: `NotFound`.
    func document(_ path: [String], statuses: [String]) throws(NotFound) -> JSONText {
        guard let first = path.first else { throw self.unknown(path) }
        if first == "version" { return .object([("spark", .string("Heddle \(HeddleVersion.current)"))]) }
        guard first == "applications" else { throw self.unknown(path) }
        if path.count == 1 { return .array([self.application]) }
        guard path[1] == self.status.application.id else { throw NotFound(text: "unknown app: \(path[1])") }
        if path.count == 2 { return self.application }
        // An attempt may be named, too: it is always the one that runs.
        if let attempt = self.status.application.attempt, path[2] == "\(attempt)", path.count > 3 {
            return try self.document(Array(path[..<2] + path[3...]), statuses: statuses)
        }
        let wanted = Set(statuses.map { $0.uppercased() })
        func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
        switch (path[2], path.count) {
        case ("jobs", 3):
            // The newest first, as Spark has them.
            return .array(self.status.jobs.reversed().filter { isWanted($0.statusName) }.map { self.job($0) })
        case ("jobs", 4):
            let job = Int(path[3]).flatMap { number in self.status.jobs.first { $0.id.number == number } }
            guard let job else { throw NotFound(text: "unknown job: \(path[3])") }
            return self.job(job)
        case ("stages", 3):
            return .array(self.status.stages.reversed().filter { isWanted($0.statusName) }.map { self.stage($0) })
        case ("stages", 4):
            return .array([self.stage(try self.known(stage: path[3]))])
        case ("stages", 5):
            let stage = try self.known(stage: path[3])
            guard Int(path[4]) == stage.report.attempt else {
                throw NotFound(text: "unknown attempt for stage \(path[3]).  Found attempts: [\(stage.report.attempt)]")
            }
            return self.stage(stage)
        case ("executors", 3):
            return .array(self.status.executors.filter { $0.removedAt == nil }.map { self.executor($0) })
        case ("allexecutors", 3): return .array(self.status.executors.map { self.executor($0) })
        default: throw self.unknown(path)
        }
    }

    private func unknown(_ path: [String]) -> NotFound {
        NotFound(text: "there is nothing at /api/v1/\(path.joined(separator: "/").prefix(256))")
    }

    private func known(stage text: String) throws(NotFound) -> StageView {
        let stage = Int(text).flatMap { number in self.status.stages.first { $0.report.stage.number == number } }
        guard let stage else { throw NotFound(text: "unknown stage: \(text)") }
        return stage
    }

    private func time(_ time: Timestamp?) -> JSONText? {
        time.map { .string(SparkTime.text(self.status.calendar($0))) }
    }

    /// Without members that have no value.
    private func object(_ members: [(String, JSONText?)]) -> JSONText {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    private func number(_ number: some BinaryInteger) -> JSONText { .integer(Int64(number)) }

    private var application: JSONText {
        let attempt: [(String, JSONText?)] = [
            ("attemptId", self.status.application.attempt.map { .string("\($0)") }),
            ("startTime", .string(SparkTime.text(self.status.startedAt))),
            ("endTime", .string(SparkTime.text(SparkTime.never))),
            ("lastUpdated", .string(SparkTime.text(self.status.startedAt))),
            ("duration", .integer(self.status.now - self.status.startedAt)),
            ("sparkUser", .string(self.status.application.user)), ("completed", .bool(false)),
            ("appSparkVersion", .string("Heddle \(HeddleVersion.current)")),
            ("startTimeEpoch", .integer(self.status.startedAt)), ("endTimeEpoch", .integer(SparkTime.never)),
            ("lastUpdatedEpoch", .integer(self.status.startedAt)),
        ]
        return self.object([
            ("id", .string(self.status.application.id)), ("name", .string(self.status.application.name)),
            ("attempts", .array([self.object(attempt)])),
        ])
    }

    private func job(_ job: JobView) -> JSONText {
        self.object([
            ("jobId", self.number(job.id.number)), ("name", .string(job.name)),
            ("submissionTime", self.time(job.submittedAt)), ("completionTime", self.time(job.completedAt)),
            ("stageIds", .array(job.stages.map { self.number($0.number) })),
            ("jobGroup", job.group.map { .string($0) }), ("jobTags", .array([])), ("status", .string(job.statusName)),
            ("numTasks", self.number(job.tasks.total)), ("numActiveTasks", self.number(job.tasks.active)),
            ("numCompletedTasks", self.number(job.tasks.completed)), ("numSkippedTasks", self.number(job.skippedTasks)),
            ("numFailedTasks", self.number(job.tasks.failed)), ("numKilledTasks", self.number(job.tasks.killed)),
            ("numCompletedIndices", self.number(job.tasks.completed)),
            ("numActiveStages", self.number(job.activeStages)),
            ("numCompletedStages", self.number(job.completedStages)),
            ("numSkippedStages", self.number(job.skippedStages)), ("numFailedStages", self.number(job.failedStages)),
            ("killedTasksSummary", .object([])),
        ])
    }

    private func stage(_ stage: StageView) -> JSONText {
        self.object([
            ("status", .string(stage.statusName)), ("stageId", self.number(stage.report.stage.number)),
            ("attemptId", self.number(stage.report.attempt)), ("numTasks", self.number(stage.report.taskCount)),
            ("numActiveTasks", self.number(stage.counts.active)),
            ("numCompleteTasks", self.number(stage.counts.completed)),
            ("numFailedTasks", self.number(stage.counts.failed)), ("numKilledTasks", self.number(stage.counts.killed)),
            ("numCompletedIndices", self.number(stage.counts.completed)),
            ("submissionTime", self.time(stage.report.submittedAt)),
            ("completionTime", self.time(stage.report.completedAt)),
            ("failureReason", stage.failureText.map { .string($0) }), ("name", .string(stage.report.name)),
            ("details", .string(stage.report.name)),
        ])
    }

    private func executor(_ executor: ExecutorView) -> JSONText {
        let (done, failed) = (executor.completedTasks, executor.failedTasks)
        return self.object([
            ("id", .string("\(executor.description.id)")), ("hostPort", .string(executor.description.host)),
            ("isActive", .bool(executor.removedAt == nil)), ("rddBlocks", self.number(executor.keptBlocks)),
            ("totalCores", self.number(executor.description.cores)),
            ("maxTasks", self.number(executor.description.cores)), ("activeTasks", self.number(executor.activeTasks)),
            ("failedTasks", self.number(failed)), ("completedTasks", self.number(done)),
            ("totalTasks", self.number(executor.activeTasks + failed + done)),
            ("isExcluded", .bool(executor.isExcluded)), ("addTime", self.time(executor.addedAt)),
            ("removeTime", self.time(executor.removedAt)),
        ])
    }
}
