import ClusterModel

extension EngineScheduler {
    /// Holds a failure that counts against the executor that it happened on.
    mutating func blame(_ run: Run, _ failure: TaskFailure, at now: Timestamp) {
        let slot = run.stage
        let executor = self.executors[run.executor]
        let findings =
            self.stages[slot].tasks.exclusions?.add(
                failure,
                of: run.index,
                on: executor.id,
                host: executor.host,
                self.settings.exclusion
            ) ?? []
        let scope = StageScope(stage: self.stages[slot].id, attempt: Int(self.stages[slot].attempt))
        for finding in findings {
            switch finding {
            case .executor(let id, let failures):
                self.actions.append(.executorExcluded(id, taskFailures: failures, in: scope))
            case .host(let host, let failures):
                let name = self.executors.hosts.names[host]
                self.actions.append(.hostExcluded(name, executorFailures: failures, in: scope))
            }
        }
    }

    /// An attempt succeeded: what failed in it on the way was not the program's fault.
    mutating func learn(from exclusions: TaskSetExclusions, stage: StageID, at now: Timestamp) {
        let settings = self.settings.exclusion
        let until = now.adding(settings.timeout)
        for (executor, failures) in exclusions.failures.sorted(by: { $0.key < $1.key }) {
            guard !self.exclusions.isExcluded(executor) else { continue }
            let count = self.exclusions.add(failures.ofTask.keys.sorted(), of: stage, on: executor, until: until)
            self.wake(by: until)
            guard count >= settings.applicationFailedTasksPerExecutor else { continue }
            self.exclude(executor, host: failures.host, taskFailures: count, at: now)
        }
    }

    private mutating func exclude(_ executor: ExecutorID, host: Int, taskFailures: Int, at now: Timestamp) {
        let settings = self.settings.exclusion
        let until = now.adding(settings.timeout)
        self.wake(by: until)
        let excludedThere = self.exclusions.exclude(executor, host: host, until: until)
        self.actions.append(.executorExcluded(executor, taskFailures: taskFailures, in: nil))
        if let slot = self.executors.slot(of: executor) { self.shutOut(slot) }
        guard excludedThere >= settings.applicationFailedExecutorsPerHost, !self.exclusions.isExcluded(host: host)
        else {
            return
        }
        self.exclude(host: host, executorFailures: excludedThere, until: until)
    }

    private mutating func exclude(host: Int, executorFailures: Int, until: Timestamp) {
        self.exclusions.exclude(host: host, until: until)
        let name = self.executors.hosts.names[host]
        self.actions.append(.hostExcluded(name, executorFailures: executorFailures, in: nil))
        for slot in self.executors.executors(onHost: host) { self.shutOut(slot) }
    }

    private mutating func shutOut(_ slot: Int) {
        self.executors[slot].isExcluded = true
        if self.settings.exclusion.killsExcludedExecutors { self.removeExecutor(slot, .excluded) }
    }

    /// Files of that executor, or of what serves them on its host, could not be fetched.
    mutating func excludeAfterFetchFailure(_ slot: Int, at now: Timestamp) {
        let executor = self.executors[slot]
        if executor.description.hasShuffleService {
            guard !self.exclusions.isExcluded(host: executor.host) else { return }
            let until = now.adding(self.settings.exclusion.timeout)
            self.wake(by: until)
            self.exclude(host: executor.host, executorFailures: 1, until: until)
        } else if !self.exclusions.isExcluded(executor.id) {
            self.exclude(executor.id, host: executor.host, taskFailures: 1, at: now)
        }
    }

    mutating func expireExclusions(at now: Timestamp) {
        let (executors, hosts) = self.exclusions.expire(at: now)
        for executor in executors { self.actions.append(.executorUnexcluded(executor)) }
        for host in hosts { self.actions.append(.hostUnexcluded(self.executors.hosts.names[host])) }
        if !executors.isEmpty || !hosts.isEmpty {
            for slot in self.executors.live {
                let executor = self.executors[slot]
                self.executors[slot].isExcluded =
                    self.exclusions.isExcluded(executor.id) || self.exclusions.isExcluded(host: executor.host)
            }
        }
        if let next = self.exclusions.nextExpiry { self.wake(by: next) }
    }

    /// Looks, after offers to the stage, whether one of its tasks can run nowhere. A free place is then made for another
    /// executor; if none comes in time, the stage's jobs fail.
    mutating func noteUnschedulable(_ slot: Int, launched: Int, at now: Timestamp) {
        if launched > 0 { self.unschedulable.removeAll() }
        let id = self.stages[slot].id
        let known = self.unschedulable.firstIndex { $0.stage == id }
        guard self.excludedTask(of: slot) != nil else {
            if let known { self.unschedulable.remove(at: known) }
            return
        }
        if let known, self.unschedulable[known].hasMadeRoom { return }
        let idle = self.executors.live.first { self.executors[$0].runs == 0 && !self.executors[$0].isLeaving }
        if let idle {
            self.removeExecutor(idle, .makesRoom)
            self.offered.removeAll { $0 == idle }
        }
        if let known {
            self.unschedulable[known].hasMadeRoom = idle != nil
        } else {
            let until = now.adding(self.settings.exclusion.unschedulableTimeout)
            self.unschedulable.append(Unschedulable(stage: id, until: until, hasMadeRoom: idle != nil))
            self.wake(by: until)
        }
    }

    /// A task that waits and that no executor may run; looked for only where one waits.
    private func excludedTask(of slot: Int) -> Int? {
        let tasks = self.stages[slot].tasks
        guard let exclusions = tasks.exclusions, tasks.pendingCount > 0, self.executors.count > 0,
            let index = tasks.all.last(where: { tasks.states[Int($0)] == .pending })
        else { return nil }
        let isExcluded = self.executors.live.allSatisfy { place in
            let executor = self.executors[place]
            return executor.isExcluded || exclusions.excludes(executor.id, host: executor.host)
                || exclusions.excludes(executor.id, host: executor.host, forTask: Int(index))
        }
        return isExcluded ? Int(index) : nil
    }

    mutating func checkUnschedulable(at now: Timestamp) {
        for entry in self.unschedulable {
            guard now >= entry.until else {
                self.wake(by: entry.until)
                continue
            }
            guard let place = self.unschedulable.firstIndex(where: { $0.stage == entry.stage }) else { continue }
            self.unschedulable.remove(at: place)
            guard let slot = self.stages.slot(of: entry.stage), let index = self.excludedTask(of: slot) else {
                continue
            }
            let failure = JobFailure.excludedEverywhere(
                entry.stage,
                partition: self.stages[slot].partition(at: index),
                last: self.stages[slot].tasks.exclusions?.last
            )
            self.abort(slot, failure, at: now)
        }
    }
}
