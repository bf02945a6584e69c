import ClusterModel

extension TaskSet {
    /// Goes to that level, or the next one farther off that this set has.
    mutating func moveLevel(to locality: Locality) {
        self.level = self.levels.firstIndex { $0 >= locality } ?? self.levels.count - 1
    }
}

extension EngineScheduler {
    /// How far from its input a task of the stage may run now: after each wait without success one level farther.
    mutating func allowedLevel(of slot: Int, at now: Timestamp) -> Locality {
        let levels = self.stages[slot].tasks.levels
        while self.stages[slot].tasks.level < levels.count - 1 {
            let level = levels[self.stages[slot].tasks.level]
            let wait = self.waits.wait(at: level)
            if !self.stages[slot].tasks.hasPending(at: level) {
                self.stages[slot].tasks.waitsSince = now
            } else if now.milliseconds(since: self.stages[slot].tasks.waitsSince) >= wait {
                self.stages[slot].tasks.waitsSince = self.stages[slot].tasks.waitsSince.adding(milliseconds: wait)
            } else {
                return level
            }
            self.stages[slot].tasks.level += 1
        }
        return levels[self.stages[slot].tasks.level]
    }

    /// After a round of offers: the wait begins anew if everything offered was used, as if there were no waiting.
    mutating func noteWait(of slot: Int, launched: Locality?, refused: Bool, everything: Bool, at now: Timestamp) {
        guard !self.stages[slot].tasks.isIndifferent else { return }
        if refused {
            self.stages[slot].tasks.refusedNone = false
        } else if let launched, everything || self.stages[slot].tasks.refusedNone {
            if !self.settings.locality.resetsOnEveryLaunch {
                self.stages[slot].tasks.waitsSince = now
                self.stages[slot].tasks.moveLevel(to: launched)
            }
            self.stages[slot].tasks.refusedNone = true
        }
        guard self.stages[slot].tasks.pendingCount > 0 else { return }
        let level = self.allowedLevel(of: slot, at: now)
        guard level != .any else { return }
        self.wake(by: self.stages[slot].tasks.waitsSince.adding(milliseconds: self.waits.wait(at: level)))
    }

    /// The levels that the stage's tasks can have with the executors there are. A nearer level that is new is tried.
    mutating func recomputeLevels(of slot: Int) {
        guard !self.stages[slot].tasks.isIndifferent else { return }
        let before = self.stages[slot].tasks.levels
        let tasks = self.stages[slot].tasks
        var levels: [Locality] = []
        if tasks.ofExecutor.keys.contains(where: { self.executors.slot(of: $0) != nil }) {
            levels.append(.processLocal)
        }
        if tasks.ofHost.keys.contains(where: { !self.executors.executors(onHost: $0).isEmpty }) {
            levels.append(.nodeLocal)
        }
        if !tasks.withoutPreference.isEmpty { levels.append(.noPreference) }
        if tasks.ofRack.keys.contains(where: { self.executors.isRackAlive($0) }) { levels.append(.rackLocal) }
        levels.append(.any)
        let current = before[tasks.level]
        self.stages[slot].tasks.levels = levels
        let isFresh = tasks.begun.allSatisfy { $0 == 0 } && before == [.any]
        if isFresh {
            self.stages[slot].tasks.level = 0
        } else if let new = levels.first(where: { !before.contains($0) }), new < current {
            self.stages[slot].tasks.moveLevel(to: new)
        } else {
            self.stages[slot].tasks.moveLevel(to: current)
        }
    }

    mutating func recomputeLevels() { for slot in self.runnable { self.recomputeLevels(of: slot) } }
}
