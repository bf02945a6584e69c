import ClusterModel

extension EngineScheduler {
    mutating func submit(_ plan: JobPlan, at now: Timestamp) {
        let id = self.nextJob
        self.nextJob.number += 1
        if let reason = self.refusal ?? self.fault(of: plan) {
            self.refuse(plan, id, reason, at: now)
            return
        }
        var slots: [Int] = []
        for stage in plan.stages {
            slots.append(self.slot(for: stage, of: id))
            for cached in stage.cached { self.blocks.want(cached.replication, of: cached.dataset) }
        }
        let job = Job(id: id, name: plan.name, group: plan.group, pool: plan.pool, stages: slots, submittedAt: now)
        self.jobs[id] = job
        for slot in slots { self.stages[slot].pool = self.pools.number(of: self.poolName(of: slot)) }
        self.actions.append(
            .jobStarted(
                JobStart(
                    job: id,
                    name: plan.name,
                    group: plan.group,
                    pool: plan.pool,
                    stages: slots.map { self.report(on: $0) }
                )
            )
        )
        guard let result = slots.last else { return }
        if self.stages[result].taskCount == 0 {
            self.end(id, .succeeded, at: now)
        } else {
            self.allocation.isInitialising = false
            self.submit(stage: result, at: now)
        }
    }

    /// Why no job can be run any more; nil: they can.
    private var refusal: JobFailure? {
        self.isStopped ? .driverStopped : self.allocationFailure.map { .noExecutors(reason: $0) }
    }

    mutating func allocationFailed(_ reason: String, at now: Timestamp) {
        self.allocationFailure = reason
        for job in self.jobs(where: { _ in true }) { self.end(job, .failed(.noExecutors(reason: reason)), at: now) }
    }

    /// Why the plan cannot be run; nil: it can.
    private func fault(of plan: JobPlan) -> JobFailure? {
        var seen: [ShuffleID: Int] = [:]
        for (place, stage) in plan.stages.enumerated() {
            for parent in stage.parents where seen[parent.shuffle] == nil {
                return .invalidPlan(
                    reason: "stage '\(stage.name)' reads shuffle \(parent.shuffle.number), "
                        + "which no stage before it in the plan fills"
                )
            }
            if !stage.preferences.isEmpty, stage.preferences.count != stage.taskCount {
                return .invalidPlan(
                    reason: "stage '\(stage.name)' has \(stage.taskCount) tasks and \(stage.preferences.count) places"
                )
            }
            switch stage.output {
            case .results where place != plan.stages.count - 1:
                return .invalidPlan(reason: "stage '\(stage.name)' gives results and is not the last one of the plan")
            case .results: break
            case .shuffle(let shuffle, let maps, _):
                if place == plan.stages.count - 1 {
                    return .invalidPlan(reason: "the last stage, '\(stage.name)', gives no results")
                }
                if let known = self.shuffles[shuffle], known.outputs.count != maps {
                    return .invalidPlan(
                        reason: "shuffle \(shuffle.number) has \(maps) map partitions in this plan "
                            + "and \(known.outputs.count) in an earlier one"
                    )
                }
                seen[shuffle] = place
            }
        }
        return plan.stages.isEmpty ? .invalidPlan(reason: "the plan has no stages") : nil
    }

    private mutating func refuse(_ plan: JobPlan, _ id: JobID, _ reason: JobFailure, at now: Timestamp) {
        self.actions.append(
            .jobStarted(JobStart(job: id, name: plan.name, group: plan.group, pool: plan.pool, stages: []))
        )
        self.actions.append(.jobEnded(id, .failed(reason)))
        self.history.add(
            JobView(
                id: id,
                name: plan.name,
                group: plan.group,
                pool: plan.pool,
                submittedAt: now,
                completedAt: now,
                result: .failed(reason)
            )
        )
    }

    /// The stage that runs already for another job, or a new one.
    private mutating func slot(for plan: StagePlan, of job: JobID) -> Int {
        if case .shuffle(let shuffle, let maps, let reduces) = plan.output {
            if let slot = self.stages.slot(of: shuffle) {
                self.shuffles[shuffle]?.isForgotten = false
                if !self.stages[slot].jobs.contains(job) { self.stages[slot].jobs.append(job) }
                return slot
            }
            self.shuffles.register(shuffle, maps: maps, reduces: reduces)
        }
        let parents = plan.parents.compactMap { self.stages.slot(of: $0.shuffle) }
        return self.stages.insert(plan, parents: parents, job: job)
    }

    private func poolName(of slot: Int) -> String {
        self.stages[slot].jobs.first.flatMap { self.jobs[$0]?.pool } ?? "default"
    }

    func jobs(where holds: (Job) -> Bool) -> [JobID] { self.jobs.values.filter(holds).map(\.id).sorted() }

    mutating func cancel(_ job: JobID, reason: String, at now: Timestamp) {
        self.end(job, .failed(.cancelled(reason: reason)), at: now)
    }

    mutating func stop(at now: Timestamp) {
        self.isStopped = true
        for job in self.jobs(where: { _ in true }) { self.end(job, .failed(.driverStopped), at: now) }
    }

    /// Ends the job and the stages that no other job needs.
    mutating func end(_ id: JobID, _ result: JobResult, at now: Timestamp) {
        guard let job = self.jobs[id] else { return }
        let view = self.view(of: job, result: result, completedAt: now)
        for slot in Set(job.stages).sorted(by: { self.stages[$0].id < self.stages[$1].id }) {
            self.stages[slot].jobs.removeAll { $0 == id }
            if self.stages[slot].jobs.isEmpty {
                self.drop(slot, result, at: now)
            } else {
                self.reorder(slot)
            }
        }
        self.jobs[id] = nil
        self.history.add(view)
        self.actions.append(.jobEnded(id, result))
        self.recheckIdle(at: now)
    }

    /// A stage that a job leaves to others takes its turn with the first of those.
    private mutating func reorder(_ slot: Int) {
        self.stages[slot].pool = self.pools.number(of: self.poolName(of: slot))
        guard let place = self.runnable.firstIndex(of: slot) else { return }
        self.runnable.remove(at: place)
        self.insertRunnable(slot)
    }

    /// Nobody needs the stage any more.
    private mutating func drop(_ slot: Int, _ result: JobResult, at now: Timestamp) {
        let phase = self.stages[slot].phase
        self.waiting.removeAll { $0 == slot }
        self.resubmitting.removeAll { $0 == slot }
        if phase == .running {
            let failure: JobFailure = if case .failed(let failure) = result { failure } else { .cancelled(reason: "") }
            self.close(slot, .failed(failure), at: now)
        }
        if self.stages[slot].counts.active > 0 {
            let reason: KillReason =
                switch result {
                case .succeeded: .anotherAttemptSucceeded
                case .failed(.cancelled(let reason)): .stageCancelled(reason: reason)
                case .failed: .stageCancelled(reason: "the job failed")
                }
            self.kill(runsOf: slot, reason: reason)
        }
        self.history.add(self.stageView(of: slot, isOver: true))
        let shuffle = self.stages[slot].shuffle
        self.stages.remove(slot)
        if let shuffle, self.shuffles[shuffle]?.isForgotten == true { self.shuffles.forget(shuffle) }
    }

    /// Ends every job that needs the stage.
    mutating func abort(_ slot: Int, _ failure: JobFailure, at now: Timestamp) {
        for job in self.stages[slot].jobs { self.end(job, .failed(failure), at: now) }
    }
}
