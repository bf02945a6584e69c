import ClusterModel

extension EngineScheduler {
    /// Runs the stage, or first those that it reads.
    mutating func submit(stage slot: Int, at now: Timestamp) {
        guard self.stages[slot].phase == .idle else { return }
        let missing = self.missingParents(of: slot)
        guard !missing.isEmpty else {
            self.begin(slot, at: now)
            return
        }
        self.stages[slot].phase = .waiting
        let id = self.stages[slot].id
        let place = self.waiting.firstIndex { self.stages[$0].id > id } ?? self.waiting.count
        self.waiting.insert(slot, at: place)
        for parent in missing { self.submit(stage: parent, at: now) }
    }

    /// Stages whose outputs it needs and that are not complete, by number.
    private func missingParents(of slot: Int) -> [Int] {
        let plan = self.stages[slot].plan
        guard !plan.parents.isEmpty else { return [] }
        var missing: [Int] = []
        for (parent, parentSlot) in zip(plan.parents, self.stages[slot].parents) {
            if self.shuffles.isComplete(parent.shuffle) || missing.contains(parentSlot) { continue }
            let isBehindCache = plan.cached.contains { cached in
                parent.behind.contains(cached.dataset)
                    && self.blocks.cachedPartitions(of: cached.dataset) >= cached.partitions
            }
            if !isBehindCache { missing.append(parentSlot) }
        }
        return missing.sorted { self.stages[$0].id < self.stages[$1].id }
    }

    private func missingTasks(of slot: Int) -> [Int] {
        if let shuffle = self.stages[slot].shuffle { return self.shuffles[shuffle]?.missing ?? [] }
        let finished = self.stages[slot].finished
        if finished.isEmpty { return Array(0..<self.stages[slot].taskCount) }
        return finished.indices.filter { !finished[$0] }
    }

    /// Starts an attempt for what is missing.
    private mutating func begin(_ slot: Int, at now: Timestamp) {
        let missing = self.missingTasks(of: slot)
        let count = self.stages[slot].taskCount
        if self.stages[slot].copies.isEmpty {
            self.stages[slot].copies = Array(repeating: 0, count: count)
            if self.stages[slot].shuffle == nil { self.stages[slot].finished = Array(repeating: false, count: count) }
        }
        var tasks = TaskSet(count: count, missing: missing, preferences: self.preferences(of: slot, missing: missing))
        tasks.waitsSince = now
        if self.settings.speculation.isEnabled { tasks.durations = MedianOfDurations() }
        if self.settings.exclusion.isEnabled { tasks.exclusions = TaskSetExclusions() }
        self.stages[slot].tasks = tasks
        self.recomputeLevels(of: slot)
        self.stages[slot].phase = .running
        self.stages[slot].attempt += 1
        self.stages[slot].resultBytes = 0
        self.stages[slot].counts.total = missing.count
        self.stages[slot].counts.completed = 0
        self.stages[slot].counts.failed = 0
        self.stages[slot].counts.killed = 0
        self.stages[slot].submittedAt = now
        self.stages[slot].completedAt = nil
        self.stages[slot].outcome = nil
        self.pendingTasks += missing.count
        self.actions.append(.stageSubmitted(self.report(on: slot)))
        self.insertRunnable(slot)
        self.offersEverything = true
        if self.settings.speculation.isEnabled { self.wake(by: now.adding(self.settings.speculation.interval)) }
        if missing.isEmpty { self.complete(slot, at: now) }
    }

    /// Puts the stage into the order of service: by its first job, then by number.
    mutating func insertRunnable(_ slot: Int) {
        let key = self.turn(of: slot)
        // The last one usually.
        var place = self.runnable.count
        while place > 0, key < self.turn(of: self.runnable[place - 1]) { place -= 1 }
        self.runnable.insert(slot, at: place)
    }

    private func turn(of slot: Int) -> (Int, Int) {
        (self.stages[slot].jobs.first?.number ?? .max, self.stages[slot].id.number)
    }

    /// Ends the current attempt of the stage.
    mutating func close(_ slot: Int, _ outcome: StageOutcome, at now: Timestamp) {
        self.runnable.removeAll { $0 == slot }
        self.unschedulable.removeAll { $0.stage == self.stages[slot].id }
        self.pendingTasks -= self.stages[slot].tasks.pendingCount
        self.stages[slot].tasks = TaskSet()
        self.stages[slot].phase = .idle
        self.stages[slot].completedAt = now
        self.stages[slot].outcome = outcome
        if outcome == .succeeded { self.stages[slot].lostAttempts = 0 }
        self.actions.append(.stageCompleted(self.report(on: slot)))
    }

