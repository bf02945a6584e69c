import ClusterModel

extension EngineScheduler {
    /// Offers free cores to the stages in their order until nothing fits any more.
    mutating func offer(at now: Timestamp) {
        let everything = self.offersEverything
        self.offersEverything = false
        self.collectOffers(everything: everything)
        if !self.offered.isEmpty || everything {
            if self.pools.isFair {
                self.offerFairly(everything: everything, at: now)
            } else {
                self.offerInOrder(everything: everything, at: now)
            }
        }
        self.offered.removeAll(keepingCapacity: true)
    }

    /// Executors with room that may have tasks.
    private mutating func collectOffers(everything: Bool) {
        self.offered.removeAll(keepingCapacity: true)
        if everything {
            let count = self.executors.indices.count
            if count > 1 { self.rotation = (self.rotation + 1) % count }
            for step in 0..<count {
                let slot = (self.rotation + step) % count
                if self.hasRoom(slot) { self.offered.append(slot) }
            }
        } else if self.pendingTasks > 0 || self.settings.speculation.isEnabled {
            for slot in self.freed where self.hasRoom(slot) && !self.offered.contains(slot) {
                self.offered.append(slot)
            }
        }
        self.freed.removeAll(keepingCapacity: true)
    }

    private func hasRoom(_ slot: Int) -> Bool {
        self.executors.isAlive(slot) && self.executors[slot].freeCores >= self.settings.coresPerTask
            && self.executors[slot].mayHaveTasks
    }

    private mutating func offerInOrder(everything: Bool, at now: Timestamp) {
        var place = 0
        // Nothing joins or leaves the order while offers are made.
        while place < self.runnable.count {
            let slot = self.runnable[place]
            place += 1
            guard self.stages[slot].tasks.pendingCount > 0 || !self.stages[slot].tasks.slow.isEmpty else { continue }
            if self.offered.isEmpty && !self.settings.exclusion.isEnabled { break }
            let launched = self.offer(to: slot, atMost: .max, everything: everything, at: now)
            if self.settings.exclusion.isEnabled { self.noteUnschedulable(slot, launched: launched, at: now) }
        }
    }

    /// One task at a time, so that shares stay as even as they can.
    private mutating func offerFairly(everything: Bool, at now: Timestamp) {
        var launchedAny = true
        var served = Set<Int>()
        while launchedAny {
            launchedAny = false
            for slot in self.fairOrder() {
                if self.offered.isEmpty { break }
                guard self.offer(to: slot, atMost: 1, everything: everything, at: now) > 0 else { continue }
                served.insert(slot)
                launchedAny = true
                break
            }
        }
        guard self.settings.exclusion.isEnabled else { return }
        for slot in self.runnable { self.noteUnschedulable(slot, launched: served.contains(slot) ? 1 : 0, at: now) }
    }

    /// Stages with something to launch, the one first that is next.
    private func fairOrder() -> [Int] {
        let slots = self.runnable.filter {
            self.stages[$0].tasks.pendingCount > 0 || !self.stages[$0].tasks.slow.isEmpty
        }
        guard slots.count > 1 else { return slots }
        // `runnable` is in FIFO's order, which sorting keeps among equals.
        return slots.enumerated().sorted { left, right in
            let one = self.stages[left.element]
            let two = self.stages[right.element]
            if one.pool != two.pool { return self.pools.precedes(one.pool, two.pool) }
            if self.pools[one.pool].settings.mode == .fair, one.counts.active != two.counts.active {
                return one.counts.active < two.counts.active
            }
            return left.offset < right.offset
        }.map(\.element)
    }

    /// Launches tasks of the stage on the offered executors, the nearest first; gives how many.
    private mutating func offer(to slot: Int, atMost limit: Int, everything: Bool, at now: Timestamp) -> Int {
        var launched = 0
        var nearest: Locality?
        var refused = false
        let cores = self.settings.coresPerTask
        levels: for level in self.stages[slot].tasks.levels {
            var launchedHere = true
            while launchedHere {
                launchedHere = false
                var kept = 0
                var place = 0
                while place < self.offered.count {
                    let executor = self.offered[place]
                    place += 1
                    if launched < limit,
                        let locality = self.launch(from: slot, on: executor, level, refused: &refused, at: now)
                    {
                        launched += 1
                        launchedHere = true
                        nearest = min(nearest ?? locality, locality)
                    }
                    if self.executors[executor].freeCores >= cores {
                        self.offered[kept] = executor
                        kept += 1
                    }
                }
                self.offered.removeLast(self.offered.count - kept)
                if launched >= limit || self.offered.isEmpty { break levels }
                if self.stages[slot].tasks.pendingCount == 0, self.stages[slot].tasks.slow.isEmpty { break levels }
            }
        }
        self.noteWait(of: slot, launched: nearest, refused: refused, everything: everything, at: now)
        return launched
    }

