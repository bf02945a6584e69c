import ClusterModel

extension EngineScheduler {
    /// Jobs that run and those that ended lately, by number.
    package var jobViews: [JobView] {
        let running = self.jobs.values.map { self.view(of: $0, result: nil, completedAt: nil) }
        return (self.history.jobs + running).sorted { $0.id < $1.id }
    }

    /// Why the job failed that ended last; nil if it did not, or none has ended.
    package var lastJobFailure: JobFailure? {
        if case .failed(let failure)? = self.history.jobs.last?.result { failure } else { nil }
    }

    package func jobView(_ id: JobID) -> JobView? {
        if let job = self.jobs[id] { return self.view(of: job, result: nil, completedAt: nil) }
        return self.history.jobs.last { $0.id == id }
    }

    /// Stages that some job needs and those that ended lately, by number.
    package var stageViews: [StageView] {
        let live = self.stages.live.map { self.stageView(of: $0, isOver: false) }
        return (self.history.stages + live).sorted { $0.report.stage < $1.report.stage }
    }

    package func stageView(_ id: StageID) -> StageView? {
        if let slot = self.stages.slot(of: id) { return self.stageView(of: slot, isOver: false) }
        return self.history.stages.last { $0.report.stage == id }
    }

    /// Executors that are alive and those that left lately.
    package var executorViews: [ExecutorView] {
        let live = self.executors.live.map { self.view(of: $0, removedAt: nil) }
        return (self.history.executors + live).sorted { $0.description.id < $1.description.id }
    }

    /// Where these reduce partitions of the shuffle lie, by map partition, without those that wrote nothing for them; nil:
    /// an output is missing.
    package func outputs(of shuffle: ShuffleID, reduces: Range<Int>) -> [OutputLocation]? {
        guard let outputs = self.shuffles[shuffle], outputs.isComplete else { return nil }
        var locations: [OutputLocation] = []
        for (map, output) in outputs.outputs.enumerated() {
            guard let output else { continue }
            let known = reduces.clamped(to: 0..<output.sizes.partitions)
            let bytes = known.reduce(into: Int64(0)) { $0 += output.sizes.bytes(of: $1) }
            guard bytes > 0 else { continue }
            locations.append(
                OutputLocation(
                    map: map,
                    task: output.task,
                    executor: output.executor,
                    host: self.executors.hosts.names[output.host],
                    bytes: bytes
                )
            )
        }
        return locations
    }

    /// The runs that executors have.
    package var runningTasks: Int { self.runs.count }

    /// Whether a map partition's output is known.
    package func hasOutput(of shuffle: ShuffleID, map: Int) -> Bool {
        self.shuffles[shuffle]?.output(of: map) != nil
    }

    func report(on slot: Int) -> StageReport {
        let stage = self.stages[slot]
        return StageReport(
            stage: stage.id,
            attempt: Int(max(stage.attempt, 0)),
            name: stage.plan.name,
            taskCount: stage.attempt < 0 ? stage.taskCount : stage.counts.total,
            parents: stage.parents.map { self.stages[$0].id },
            shuffle: stage.shuffle,
            jobs: stage.jobs,
            submittedAt: stage.submittedAt,
            completedAt: stage.completedAt,
            outcome: stage.outcome
        )
    }

    func stageView(of slot: Int, isOver: Bool) -> StageView {
        let stage = self.stages[slot]
        return StageView(
            report: self.report(on: slot),
            status: self.status(of: stage, isOver: isOver),
            counts: stage.counts
        )
    }

    private func status(of stage: Stage, isOver: Bool) -> StageStatus {
        if stage.phase == .running && !isOver { return .active }
        switch stage.outcome {
        case .succeeded: return .complete
        case .failed, .fetchFailed: return isOver || stage.phase == .idle ? .failed : .pending
        case nil: return isOver ? .skipped : .pending
        }
    }

    func view(of job: Job, result: JobResult?, completedAt: Timestamp?) -> JobView {
        var view = JobView(
            id: job.id,
            name: job.name,
            group: job.group,
            pool: job.pool,
            submittedAt: job.submittedAt,
            completedAt: completedAt,
            result: result
        )
        for slot in job.stages {
            let stage = self.stages[slot]
            view.stages.append(stage.id)
            view.tasks.total += stage.taskCount
            view.tasks.active += stage.counts.active
            view.tasks.completed += stage.counts.completed
            view.tasks.failed += stage.counts.failed
            view.tasks.killed += stage.counts.killed
            switch self.status(of: stage, isOver: false) {
            case .active where result == nil: view.activeStages += 1
            case .active, .failed: view.failedStages += 1
            case .complete: view.completedStages += 1
            case .pending, .skipped:
                guard result != nil, stage.attempt < 0 else { continue }
                view.skippedStages += 1
                view.skippedTasks += stage.taskCount
            }
        }
        return view
    }

    func view(of slot: Int, removedAt: Timestamp?) -> ExecutorView {
        let executor = self.executors[slot]
        return ExecutorView(
            description: executor.description,
            addedAt: executor.addedAt,
            removedAt: removedAt,
            activeTasks: executor.runs,
            completedTasks: executor.completed,
            failedTasks: executor.failed,
            keptBlocks: self.blocks.blockCount(of: executor.id),
            isExcluded: executor.isExcluded,
            isDraining: executor.isDraining
        )
    }
}
