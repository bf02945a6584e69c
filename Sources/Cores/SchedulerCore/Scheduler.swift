package import ClusterModel

/// Every placement decision of one cluster, as a value: no clock, lock, log, I/O or randomness. The same inputs give the
/// same outputs in the same order.
///
/// After each step no demand is left that could be met, so an input needs to look only at what it changed: an allocate at
/// its own application, room that appears at all that wait.
package struct Scheduler: Sendable {
    package internal(set) var settings: SchedulerSettings
    /// Stands in the ids of the containers granted.
    let epoch: Int64
    var ledger: Ledger
    var queues: [LeafQueue]
    var applications: [ApplicationID: SchedulerApplication] = [:]
    /// Applications with something to place, in the order of service.
    var hungry: [Turn] = []
    /// When grants that were not launched are taken back.
    var expiries = Deadlines<ContainerID>()
    var submissions: Int64 = 0
    /// Until when nothing is placed; nil: placement is not held.
    var heldUntil: Timestamp?

    /// - Parameter epoch: stands in the ids of the containers that are granted from now on.
    package init(settings: SchedulerSettings, epoch: Int64) {
        self.settings = settings
        self.epoch = epoch
        self.ledger = Ledger(calculator: settings.resourceCalculator)
        self.queues = settings.queues.map(LeafQueue.init)
    }

    /// When the next `timePassed` is due; nil: nothing waits for time.
    package var nextDeadline: Timestamp? {
        guard let heldUntil else { return self.expiries.next }
        return min(heldUntil, self.expiries.next ?? heldUntil)
    }

    /// Applies one input; what was decided is appended to `outputs`.
    package mutating func step(_ input: Input, at now: Timestamp, into outputs: inout [Output]) {
        switch input {
        case .nodeAdded(let node): self.add(node, at: now, into: &outputs)
        case .nodeUpdated(let node, let capacity):
            self.ledger.setCapacity(capacity, ofNode: node)
            self.serveEverybody(at: now, into: &outputs)
        case .nodeDraining(let node): self.ledger.setDraining(true, node: node)
        case .nodeLost(let node): self.lose(node, at: now, into: &outputs)

        case .applicationAdded(let application): self.add(application, into: &outputs)
        case .applicationPriorityChanged(let id, let priority):
            self.setPriority(priority, of: id, at: now, into: &outputs)
        case .applicationEnded(let id): self.end(id, at: now, into: &outputs)
        case .attemptAdded(let attempt): self.add(attempt, at: now, into: &outputs)
        case .attemptEnded(let id, let keepsContainers):
            self.end(id, keepsContainers: keepsContainers, at: now, into: &outputs)

        case .allocate(let allocation): self.allocate(allocation, at: now, into: &outputs)
        case .release(let containers, let reason):
            for id in containers { self.release(id, reason, into: &outputs) }
            self.serveEverybody(at: now, into: &outputs)
        case .containerLaunched(let id): self.launched(id)
        case .containerFinished(let id):
            self.finished(id, into: &outputs)
            self.serveEverybody(at: now, into: &outputs)
        case .containerRecovered(let container): self.recover(container)

        case .placementHeld(let until): self.heldUntil = until
        case .settingsChanged(let settings): self.change(to: settings, at: now, into: &outputs)
        case .timePassed:
            self.expire(at: now, into: &outputs)
            self.endHold(at: now, into: &outputs)
        }
        self.checkInvariants()
    }
}
