import ClusterModel

extension EngineScheduler {
    mutating func add(_ description: ExecutorDescription, at now: Timestamp) {
        guard self.executors.slot(of: description.id) == nil else { return }
        let slot = self.executors.insert(description, at: now)
        self.executors[slot].isExcluded = self.exclusions.isExcluded(host: self.executors[slot].host)
        self.actions.append(.executorAdded(description))
        if let timeout = self.settings.executorTimeout { self.wake(by: now.adding(timeout)) }
        self.recomputeLevels()
        self.offersEverything = true
        self.becameIdle(slot, at: now)
        self.orderMissingCopies()
    }

    mutating func lose(_ id: ExecutorID, _ loss: ExecutorLoss, at now: Timestamp) {
        guard let slot = self.executors.slot(of: id) else { return }
        let seats = self.runs.seats { $0.executor == slot }
        self.executors[slot].isLeaving = true
        self.blocks.forget(id)
        if loss.shuffleFilesSurvive {
            // They are served by somebody else from now on.
            for shuffle in self.shuffles.withOutputs(of: id) { self.actions.append(.outputsChanged(shuffle)) }
        } else {
            self.forgetOutputs { $0.executor == id }
        }
        // All leave before the first failure is acted on: nobody is to end a run that is gone.
        let runs = seats.map { self.leave($0, at: now) }
        for run in runs { self.failed(run, Self.failure(of: run, id, loss.cause), at: now) }
        // After the ends of its tasks, as event logs have it: what ends on an executor that is gone counts nowhere.
        self.actions.append(.executorRemoved(id, loss.cause))
        self.history.add(self.view(of: slot, removedAt: now))
        self.executors.remove(slot)
        self.exclusions.forget(id)
        self.recomputeLevels()
        self.offersEverything = true
        self.orderMissingCopies()
    }

    /// How a lost executor's end is the end of that run.
    private static func failure(of run: Run, _ id: ExecutorID, _ cause: ExecutorLossCause) -> TaskFailure {
        if run.isKilled { return .killed(reason: .asked(reason: cause.message)) }
        return switch cause {
        case .trapped(let tasks, let message) where tasks.contains(run.task.id): .trapped(message: message)
        case .trapped(_, let message): .executorLost(id, message: message, charged: false)
        case .crashed(let message): .executorLost(id, message: message, charged: true)
        case .ended(let message), .hostLost(let message): .executorLost(id, message: message, charged: false)
        }
    }

    mutating func lose(host name: String, at now: Timestamp) {
        guard let host = self.executors.hosts.known(name) else { return }
        let loss = ExecutorLoss(.hostLost(message: "node \(name) is lost"))
        let lost = self.executors.executors(onHost: host).map { self.executors[$0].id }.sorted()
        for id in lost { self.lose(id, loss, at: now) }
        self.forgetOutputs(ofHost: host)
    }

    mutating func heard(_ id: ExecutorID, at now: Timestamp) {
        guard let slot = self.executors.slot(of: id) else { return }
        self.executors[slot].heardAt = now
    }

    /// Gives up executors of which nothing was heard for too long, and ends them where they still run.
    mutating func loseSilentExecutors(at now: Timestamp) {
        guard let timeout = self.settings.executorTimeout else { return }
        for slot in self.executors.live {
            let (id, due) = (self.executors[slot].id, self.executors[slot].heardAt.adding(timeout))
            guard now >= due else {
                self.wake(by: due)
                continue
            }
            self.actions.append(.removeExecutor(id, .silent))
            let message = "nothing was heard of it for \(timeout) (spark.network.timeout)"
            self.lose(id, ExecutorLoss(.crashed(message: message)), at: now)
        }
    }

    mutating func drain(_ id: ExecutorID, at now: Timestamp) {
        guard let slot = self.executors.slot(of: id), !self.executors[slot].isDraining else { return }
        self.executors[slot].isDraining = true
        if self.executors[slot].runs == 0 { self.becameIdle(slot, at: now) }
    }

    /// Asks for the end of an executor.
    mutating func removeExecutor(_ slot: Int, _ reason: RemovalReason) {
        guard !self.executors[slot].isLeaving else { return }
        self.executors[slot].isLeaving = true
        self.actions.append(.removeExecutor(self.executors[slot].id, reason))
    }

    /// The executor has no runs (any more).
    mutating func becameIdle(_ slot: Int, at now: Timestamp) {
        self.executors[slot].idleSince = now
        if self.executors[slot].isDraining {
            self.removeExecutor(slot, .drained)
        } else if self.allocation.isDynamic, let due = self.idleDeadline(of: slot) {
            self.wake(by: due)
        }
    }

    mutating func cached(_ dataset: DatasetID, partition: Int, on executor: ExecutorID, at now: Timestamp) {
        guard self.executors.slot(of: executor) != nil else { return }
        self.blocks.insert(dataset, partition, on: executor)
        self.orderCopies(of: BlockTable.Block(dataset: dataset, partition: partition))
    }

    mutating func dropped(_ dataset: DatasetID, partition: Int, on executor: ExecutorID, at now: Timestamp) {
        self.blocks.remove(dataset, partition, on: executor)
        self.recheckIdle(at: now)
    }

    mutating func forget(_ dataset: DatasetID, at now: Timestamp) {
        self.blocks.forget(dataset)
        self.recheckIdle(at: now)
    }
}
