import ClusterModel

extension Scheduler {
    mutating func add(_ node: NodeDescription, at now: Timestamp, into outputs: inout [Output]) {
        if self.ledger.slot(of: node.id) == nil {
            self.ledger.add(node.id, rack: node.rack, capacity: node.capacity)
        } else {
            self.ledger.setCapacity(node.capacity, ofNode: node.id)
            self.ledger.setDraining(false, node: node.id)
        }
        self.letIn()
        self.serveEverybody(at: now, into: &outputs)
    }

    mutating func lose(_ node: NodeID, at now: Timestamp, into outputs: inout [Output]) {
        for container in self.ledger.remove(node) {
            self.expiries.cancel(container.id)
            guard container.stage != .leaving else { continue }
            self.uncharge(container)
            self.restoreIfUnseen(container.id)
            outputs.append(.ended(container.id, on: node, .nodeLost))
        }
        self.serveEverybody(at: now, into: &outputs)
    }

    mutating func change(to settings: SchedulerSettings, at now: Timestamp, into outputs: inout [Output]) {
        self.settings = settings
        self.ledger.setCalculator(settings.resourceCalculator)
        self.changeQueues(to: settings.queues)
        for id in self.applications.keys.sorted() {
            self.changeDemand(of: id) { $0.normalise(settings) }
        }
        self.letIn()
        self.serveEverybody(at: now, into: &outputs)
    }

    /// Takes the queues' new settings. A queue that still has applications stays until they have ended, since they could
    /// not be told where they are.
    private mutating func changeQueues(to wanted: [QueueSettings]) {
        for index in self.queues.indices {
            if let settings = wanted.first(where: { $0.path == self.queues[index].settings.path }) {
                self.queues[index].settings = settings
            } else {
                self.queues[index].settings.state = .draining
            }
        }
        for settings in wanted where !self.queues.contains(where: { $0.settings.path == settings.path }) {
            self.queues.append(LeafQueue(settings))
        }
    }
}
