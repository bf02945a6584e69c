import ClusterModel

extension EngineScheduler {
    mutating func succeeded(_ task: TaskAttempt, _ success: TaskSuccess, at now: Timestamp) {
        guard let seat = self.runs.seat(of: task) else {
            self.actions.append(.kill(task, on: nil, reason: .unknownAttempt))
            return
        }
        let run = self.leave(seat, at: now)
        let slot = run.stage
        guard self.stages[slot].id == task.stage else {
            self.end(run, .failure(.killed(reason: .stageCancelled(reason: "nobody needs the stage any more"))))
            return
        }
        let isCurrent = self.isCurrent(run)
        if isCurrent { self.stages[slot].tasks.copies[run.index] -= 1 }
        if self.isDone(slot, run.index) {
            self.stages[slot].counts.killed += isCurrent ? 1 : 0
            self.end(run, .failure(.killed(reason: .anotherAttemptSucceeded)))
            return
        }
        guard let counted = self.accept(run, success) else {
            // Its output went with others of that executor while it ran.
            self.stages[slot].counts.completed += isCurrent ? 1 : 0
            self.end(run, .success)
            if isCurrent { self.requeue(slot, run.index) }
            return
        }
        self.executors[run.executor].completed += 1
        self.finish(run, counted: counted, bytes: success.resultBytes, at: now)
    }

    /// Takes what the run gives; nil: it cannot be used. Otherwise whether it is the first of its partition.
    private mutating func accept(_ run: Run, _ success: TaskSuccess) -> Bool? {
        guard let shuffle = self.stages[run.stage].shuffle else {
            self.stages[run.stage].finished[run.index] = true
            return true
        }
        guard run.epoch >= self.executors[run.executor].outputsForgottenAt else { return nil }
        let output = MapOutput(
            task: run.task,
            executor: self.executors[run.executor].id,
            host: self.executors[run.executor].host,
            sizes: success.output ?? ShuffleSizes([])
        )
        self.shuffles[shuffle]?.register(output, of: run.index)
        guard self.shuffles[shuffle]?.counted[run.index] == false else { return false }
        self.shuffles[shuffle]?.counted[run.index] = true
        return true
    }

    /// The partition of a run is complete.
    private mutating func finish(_ run: Run, counted: Bool, bytes: Int64, at now: Timestamp) {
        let slot = run.stage
        let isRunning = self.stages[slot].phase == .running
        if isRunning {
            let pending = self.stages[slot].tasks.pendingCount
            self.stages[slot].tasks.complete(run.index)
            self.pendingTasks += self.stages[slot].tasks.pendingCount - pending
            self.stages[slot].tasks.durations?.insert(now.milliseconds(since: run.launchedAt))
        }
        if self.isCurrent(run) || isRunning { self.stages[slot].counts.completed += 1 }
        self.end(run, .success, counted: counted)
        if self.stages[slot].copies[run.index] > 0 {
            self.kill(runsOf: slot, index: run.index, reason: .anotherAttemptSucceeded)
        }
        if self.stages[slot].shuffle == nil, self.addResult(bytes, of: slot, at: now) { return }
        if isRunning {
            if self.stages[slot].tasks.remaining == 0 { self.complete(slot, at: now) }
        } else if self.isComplete(slot) {
            self.completedWithoutAttempt(slot, at: now)
        }
    }

    /// The last missing partitions came from runs of an attempt that had lost input and is over for the event log.
    private mutating func completedWithoutAttempt(_ slot: Int, at now: Timestamp) {
        self.resubmitting.removeAll { $0 == slot }
        self.waiting.removeAll { $0 == slot }
        self.stages[slot].phase = .idle
        self.stages[slot].outcome = .succeeded
        self.stages[slot].lostAttempts = 0
        self.goOn(after: slot, at: now)
    }

    /// Counts the results' bytes; tells whether they were too many.
    private mutating func addResult(_ bytes: Int64, of slot: Int, at now: Timestamp) -> Bool {
        self.stages[slot].resultBytes += bytes
        let limit = self.settings.maximumResultBytes
        guard limit > 0, self.stages[slot].resultBytes > limit else { return false }
        let tasks = self.stages[slot].counts.completed
        let failure = JobFailure.resultsTooLarge(
            self.stages[slot].id,
            tasks: tasks,
            bytes: self.stages[slot].resultBytes,
            limit: limit
        )
        self.abort(slot, failure, at: now)
        return true
    }

    mutating func failed(_ task: TaskAttempt, _ failure: TaskFailure, at now: Timestamp) {
        guard let seat = self.runs.seat(of: task) else { return }
        let run = self.leave(seat, at: now)
        self.failed(run, failure, at: now)
    }

