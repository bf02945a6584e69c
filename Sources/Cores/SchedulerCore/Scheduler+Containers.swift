import ClusterModel

extension Scheduler {
    mutating func allocate(_ allocation: Allocation, at now: Timestamp, into outputs: inout [Output]) {
        let id = allocation.attempt.application
        guard self.applications[id]?.attempt?.id == allocation.attempt else { return }
        for container in allocation.releases where self.applications[id]?.containers.contains(container) == true {
            self.release(container, .releasedByApplication, into: &outputs)
        }
        if !allocation.blacklistAdditions.isEmpty || !allocation.blacklistRemovals.isEmpty {
            self.applications[id]?.attempt?.blacklist.formUnion(allocation.blacklistAdditions)
            self.applications[id]?.attempt?.blacklist.subtract(allocation.blacklistRemovals)
        }
        if !allocation.asks.isEmpty {
            let settings = self.settings
            let asks = self.withoutUnseen(allocation.asks, of: id)
            self.changeDemand(of: id) { $0.merge(asks, settings: settings) }
        }
        if allocation.releases.isEmpty {
            self.serve(id, at: now, into: &outputs)
        } else {
            self.serveEverybody(at: now, into: &outputs)
        }
        // All grants so far are in the reply to this call.
        self.applications[id]?.attempt?.unseen.removeAll(keepingCapacity: true)
        outputs.append(.headroom(allocation.attempt, self.headroom(of: id)))
    }

    /// The asks less what was granted since the last call: the caller could not know of it and asks for it still.
    private func withoutUnseen(_ asks: [ResourceRequest], of id: ApplicationID) -> [ResourceRequest] {
        guard let unseen = self.applications[id]?.attempt?.unseen, !unseen.isEmpty else { return asks }
        return asks.map { ask in
            guard ask.location == .any else { return ask }
            let granted = unseen.values.count { $0.key == Demand.Key(ask) }
            var rest = ask
            rest.containerCount = max(0, ask.containerCount - Int32(clamping: granted))
            return rest
        }
    }

    /// A grant that nobody saw is gone through no fault of its application: it is wanted still.
    mutating func restoreIfUnseen(_ id: ContainerID) {
        guard let met = self.applications[id.application]?.attempt?.unseen.removeValue(forKey: id) else { return }
        self.changeDemand(of: id.application) { $0.restore(met) }
    }

    /// What the application could still get: what its queue may hold less what the queue holds, and no more than is free.
    func headroom(of id: ApplicationID) -> ResourceVector {
        guard let application = self.applications[id] else { return .zero }
        let queue = self.queues[application.queue]
        let limit = self.ledger.total.scaled(partsPerMillion: queue.settings.maximumCapacityPartsPerMillion)
        return (limit - queue.used).minimum(self.ledger.total - self.ledger.used).maximum(.zero)
    }

    /// Ends a container for the application. Its room stays taken until its node says it is gone, unless the node has
    /// never had it.
    mutating func release(_ id: ContainerID, _ reason: EndReason, into outputs: inout [Output]) {
        guard let container = self.ledger.containers[id], container.stage != .leaving,
            let node = self.ledger.node(container.slot)
        else { return }
        self.expiries.cancel(id)
        self.uncharge(container)
        switch container.stage {
        case .granted: _ = self.ledger.release(id)
        case .launched, .leaving: self.ledger.setStage(.leaving, of: id)
        }
        outputs.append(.ended(id, on: node.id, reason))
    }

    mutating func launched(_ id: ContainerID) {
        guard let container = self.ledger.containers[id], container.stage == .granted else { return }
        self.expiries.cancel(id)
        self.ledger.setStage(.launched, of: id)
    }

    mutating func finished(_ id: ContainerID, into outputs: inout [Output]) {
        guard let container = self.ledger.containers[id], let node = self.ledger.node(container.slot) else { return }
        self.expiries.cancel(id)
        _ = self.ledger.release(id)
        guard container.stage != .leaving else { return }
        self.uncharge(container)
        outputs.append(.ended(id, on: node.id, .finished))
    }

    mutating func recover(_ container: RecoveredContainer) {
        guard self.ledger.containers[container.id] == nil, let slot = self.ledger.slot(of: container.node),
            self.applications[container.id.application] != nil
        else { return }
        self.ledger.recover(
            container.id,
            slot: slot,
            capability: container.capability,
            isMaster: container.isMaster
        )
        self.charge(container.id, container.capability, isMaster: container.isMaster)
    }

    mutating func expire(at now: Timestamp, into outputs: inout [Output]) {
        var expired = false
        while let id = self.expiries.popDue(at: now) {
            self.release(id, .expiredUnused, into: &outputs)
            self.restoreIfUnseen(id)
            expired = true
        }
        if expired { self.serveEverybody(at: now, into: &outputs) }
    }

    // MARK: Sums

    mutating func charge(_ id: ContainerID, _ capability: ResourceVector, isMaster: Bool) {
        let application = id.application
        guard let queue = self.applications[application]?.queue, let user = self.applications[application]?.user else {
            return
        }
        self.applications[application]?.containers.insert(id)
        self.applications[application]?.used += capability
        if isMaster { self.applications[application]?.masterUsed += capability }
        self.queues[queue].used += capability
        self.queues[queue].containers += 1
        self.queues[queue].changeUser(user) { $0.used += capability }
    }

    mutating func uncharge(_ container: Ledger.Container) {
        let application = container.id.application
        guard let queue = self.applications[application]?.queue, let user = self.applications[application]?.user,
            self.applications[application]?.containers.remove(container.id) != nil
        else { return }
        self.applications[application]?.used -= container.capability
        if container.isMaster { self.applications[application]?.masterUsed -= container.capability }
        self.queues[queue].used -= container.capability
        self.queues[queue].containers -= 1
        self.queues[queue].changeUser(user) { $0.used -= container.capability }
    }

    /// Changes an attempt's demand and all sums over it.
    mutating func changeDemand(of id: ApplicationID, _ body: (inout Demand) -> Void) {
        guard let application = self.applications[id], var demand = application.attempt?.demand else { return }
        let before = (demand.pending, demand.pendingContainers)
        // Let go of the stored copy, so that the change happens in place.
        self.applications[id]?.attempt?.demand = Demand()
        body(&demand)
        self.queues[application.queue].pending += demand.pending - before.0
        self.queues[application.queue].pendingContainers += demand.pendingContainers - before.1
        self.applications[id]?.attempt?.demand = demand
        if self.applications[id]?.isHungry == true {
            self.hungry.enter(application.turn)
        } else {
            self.hungry.leave(application.turn)
        }
    }
}
