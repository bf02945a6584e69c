import ClusterModel

extension EngineScheduler {
    /// Changes of the need within this time become one request.
    private static let shrinkDelay = Duration.milliseconds(100)

    mutating func start() {
        if self.allocation.isDynamic {
            self.actions.append(.requestTotalExecutors(self.allocation.target))
        } else if let fixed = self.settings.allocation.fixedExecutors {
            self.actions.append(.requestTotalExecutors(fixed))
        }
    }

    /// Follows the backlog with the number of executors.
    mutating func syncAllocation(at now: Timestamp) {
        if self.pendingTasks == 0 {
            self.allocation.addAt = nil
            self.allocation.toAdd = 1
        } else if self.allocation.addAt == nil {
            self.allocation.addAt = now.adding(self.settings.allocation.backlogTimeout)
        }
        if let due = self.allocation.addAt { self.wake(by: max(due, now)) }
        guard !self.allocation.isInitialising else { return }
        let tasks = self.pendingTasks + self.runs.count
        let needed = self.allocation.needed(tasks: tasks, coresPerTask: self.settings.coresPerTask)
        let floor = min(
            max(needed, self.settings.allocation.minimumExecutors),
            self.settings.allocation.maximumExecutors
        )
        if floor < self.allocation.target {
            self.shrink(to: floor, at: now)
            return
        }
        self.allocation.shrinkAt = nil
        if let due = self.allocation.addAt, now >= due { self.grow(atMost: floor, at: now) }
    }

    private mutating func shrink(to target: Int, at now: Timestamp) {
        let due = self.allocation.shrinkAt ?? now.adding(Self.shrinkDelay)
        guard now >= due else {
            self.allocation.shrinkAt = due
            self.wake(by: due)
            return
        }
        self.allocation.shrinkAt = nil
        self.allocation.target = target
        self.allocation.toAdd = 1
        self.actions.append(.requestTotalExecutors(target))
        self.removeIdleExecutors(at: now)
    }

    private mutating func grow(atMost limit: Int, at now: Timestamp) {
        let due = now.adding(self.settings.allocation.sustainedBacklogTimeout)
        self.allocation.addAt = due
        self.wake(by: due)
        let before = self.allocation.target
        let (sum, overflow) = max(before, self.staying).addingReportingOverflow(self.allocation.toAdd)
        let target = max(min(overflow ? .max : sum, limit), before)
        guard target > before else {
            self.allocation.toAdd = 1
            return
        }
        self.allocation.toAdd = target - before == self.allocation.toAdd ? self.allocation.toAdd * 2 : 1
        self.allocation.target = target
        self.actions.append(.requestTotalExecutors(target))
    }

    /// Executors that are alive and whose end has not been asked for.
    private var staying: Int {
        self.executors.indices.count { self.executors.isAlive($0) && !self.executors[$0].isLeaving }
    }

    /// When the executor has been idle for long enough; nil: it is not idle, or is kept.
    func idleDeadline(of slot: Int) -> Timestamp? {
        let executor = self.executors[slot]
        guard let since = executor.idleSince, !executor.isLeaving else { return nil }
        let settings = self.settings.allocation
        var timeout = settings.idleTimeout
        if self.blocks.hasBlocks(executor.id) {
            guard let cached = settings.cachedIdleTimeout else { return nil }
            timeout = max(timeout, cached)
        }
        if settings.tracksShuffles, !executor.description.hasShuffleService {
            if self.shuffles.holdsOutputs(executor.id, where: { self.stages.slot(of: $0) != nil }) { return nil }
            if self.shuffles.holdsOutputs(executor.id, where: { _ in true }) {
                guard let shuffle = settings.shuffleTimeout else { return nil }
                timeout = max(timeout, shuffle)
            }
        }
        return since.adding(timeout)
    }

    /// Gives back executors that were idle for long enough, as far as the target allows.
    mutating func removeIdleExecutors(at now: Timestamp) {
        var staying = self.staying
        for slot in self.executors.live {
            guard let due = self.idleDeadline(of: slot) else { continue }
            guard now >= due else {
                self.wake(by: due)
                continue
            }
            self.allocation.isInitialising = false
            guard staying - 1 >= max(self.settings.allocation.minimumExecutors, self.allocation.target) else {
                continue
            }
            staying -= 1
            self.removeExecutor(slot, .idle)
        }
    }

    /// What kept idle executors may be gone.
    mutating func recheckIdle(at now: Timestamp) {
        guard self.allocation.isDynamic else { return }
        for slot in self.executors.live {
            if let due = self.idleDeadline(of: slot) { self.wake(by: max(due, now)) }
        }
    }
}
