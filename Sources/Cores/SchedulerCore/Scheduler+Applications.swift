import ClusterModel

extension Scheduler {
    /// The leaf that a client means by a name or a path.
    func queueIndex(named name: String) -> Int? {
        self.queues.firstIndex { $0.settings.path == name || $0.settings.name == name }
    }

    mutating func add(_ application: ApplicationDescription, into outputs: inout [Output]) {
        guard self.applications[application.id] == nil else { return }
        guard let queue = self.queueIndex(named: application.queue) ?? (application.isRecovered ? 0 : nil),
            queue < self.queues.count
        else {
            outputs.append(.refused(application.id, .unknownQueue(application.queue)))
            return
        }
        if !application.isRecovered, let refusal = self.refusal(ofQueue: self.queues[queue]) {
            outputs.append(.refused(application.id, refusal))
            return
        }
        self.submissions += 1
        let turn = Turn(
            priority: application.priority,
            submission: self.submissions,
            application: application.id
        )
        self.applications[application.id] = SchedulerApplication(
            id: application.id,
            user: application.user,
            queue: queue,
            turn: turn
        )
        self.queues[queue].pendingApplications += 1
        self.queues[queue].changeUser(application.user) { $0.pendingApplications += 1 }
    }

    private func refusal(ofQueue queue: LeafQueue) -> Refusal? {
        let path = queue.settings.path
        guard queue.settings.state == .running else { return .queueStopped(path) }
        let limit = queue.settings.maximumApplications ?? self.settings.maximumApplications
        return queue.applications < limit ? nil : .applicationLimitReached(queue: path, limit: limit)
    }

    mutating func setPriority(
        _ priority: Int32,
        of id: ApplicationID,
        at now: Timestamp,
        into outputs: inout [Output]
    ) {
        guard var application = self.applications[id], application.turn.priority != priority else { return }
        let old = application.turn
        application.turn.priority = priority
        self.applications[id] = application
        if application.isHungry {
            self.hungry.leave(old)
            self.hungry.enter(application.turn)
        }
        if let attempt = application.attempt, !attempt.isActive {
            self.queues[application.queue].waiting.leave(old)
            self.queues[application.queue].waiting.enter(application.turn)
            self.letIn()
            self.serveEverybody(at: now, into: &outputs)
        }
    }

    mutating func end(_ id: ApplicationID, at now: Timestamp, into outputs: inout [Output]) {
        guard let application = self.applications[id] else { return }
        if let attempt = application.attempt {
            self.endAttempt(attempt.id, keepsContainers: false, into: &outputs)
        }
        for container in application.containers.sorted() where self.ledger.containers[container] != nil {
            self.release(container, .attemptEnded, into: &outputs)
        }
        self.applications[id] = nil
        self.queues[application.queue].pendingApplications -= 1
        self.queues[application.queue].changeUser(application.user) { $0.pendingApplications -= 1 }
        self.letIn()
        self.serveEverybody(at: now, into: &outputs)
    }

    mutating func add(_ attempt: AttemptDescription, at now: Timestamp, into outputs: inout [Output]) {
        guard var application = self.applications[attempt.id.application], application.attempt == nil else { return }
        var added: SchedulerAttempt
        switch attempt.master {
        case .wanted(let requests):
            added = SchedulerAttempt(id: attempt.id, masterCapability: .zero)
            added.demand.merge(requests, settings: self.settings, isMaster: true)
            added.masterCapability = added.demand.groups.first?.capability ?? .zero
            self.queues[application.queue].pending += added.demand.pending
            self.queues[application.queue].pendingContainers += added.demand.pendingContainers
        case .unmanaged:
            added = SchedulerAttempt(id: attempt.id, masterCapability: self.settings.normalised(.zero))
        case .placed(let capability):
            added = SchedulerAttempt(id: attempt.id, masterCapability: capability)
        }
        application.attempt = added
        self.applications[application.id] = application
        if case .placed = attempt.master {
            self.activate(application.id)
        } else {
            self.queues[application.queue].waiting.enter(application.turn)
            self.letIn()
        }
        self.serveEverybody(at: now, into: &outputs)
    }

    mutating func end(
        _ id: ApplicationAttemptID,
        keepsContainers: Bool,
        at now: Timestamp,
        into outputs: inout [Output]
    ) {
        self.endAttempt(id, keepsContainers: keepsContainers, into: &outputs)
        self.letIn()
        self.serveEverybody(at: now, into: &outputs)
    }

    private mutating func endAttempt(
        _ id: ApplicationAttemptID,
        keepsContainers: Bool,
        into outputs: inout [Output]
    ) {
        guard let application = self.applications[id.application], let attempt = application.attempt, attempt.id == id
        else { return }
        self.changeDemand(of: application.id) { $0.removeAll() }
        self.applications[application.id]?.attempt = nil
        let queue = application.queue
        if attempt.isActive {
            self.queues[queue].masterUsed -= attempt.masterCapability
            self.queues[queue].activeApplications -= 1
            self.queues[queue].pendingApplications += 1
            self.queues[queue].changeUser(application.user) { user in
                user.masterUsed -= attempt.masterCapability
                user.pendingApplications += 1
                user.activeApplications -= 1
            }
        } else {
            self.queues[queue].waiting.leave(application.turn)
        }
        for container in application.containers.sorted() {
            guard let booked = self.ledger.containers[container] else { continue }
            if booked.isMaster || !keepsContainers { self.release(container, .attemptEnded, into: &outputs) }
        }
    }

    // MARK: The limit for ApplicationMasters

    /// Activates waiting attempts, in their order, as far as the limit for ApplicationMasters goes. One is always let
    /// in. They are served with all others, whose turn may come before theirs.
    mutating func letIn() {
        for index in self.queues.indices {
            let limit = self.queues[index].masterLimit(ofCluster: self.ledger.total, settings: self.settings)
            // The first that does not fit does not hold up smaller ones behind it, as in YARN.
            for turn in self.queues[index].waiting {
                guard let attempt = self.applications[turn.application]?.attempt else { continue }
                let queue = self.queues[index]
                let wanted = queue.masterUsed + attempt.masterCapability
                guard queue.activeApplications == 0 || self.isWithin(limit, wanted) else { continue }
                self.queues[index].waiting.leave(turn)
                self.activate(turn.application)
            }
        }
    }

    private func isWithin(_ limit: ResourceVector, _ wanted: ResourceVector) -> Bool {
        let total = self.ledger.total
        let calculator = self.settings.resourceCalculator
        return calculator.share(wanted, of: total) <= calculator.share(limit, of: total)
    }

    private mutating func activate(_ id: ApplicationID) {
        guard let application = self.applications[id], let attempt = application.attempt else { return }
        self.applications[id]?.attempt?.isActive = true
        let queue = application.queue
        self.queues[queue].masterUsed += attempt.masterCapability
        self.queues[queue].activeApplications += 1
        self.queues[queue].pendingApplications -= 1
        self.queues[queue].changeUser(application.user) { user in
            user.masterUsed += attempt.masterCapability
            user.activeApplications += 1
            user.pendingApplications -= 1
        }
        if !attempt.demand.isEmpty { self.hungry.enter(application.turn) }
    }
}
