import ClusterModel

extension Scheduler {
    /// Checked after each step of a debug build, while the cluster is small enough for that to cost nothing much.
    private static var checkedMaximum: Int { 128 }

    /// Going on with broken books would hand out room twice.
    func checkInvariants() {
        #if DEBUG
        guard max(self.ledger.containers.count, self.ledger.nodeCount) <= Self.checkedMaximum else { return }
        if let broken = self.brokenInvariant { preconditionFailure(broken) }
        #endif
    }

    /// What does not add up in the books; nil when everything does.
    package var brokenInvariant: String? {
        self.brokenNodeSum ?? self.brokenApplicationSum ?? self.brokenQueueSum
    }

    private var brokenNodeSum: String? {
        var usedByAll = ResourceVector.zero
        for case .some(let node) in self.ledger.nodes {
            let sum = node.containers.reduce(ResourceVector.zero) { sum, id in
                sum + (self.ledger.containers[id]?.capability ?? .zero)
            }
            guard sum == node.used else { return "node \(node.id) is booked \(node.used), its containers are \(sum)" }
            usedByAll += sum
        }
        guard usedByAll == self.ledger.used else {
            return "the cluster is booked \(self.ledger.used), its nodes are \(usedByAll)"
        }
        return nil
    }

    private var brokenApplicationSum: String? {
        for application in self.applications.values {
            let sum = application.containers.reduce(ResourceVector.zero) { sum, id in
                sum + (self.ledger.containers[id]?.capability ?? .zero)
            }
            guard sum == application.used else {
                return "\(application.id) is booked \(application.used), its containers are \(sum)"
            }
            let waits = self.hungry.contains(application.turn)
            guard waits == application.isHungry else {
                return "\(application.id) \(waits ? "waits without demand" : "has demand and does not wait")"
            }
        }
        return nil
    }

    private var brokenQueueSum: String? {
        for (index, queue) in self.queues.enumerated() {
            let applications = self.applications.values.filter { $0.queue == index }
            let used = applications.reduce(ResourceVector.zero) { $0 + $1.used }
            let pending = applications.reduce(ResourceVector.zero) { $0 + ($1.attempt?.demand.pending ?? .zero) }
            let active = applications.filter { $0.attempt?.isActive == true }
            let masters = active.reduce(ResourceVector.zero) { $0 + ($1.attempt?.masterCapability ?? .zero) }
            let users = queue.users.reduce(ResourceVector.zero) { $0 + $1.used }
            let path = queue.settings.path
            if used != queue.used { return "queue \(path) is booked \(queue.used), its applications are \(used)" }
            if users != queue.used { return "queue \(path) is booked \(queue.used), its users are \(users)" }
            if pending != queue.pending { return "queue \(path) counts \(queue.pending) pending, it is \(pending)" }
            if masters != queue.masterUsed {
                return "queue \(path) counts \(queue.masterUsed) of ApplicationMasters, it is \(masters)"
            }
            if active.count != Int(queue.activeApplications) || applications.count != queue.applications {
                return "queue \(path) counts \(queue.activeApplications) of \(queue.applications) applications active,"
                    + " it is \(active.count) of \(applications.count)"
            }
        }
        return nil
    }
}
