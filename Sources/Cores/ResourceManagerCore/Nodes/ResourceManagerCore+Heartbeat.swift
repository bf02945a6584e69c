import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    mutating func heartbeat(_ heartbeat: NodeHeartbeat) -> NodeHeartbeatReply {
        let id = heartbeat.node
        guard let node = self.nodes[id] else { return self.resync("Node not found resyncing \(id)") }
        if case .inactive(let state) = node.phase {
            guard state == .decommissioned, !self.settings.nodeLists.allow(node.names) else {
                return self.resync("Node not found resyncing \(id)")
            }
            return self.shutdown("Disallowed NodeManager nodeId: \(id) hostname: \(id.host)")
        }
        self.timers.set(.nodeSilent(id), at: self.now.adding(self.settings.nodeExpiry))
        if Self.next(heartbeat.responseID) == node.responseID, let last = node.lastReply { return last }
        guard heartbeat.responseID == node.responseID else {
            return self.resync(
                "Too far behind rm response id:\(node.responseID) nm response id:\(heartbeat.responseID)"
            )
        }
        self.note(heartbeat)
        for container in heartbeat.containers { self.note(container, on: id) }
        for report in heartbeat.logAggregationReports { self.note(report, on: id) }
        self.finishDraining(id)
        return self.nextReply(to: heartbeat)
    }

    private func resync(_ diagnostics: String) -> NodeHeartbeatReply {
        self.refusal(.resync, diagnostics)
    }

    private func shutdown(_ diagnostics: String) -> NodeHeartbeatReply {
        self.refusal(.shutdown, diagnostics)
    }

    private func refusal(_ action: NodeAction, _ diagnostics: String) -> NodeHeartbeatReply {
        NodeHeartbeatReply(
            action: action,
            diagnostics: diagnostics,
            responseID: 0,
            containersToCleanUp: [],
            applicationsToCleanUp: [],
            containersToForget: [],
            containersToSignal: [],
            nextHeartbeat: self.settings.nodeHeartbeatInterval
        )
    }

    /// What the node says of itself.
    private mutating func note(_ heartbeat: NodeHeartbeat) {
        let id = heartbeat.node
        guard let node = self.nodes[id] else { return }
        if node.health != heartbeat.health || node.containersUtilization != heartbeat.containersUtilization
            || node.nodeUtilization != heartbeat.nodeUtilization
        {
            self.nodes[id]?.health = heartbeat.health
            self.nodes[id]?.containersUtilization = heartbeat.containersUtilization
            self.nodes[id]?.nodeUtilization = heartbeat.nodeUtilization
            self.touch(node: id)
        }
        switch (node.phase, heartbeat.health.isHealthy) {
        case (.running, false), (.decommissioning, false):
            // Decommissioning is not resumed: an unfit node has nothing left to drain.
            self.setPhase(.unhealthy, of: id)
            self.schedule(.nodeLost(id))
        case (.unhealthy, true):
            self.setPhase(.running, of: id)
            self.schedule(.nodeAdded(.init(id: id, rack: node.rack, capacity: node.capacity)))
        case (.running, true), (.decommissioning, true), (.unhealthy, false), (.inactive, _): break
        }
    }

    private mutating func note(_ report: ContainerStatusReport, on node: NodeID) {
        switch report.state {
        case .new, .running:
            guard let container = self.containers[report.id], container.isLive, container.view.node == node else {
                self.cleanUp(report.id, on: node)
                return
            }
            if container.view.state == .new { self.containerStarted(container.view) }
        case .complete:
            // What another node runs is not this one's to end.
            guard self.scheduler.node(of: report.id).map({ $0 == node }) ?? true else { return }
            // It may have ended before anybody heard that it ran.
            self.expectLogs(of: report.id.application, on: node)
            self.containerFinished(report.id, report.exitStatus, report.diagnostics)
            self.touch(node: node)
            if self.containers[report.id] == nil || self.isConfirmed(report.id) {
                self.tellNode(node) { $0.containersToForget.append(report.id) }
            }
        }
    }

    private mutating func containerStarted(_ view: ContainerView) {
        if view.isMaster { self.masterLaunched(view.id.attempt) }
        self.containerLaunched(view.id)
    }

    private mutating func nextReply(to heartbeat: NodeHeartbeat) -> NodeHeartbeatReply {
        let id = heartbeat.node
        guard var node = self.nodes[id] else { return self.resync("Node not found resyncing \(id)") }
        node.responseID = Self.next(node.responseID)
        let reply = NodeHeartbeatReply(
            action: .normal,
            diagnostics: "",
            responseID: node.responseID,
            containersToCleanUp: Array(node.errands.containersToCleanUp),
            applicationsToCleanUp: Array(node.errands.applicationsToCleanUp),
            containersToForget: Array(node.errands.containersToForget),
            containersToSignal: node.errands.containersToSignal,
            nextHeartbeat: self.settings.nodeHeartbeatInterval,
            containerTokenKey: self.unknownKey(.container, known: heartbeat.containerTokenKeyID),
            nodeTokenKey: self.unknownKey(.node, known: heartbeat.nodeTokenKeyID)
        )
        if !node.errands.isEmpty { node.errands = Errands() }
        node.lastReply = reply
        self.nodes[id] = node
        return reply
    }

    /// The newest key of a ring, unless the node has it.
    private func unknownKey(_ kind: MasterKeyKind, known: Int32?) -> MasterKey? {
        guard let newest = self.keyRings[kind]?.newest, newest.id != known else { return nil }
        return newest
    }
}