    /// A run that has left its executor gave nothing.
    mutating func failed(_ run: Run, _ failure: TaskFailure, at now: Timestamp) {
        if failure.counts, self.executors.isAlive(run.executor) { self.executors[run.executor].failed += 1 }
        self.end(run, .failure(failure))
        let slot = run.stage
        guard self.stages[slot].id == run.task.stage else { return }
        let isCurrent = self.isCurrent(run)
        if isCurrent {
            self.stages[slot].tasks.copies[run.index] -= 1
            if case .killed = failure {
                self.stages[slot].counts.killed += 1
            } else {
                self.stages[slot].counts.failed += 1
            }
        }
        if case .fetchFailed(let fetch) = failure {
            if run.task.stageAttempt == self.stages[slot].attempt { self.lostInput(slot, fetch, run, at: now) }
            return
        }
        guard isCurrent, !self.isDone(slot, run.index) else { return }
        self.requeue(slot, run.index)
        if failure.counts { self.charge(run, failure, at: now) }
    }

    /// Counts a failure against the task, and ends the stage's jobs when it was one too many.
    private mutating func charge(_ run: Run, _ failure: TaskFailure, at now: Timestamp) {
        let slot = run.stage
        self.blame(run, failure, at: now)
        let failures = (self.stages[slot].tasks.failures[run.index] ?? 0) + 1
        self.stages[slot].tasks.failures[run.index] = failures
        let isFinal =
            switch failure {
            case .resultTooLarge, .refused: true
            default: failures >= self.settings.maximumTaskFailures
            }
        guard isFinal else { return }
        let executor = self.executors[run.executor]
        let record = TaskFailureRecord(
            stage: self.stages[slot].id,
            stageName: self.stages[slot].plan.name,
            partition: Int(run.task.partition),
            failures: failures,
            attempt: run.task,
            executor: executor.id,
            host: executor.description.host,
            last: failure
        )
        self.abort(slot, .taskFailed(record), at: now)
    }

    /// The task is to run again unless another run of it still may succeed.
    mutating func requeue(_ slot: Int, _ index: Int) {
        guard self.stages[slot].tasks.copies[index] == 0, self.stages[slot].tasks.states[index] == .running else {
            return
        }
        self.stages[slot].tasks.slow.removeAll { $0 == Int32(index) }
        self.stages[slot].tasks.makePending(index)
        self.pendingTasks += 1
        self.offersEverything = true
    }

    /// Whether the run belongs to the attempt of its stage that goes on.
    func isCurrent(_ run: Run) -> Bool {
        self.stages[run.stage].phase == .running && run.task.stageAttempt == self.stages[run.stage].attempt
    }

    private func isDone(_ slot: Int, _ index: Int) -> Bool {
        guard let shuffle = self.stages[slot].shuffle else { return self.stages[slot].finished[index] }
        return self.shuffles[shuffle]?.has(index) ?? true
    }

    private func isComplete(_ slot: Int) -> Bool {
        guard let shuffle = self.stages[slot].shuffle else { return !self.stages[slot].finished.contains(false) }
        return self.shuffles.isComplete(shuffle)
    }

    /// Takes the run from its executor.
    mutating func leave(_ seat: Int, at now: Timestamp) -> Run {
        let run = self.runs.remove(seat)
        let executor = run.executor
        self.executors[executor].freeCores += self.settings.coresPerTask
        self.executors[executor].runs -= 1
        self.pools.left(run.pool)
        if self.stages[run.stage].id == run.task.stage {
            self.stages[run.stage].counts.active -= 1
            self.stages[run.stage].copies[run.index] -= 1
        }
        self.freed.append(executor)
        if self.executors[executor].runs == 0 { self.becameIdle(executor, at: now) }
        return run
    }

    private mutating func end(_ run: Run, _ outcome: TaskOutcome, counted: Bool = false) {
        self.actions.append(
            .taskEnded(
                TaskEnd(
                    task: run.task,
                    executor: self.executors[run.executor].id,
                    index: Int32(run.index),
                    locality: run.locality,
                    speculative: run.speculative,
                    counted: counted,
                    launchedAt: run.launchedAt,
                    outcome: outcome
                )
            )
        )
    }

    /// Asks for the end of the stage's runs, or of those of one partition.
    mutating func kill(runsOf slot: Int, index: Int? = nil, reason: KillReason) {
        let id = self.stages[slot].id
        let seats = self.runs.seats {
            $0.stage == slot && $0.task.stage == id && !$0.isKilled && (index == nil || $0.index == index)
        }
        for seat in seats {
            self.runs[seat].isKilled = true
            let executor = self.executors[self.runs[seat].executor].id
            self.actions.append(.kill(self.runs[seat].task, on: executor, reason: reason))
        }
    }
}