    /// Launches one task of the stage there if one may run that far from its input.
    private mutating func launch(
        from slot: Int,
        on executorSlot: Int,
        _ level: Locality,
        refused: inout Bool,
        at now: Timestamp
    ) -> Locality? {
        let executor = self.executors[executorSlot].id
        let host = self.executors[executorSlot].host
        let rack = self.executors[executorSlot].rack
        if let exclusions = self.stages[slot].tasks.exclusions, exclusions.excludes(executor, host: host) { return nil }
        var limit = level
        if level != .noPreference { limit = min(self.allowedLevel(of: slot, at: now), level) }
        guard let next = self.takeTask(of: slot, executor, host, rack, limit) else {
            if level == .any, self.stages[slot].tasks.pendingCount > 0 { refused = true }
            return nil
        }
        if self.settings.locality.resetsOnEveryLaunch, level != .noPreference {
            self.stages[slot].tasks.moveLevel(to: next.locality)
            self.stages[slot].tasks.waitsSince = now
        }
        self.launch(slot, next.index, on: executorSlot, next.locality, speculative: next.speculative, at: now)
        return next.locality
    }

    private mutating func takeTask(
        of slot: Int,
        _ executor: ExecutorID,
        _ host: Int,
        _ rack: Int?,
        _ limit: Locality
    ) -> (index: Int, locality: Locality, speculative: Bool)? {
        let exclusions = self.stages[slot].tasks.exclusions
        let allows: (Int) -> Bool = { index in
            exclusions.map { !$0.excludes(executor, host: host, forTask: index) } ?? true
        }
        if let next = self.stages[slot].tasks.next(
            executor: executor,
            host: host,
            rack: rack,
            atMost: limit,
            where: allows
        ) {
            return (next.index, next.locality, false)
        }
        guard !self.stages[slot].tasks.slow.isEmpty else { return nil }
        let places = self.placesRunning(slot)
        // What makes a task slow is often its host. Where there is no other, another executor is worth the try; Spark would
        // wait for ever.
        let hasOneHost = self.executors.hostsAlive == 1
        let next = self.stages[slot].tasks.nextSlow(
            executor: executor,
            host: host,
            rack: rack,
            atMost: limit,
            where: { index in
                allows(index)
                    && places[index]?.contains { $0.executor == executor || ($0.host == host && !hasOneHost) } != true
            }
        )
        return next.map { ($0.index, $0.locality, true) }
    }

    private mutating func launch(
        _ slot: Int,
        _ index: Int,
        on executor: Int,
        _ locality: Locality,
        speculative: Bool,
        at now: Timestamp
    ) {
        let pending = self.stages[slot].tasks.pendingCount
        let attempt = self.stages[slot].tasks.begun[index]
        self.stages[slot].tasks.launched(index)
        self.pendingTasks += self.stages[slot].tasks.pendingCount - pending
        let task = TaskAttempt(
            id: TaskID(self.nextTask),
            stage: self.stages[slot].id,
            stageAttempt: self.stages[slot].attempt,
            partition: Int32(self.stages[slot].partition(at: index)),
            attempt: attempt,
            seat: 0
        )
        self.nextTask += 1
        let pool = self.stages[slot].pool
        let seated = self.runs.insert(
            Run(
                task: task,
                stage: slot,
                executor: executor,
                pool: pool,
                index: index,
                locality: locality,
                speculative: speculative,
                launchedAt: now,
                epoch: self.epoch
            )
        )
        self.stages[slot].copies[index] += 1
        self.stages[slot].counts.active += 1
        self.pools.launched(pool)
        self.executors[executor].freeCores -= self.settings.coresPerTask
        self.executors[executor].runs += 1
        self.executors[executor].idleSince = nil
        self.actions.append(
            .launch(
                TaskLaunch(
                    task: seated,
                    executor: self.executors[executor].id,
                    index: Int32(index),
                    locality: locality,
                    speculative: speculative
                )
            )
        )
    }
}
