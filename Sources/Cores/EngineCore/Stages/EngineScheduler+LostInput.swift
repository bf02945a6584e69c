import ClusterModel

extension EngineScheduler {
    /// A run of the current attempt could not read its input: the attempt is over, and the outputs in question are
    /// taken for gone.
    mutating func lostInput(_ slot: Int, _ fetch: FetchFailure, _ run: Run, at now: Timestamp) {
        let wasRunning = self.stages[slot].phase == .running
        if wasRunning { self.stages[slot].lostAttempts += 1 }
        let attempts = self.stages[slot].lostAttempts
        let isFinal = wasRunning && attempts >= self.settings.maximumConsecutiveStageAttempts
        if wasRunning, !isFinal {
            self.close(slot, .fetchFailed(fetch), at: now)
            self.stages[slot].phase = .resubmitting
            self.resubmitting.append(slot)
            let due = self.resubmitAt ?? now.adding(self.settings.stageResubmissionDelay)
            self.resubmitAt = due
            self.wake(by: due)
        }
        self.forgetUnreadable(fetch, launchedAt: run.epoch, at: now)
        if isFinal {
            self.abort(slot, .stageFailed(self.stages[slot].id, attempts: attempts, last: fetch), at: now)
        }
    }

    /// Forgets the output that could not be read, and with it all of that executor.
    private mutating func forgetUnreadable(_ fetch: FetchFailure, launchedAt epoch: Int, at now: Timestamp) {
        guard let id = fetch.executor else { return }
        if let map = fetch.map, let output = self.shuffles[fetch.shuffle]?.output(of: map), output.executor == id,
            let lost = self.shuffles[fetch.shuffle]?.forget(map)
        {
            self.reopen(fetch.shuffle, [lost])
        }
        if let slot = self.executors.slot(of: id) {
            // A report about what was forgotten already says nothing about what came since.
            guard epoch >= self.executors[slot].outputsForgottenAt else { return }
            self.epoch += 1
            self.executors[slot].outputsForgottenAt = self.epoch
            if self.settings.exclusion.isEnabled, self.settings.exclusion.excludesOnFetchFailure {
                self.excludeAfterFetchFailure(slot, at: now)
            }
        }
        self.forgetOutputs { $0.executor == id }
        if self.settings.fetchFailureForgetsHost, let name = fetch.host, let host = self.executors.hosts.known(name) {
            self.forgetOutputs(ofHost: host)
        }
    }

    mutating func forgetOutputs(ofHost host: Int) {
        self.epoch += 1
        for slot in self.executors.executors(onHost: host) { self.executors[slot].outputsForgottenAt = self.epoch }
        self.forgetOutputs { $0.host == host }
    }

    mutating func forgetOutputs(where holds: (MapOutput) -> Bool) {
        for (shuffle, lost) in self.shuffles.forgetOutputs(where: holds) { self.reopen(shuffle, lost) }
    }

    /// Outputs are gone: a stage that is filling the shuffle does them again at once, others when they are asked for.
    private mutating func reopen(_ shuffle: ShuffleID, _ lost: [LostOutput]) {
        self.actions.append(.outputsChanged(shuffle))
        guard let slot = self.stages.slot(of: shuffle), self.stages[slot].phase == .running else { return }
        for output in lost where self.stages[slot].tasks.states[output.map] == .done {
            self.pendingTasks -= self.stages[slot].tasks.pendingCount
            self.stages[slot].tasks.reopen(output.map)
            self.pendingTasks += self.stages[slot].tasks.pendingCount
            self.stages[slot].counts.completed -= 1
            self.actions.append(.taskResubmitted(output.task))
        }
        self.offersEverything = true
    }

    mutating func forget(_ shuffle: ShuffleID, at now: Timestamp) {
        if self.stages.slot(of: shuffle) == nil {
            self.shuffles.forget(shuffle)
        } else {
            self.shuffles[shuffle]?.isForgotten = true
        }
        self.recheckIdle(at: now)
    }
}