    /// Every task of the attempt is done.
    mutating func complete(_ slot: Int, at now: Timestamp) {
        if let exclusions = self.stages[slot].tasks.exclusions {
            self.learn(from: exclusions, stage: self.stages[slot].id, at: now)
        }
        self.close(slot, .succeeded, at: now)
        self.goOn(after: slot, at: now)
    }

    /// Nothing of the stage is missing that its last attempt was for: its job is done, or its children may begin.
    mutating func goOn(after slot: Int, at now: Timestamp) {
        guard let shuffle = self.stages[slot].shuffle else {
            if let job = self.stages[slot].jobs.first { self.end(job, .succeeded, at: now) }
            return
        }
        guard self.shuffles.isComplete(shuffle) else {
            // Outputs of earlier attempts were lost meanwhile.
            self.submit(stage: slot, at: now)
            return
        }
        for child in self.waiting where self.stages[child].parents.contains(slot) {
            self.waiting.removeAll { $0 == child }
            self.stages[child].phase = .idle
            self.submit(stage: child, at: now)
        }
    }

    /// Runs again, after `resubmitAt`, the stages that lost their input.
    mutating func resubmitStages(at now: Timestamp) {
        guard let due = self.resubmitAt else { return }
        guard now >= due else {
            self.wake(by: due)
            return
        }
        self.resubmitAt = nil
        let stages = self.resubmitting.sorted { self.turn(of: $0) < self.turn(of: $1) }
        self.resubmitting.removeAll()
        for slot in stages where self.stages[slot].phase == .resubmitting {
            self.stages[slot].phase = .idle
            self.submit(stage: slot, at: now)
        }
    }

    /// Where the tasks find their input, by place in the stage; empty: nowhere in particular.
    private mutating func preferences(of slot: Int, missing: [Int]) -> [[TaskSet.Place]] {
        let plan = self.stages[slot].plan
        let near = self.hostsNearShuffle(of: slot)
        let usesCache = plan.cached.contains { self.blocks.cachedPartitions(of: $0.dataset) > 0 }
        guard usesCache || !plan.preferences.isEmpty || near.contains(where: { !$0.isEmpty }) else { return [] }
        var result = [[TaskSet.Place]](repeating: [], count: self.stages[slot].taskCount)
        for index in missing {
            let partition = self.stages[slot].partition(at: index)
            var places = self.cachedPlaces(plan.cached, index: index, partition: partition)
            if places.isEmpty, !plan.preferences.isEmpty {
                places = plan.preferences[index].map { self.place($0) }
            }
            if places.isEmpty, partition < near.count {
                places = near[partition].map { TaskSet.Place(executor: nil, host: $0, rack: self.rack(ofHost: $0)) }
            }
            result[index] = places
        }
        return result
    }

    private func cachedPlaces(_ cached: [CachedDataset], index: Int, partition: Int) -> [TaskSet.Place] {
        for entry in cached {
            let read = entry.read.isEmpty ? partition : entry.read[index]
            let places = self.blocks.executors(of: entry.dataset, read).compactMap { self.executors.slot(of: $0) }
                .map {
                    TaskSet.Place(
                        executor: self.executors[$0].id,
                        host: self.executors[$0].host,
                        rack: self.executors[$0].rack
                    )
                }
            if !places.isEmpty { return places }
        }
        return []
    }

    private mutating func place(_ location: PreferredLocation) -> TaskSet.Place {
        let host = self.executors.hostNumber(location.host)
        let rack = location.rack.map { self.executors.rackNumber($0) } ?? self.rack(ofHost: host)
        return TaskSet.Place(executor: location.executor, host: host, rack: rack)
    }

    private func rack(ofHost host: Int) -> Int? {
        self.executors.executors(onHost: host).first.flatMap { self.executors[$0].rack }
    }

    /// By partition of the stage, the hosts that hold much of the one shuffle that it reads.
    private func hostsNearShuffle(of slot: Int) -> [[Int]] {
        guard self.settings.locality.followsShuffleOutput, self.executors.hostsAlive > 1,
            self.stages[slot].plan.parents.count == 1, let parent = self.stages[slot].plan.parents.first,
            let outputs = self.shuffles[parent.shuffle], outputs.isComplete
        else { return [] }
        return outputs.nearHosts()
    }
}
