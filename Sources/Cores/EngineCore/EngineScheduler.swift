package import ClusterModel

/// Every decision of one application's driver about its jobs, stages, tasks and executors, as a value: no clock, lock,
/// log, I/O or randomness. The same inputs give the same actions in the same order.
///
/// After each step no task waits that could run, so a driver only carries out the actions and reports what came of them.
package struct EngineScheduler: Sendable {
    package let settings: EngineSettings
    /// Number of the job that is submitted next.
    package internal(set) var nextJob = JobID(0)

    var jobs: [JobID: Job] = [:]
    var stages = StageTable()
    var runs = RunTable()
    var executors = ExecutorTable()
    var shuffles = ShuffleTable()
    var blocks = BlockTable()
    var pools: PoolTable
    var exclusions: ExclusionTable
    var allocation: Allocation
    var history: History
    var waits: LocalityWaits

    /// Stages with an attempt that has something to launch or to wait for, in the order of service of FIFO.
    var runnable: [Int] = []
    /// Stages whose parents are not complete, by number of stage.
    var waiting: [Int] = []
    /// Stages that lost input and run again at `resubmitAt`.
    var resubmitting: [Int] = []
    var resubmitAt: Timestamp?
    /// Stages that no executor may run, and until when one must have come; in the order in which that was found.
    var unschedulable: [Unschedulable] = []

    var nextTask: Int64 = 0
    /// Counts losses of shuffle files, so that what began before one is told from what began after it.
    var epoch = 0
    /// Tasks that could be launched at once, over all running stages.
    var pendingTasks = 0
    /// What this step has to offer: everything, or the executors that tasks have left.
    var offersEverything = false
    var freed: [Int] = []
    /// Executors of the round of offers at hand; kept for its storage.
    var offered: [Int] = []
    /// Where the next round of offers begins, so that no executor is always the first.
    var rotation = 0
    /// What the current step decided.
    var actions: [Action] = []
    /// The earliest moment that something waits for, and the one last asked for.
    var wanted = Timestamp.distantFuture
    var announced = Timestamp.distantFuture
    var isStopped = false
    /// Why no executor will come any more.
    var allocationFailure: String?

    package init(settings: EngineSettings = EngineSettings()) {
        self.settings = settings
        self.pools = PoolTable(settings: settings.pools)
        self.exclusions = ExclusionTable()
        self.allocation = Allocation(settings: settings.allocation)
        self.history = History(settings: settings)
        self.waits = LocalityWaits(settings: settings.locality)
    }

    /// Applies one input; what was decided is appended to `actions`.
    package mutating func step(_ input: Input, at now: Timestamp, into actions: inout [Action]) {
        swap(&self.actions, &actions)
        if now >= self.wanted { self.timePassed(at: now) }
        self.apply(input, at: now)
        if self.offersEverything || !self.freed.isEmpty { self.offer(at: now) }
        if self.allocation.isDynamic { self.syncAllocation(at: now) }
        if self.wanted < self.announced {
            self.announced = self.wanted
            self.actions.append(.wakeAt(self.wanted))
        }
        swap(&self.actions, &actions)
    }

    private mutating func apply(_ input: Input, at now: Timestamp) {
        switch input {
        case .taskSucceeded(let task, let success): self.succeeded(task, success, at: now)
        case .taskFailed(let task, let failure): self.failed(task, failure, at: now)

        case .jobSubmitted(let plan): self.submit(plan, at: now)
        case .jobCancelled(let job, let reason): self.cancel(job, reason: reason, at: now)
        case .jobGroupCancelled(let group, let reason):
            for job in self.jobs(where: { $0.group == group }) { self.cancel(job, reason: reason, at: now) }
        case .stageCancelled(let stage, let reason):
            guard let slot = self.stages.slot(of: stage) else { return }
            for job in self.stages[slot].jobs { self.cancel(job, reason: reason, at: now) }
        case .allJobsCancelled(let reason):
            for job in self.jobs(where: { _ in true }) { self.cancel(job, reason: reason, at: now) }

        case .executorAdded(let executor): self.add(executor, at: now)
        case .executorLost(let executor, let loss): self.lose(executor, loss, at: now)
        case .executorDraining(let executor): self.drain(executor, at: now)
        case .executorHeard(let executor): self.heard(executor, at: now)
        case .allocationFailed(let reason): self.allocationFailed(reason, at: now)
        case .hostLost(let host): self.lose(host: host, at: now)

        case .blockCached(let dataset, let partition, let executor):
            self.cached(dataset, partition: partition, on: executor, at: now)
        case .blockDropped(let dataset, let partition, let executor):
            self.dropped(dataset, partition: partition, on: executor, at: now)
        case .datasetForgotten(let dataset): self.forget(dataset, at: now)
        case .shuffleForgotten(let shuffle): self.forget(shuffle, at: now)

        case .driverStarted: self.start()
        case .driverStopped: self.stop(at: now)
        case .timePassed: break
        }
    }

    /// Asks for a step at that time, unless one is due earlier anyway.
    mutating func wake(by time: Timestamp) {
        if time < self.wanted { self.wanted = time }
    }

    /// Looks after everything that waits for time; each that goes on waiting asks again.
    private mutating func timePassed(at now: Timestamp) {
        self.wanted = .distantFuture
        self.announced = .distantFuture
        self.resubmitStages(at: now)
        if self.settings.exclusion.isEnabled { self.expireExclusions(at: now) }
        self.checkUnschedulable(at: now)
        self.loseSilentExecutors(at: now)
        if self.settings.speculation.isEnabled { self.findSlowTasks(at: now) }
        if self.allocation.isDynamic { self.removeIdleExecutors(at: now) }
        self.offersEverything = true
    }
}
