import ClusterModel

extension Scheduler {
    /// Offers the room there is to all that wait, in the order of service.
    mutating func serveEverybody(at now: Timestamp, into outputs: inout [Output]) {
        guard self.heldUntil == nil, !self.hungry.isEmpty, self.hasUsefulRoom else { return }
        for turn in self.hungry {
            self.serve(turn.application, at: now, into: &outputs)
            guard self.hasUsefulRoom else { return }
        }
    }

    /// Begins to place when the time of a hold is over.
    mutating func endHold(at now: Timestamp, into outputs: inout [Output]) {
        guard let heldUntil = self.heldUntil, heldUntil <= now else { return }
        self.heldUntil = nil
        self.serveEverybody(at: now, into: &outputs)
    }

    /// False when not even the smallest container fits anywhere, which ends a round over a full cluster at once.
    private var hasUsefulRoom: Bool {
        self.settings.normalised(.zero).fits(in: self.ledger.room.mostRoom)
    }

    /// Grants one application all that it wants and that fits.
    mutating func serve(_ id: ApplicationID, at now: Timestamp, into outputs: inout [Output]) {
        guard self.heldUntil == nil, let application = self.applications[id], application.isHungry,
            let attempt = application.attempt
        else { return }
        let refused = self.ledger.slots(named: attempt.blacklist)
        var granted = false
        for (index, group) in attempt.demand.groups.enumerated() {
            var group = group
            while group.wanted > 0 {
                guard let found = self.place(for: group, refusing: refused),
                    let node = self.ledger.node(found.slot)
                else { break }
                self.grant(group, to: attempt.id, slot: found.slot, found.locality, at: now, into: &outputs)
                group.countGrant(found.locality, host: node.id.host, rack: node.rack)
                self.countGrant(of: id, group: index, found.locality, on: node)
                granted = true
            }
        }
        if granted { self.changeDemand(of: id) { $0.removeSatisfied() } }
    }

    private mutating func grant(
        _ group: Demand.Group,
        to attempt: ApplicationAttemptID,
        slot: Int,
        _ locality: Locality,
        at now: Timestamp,
        into outputs: inout [Output]
    ) {
        let application = attempt.application
        guard let node = self.ledger.node(slot), let last = self.applications[application]?.attempt?.sequence else {
            return
        }
        self.applications[application]?.attempt?.sequence = last + 1
        let container = ContainerID(attempt: attempt, epoch: self.epoch, sequence: last + 1)
        let expiresAt = now.adding(self.settings.containerAllocationExpiry)
        self.ledger.grant(container, slot: slot, capability: group.capability, isMaster: group.isMaster)
        self.charge(container, group.capability, isMaster: group.isMaster)
        self.expiries.set(container, at: expiresAt)
        if !group.isMaster { self.applications[application]?.attempt?.unseen[container] = group }
        let grant = Grant(
            container: container,
            node: node.id,
            capability: group.capability,
            priority: group.key.priority,
            allocationRequestID: group.key.allocationRequestID,
            executionType: group.executionType,
            isMaster: group.isMaster,
            locality: locality,
            expiresAt: expiresAt
        )
        outputs.append(.granted(grant))
    }

    private mutating func countGrant(of id: ApplicationID, group index: Int, _ locality: Locality, on node: Ledger.Node)
    {
        guard let queue = self.applications[id]?.queue,
            let capability = self.applications[id]?.attempt?.demand.groups[index].capability
        else { return }
        self.applications[id]?.attempt?.demand.countGrant(
            at: index,
            locality,
            host: node.id.host,
            rack: node.rack
        )
        self.queues[queue].pending -= capability
        self.queues[queue].pendingContainers -= 1
    }
}
