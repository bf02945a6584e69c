import ClusterModel

extension EngineScheduler {
    /// Marks tasks that take much longer than most of their stage for a second run elsewhere.
    mutating func findSlowTasks(at now: Timestamp) {
        guard !self.runnable.isEmpty else { return }
        let settings = self.settings.speculation
        var limits: [Int: Int64] = [:]
        for slot in self.runnable {
            if let limit = self.slowAfter(slot) {
                limits[slot] = max(limit, settings.minimumTaskRuntime.wholeMilliseconds)
            }
        }
        if !limits.isEmpty {
            let seats = self.runs.seats { run in
                guard let limit = limits[run.stage], self.isCurrent(run) else { return false }
                return !run.isKilled && now.milliseconds(since: run.launchedAt) > limit
            }
            for seat in seats {
                let run = self.runs[seat]
                let tasks = self.stages[run.stage].tasks
                guard tasks.copies[run.index] == 1, tasks.states[run.index] == .running,
                    !tasks.slow.contains(Int32(run.index))
                else { continue }
                self.stages[run.stage].tasks.slow.append(Int32(run.index))
            }
        }
        self.wake(by: now.adding(settings.interval))
    }

    /// After how many milliseconds a task of the stage is slow; nil: that cannot be told yet.
    private func slowAfter(_ slot: Int) -> Int64? {
        let settings = self.settings.speculation
        let tasks = self.stages[slot].tasks
        if let durations = tasks.durations, tasks.size > 1 {
            let needed = max(Int64(tasks.size) * settings.quantilePerMille / 1000, 1)
            if Int64(durations.count) >= needed { return durations.median * settings.multiplierPerMille / 1000 }
        }
        let slots = self.settings.allocation.coresPerExecutor / max(self.settings.coresPerTask, 1)
        guard let threshold = settings.durationThreshold, tasks.size <= slots else { return nil }
        return threshold.wholeMilliseconds
    }

    /// By place in the stage, where slow tasks run already.
    func placesRunning(_ slot: Int) -> [Int: [(executor: ExecutorID, host: Int)]] {
        let id = self.stages[slot].id
        let slow = Set(self.stages[slot].tasks.slow)
        var places: [Int: [(executor: ExecutorID, host: Int)]] = [:]
        for seat in self.runs.indices where self.runs.isTaken(seat) && self.runs[seat].task.stage == id {
            let run = self.runs[seat]
            if slow.contains(Int32(run.index)) {
                let executor = self.executors[run.executor]
                places[run.index, default: []].append((executor.id, executor.host))
            }
        }
        return places
    }
}
