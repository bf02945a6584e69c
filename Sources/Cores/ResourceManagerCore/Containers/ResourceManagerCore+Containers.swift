import ClusterModel
import DequeModule
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// Steps the scheduler and carries out what it decides, in its order: what a decision leads to is scheduled behind
    /// those already made.
    mutating func schedule(_ input: Scheduler.Input) {
        var outputs: [Scheduler.Output] = []
        self.unpublished.sums = true
        self.scheduler.step(input, at: self.now, into: &outputs)
        self.decisions.append(contentsOf: outputs)
        guard !self.isCarryingOut else { return }
        self.isCarryingOut = true
        while let decision = self.decisions.popFirst() { self.carryOut(decision) }
        self.isCarryingOut = false
    }

    private mutating func carryOut(_ decision: Scheduler.Output) {
        switch decision {
        case .granted(let grant): self.containerGranted(grant)
        case .refused(let application, let refusal): self.refused(application, refusal)
        case .ended(let container, let node, let reason): self.containerEnded(container, on: node, reason)
        case .preempt:
            // Nothing is preempted yet; when it is, the reply to the ApplicationMaster names the containers.
            break
        case .headroom(let attempt, let headroom):
            self.applications[attempt.application]?.attempt?.headroom = headroom
        }
    }

    private mutating func containerGranted(_ grant: Scheduler.Grant) {
        let id = grant.container
        guard let node = self.nodes[grant.node], let application = self.applications[id.application],
            application.attempt?.id == id.attempt
        else {
            // The attempt ended by a decision made just before, and its successor knows nothing of the grant.
            self.schedule(.release([id], .attemptEnded))
            return
        }
        let view = ContainerView(
            id: id,
            node: grant.node,
            nodeHTTPAddress: node.httpAddress,
            capability: grant.capability,
            priority: grant.priority,
            allocationRequestID: grant.allocationRequestID,
            executionType: grant.executionType,
            state: .new,
            createdAt: self.now,
            finishedAt: .unset,
            exitStatus: .invalid,
            diagnostics: "",
            isMaster: grant.isMaster,
            user: application.record.submission.user
        )
        self.enter(Container(view: view, expiresAt: grant.expiresAt))
        if grant.isMaster {
            self.masterAllocated(view)
        } else {
            self.applications[id.application]?.attempt?.undeliveredGrants.append(id)
        }
    }

    /// Enters a container into the application's account.
    mutating func enter(_ container: Container) {
        let view = container.view
        self.containers[view.id] = container
        self.applications[view.id.application]?.occupy(view.capability, isMaster: view.isMaster, at: self.now)
        self.applications[view.id.application]?.nodes.insert(view.node)
        self.touch(container: view.id)
        self.touch(application: view.id.application)
        self.touch(node: view.node)
    }

    /// A node says that it has the container.
    mutating func containerLaunched(_ id: ContainerID) {
        guard let container = self.containers[id], container.view.state == .new else { return }
        self.containers[id]?.view.state = .running
        self.expectLogs(of: id.application, on: container.view.node)
        self.touch(container: id)
        self.schedule(.containerLaunched(id))
    }

    /// A node says that the container has ended.
    mutating func containerFinished(_ id: ContainerID, _ exitStatus: ContainerExitStatus, _ diagnostics: String) {
        if self.containers[id]?.isLive == true {
            self.containers[id]?.view.exitStatus = exitStatus
            self.containers[id]?.view.diagnostics = diagnostics
        }
        self.schedule(.containerFinished(id))
    }

    private mutating func containerEnded(_ id: ContainerID, on node: NodeID, _ reason: Scheduler.EndReason) {
        guard var container = self.containers[id], container.isLive else { return }
        container.view.state = .complete
        container.view.finishedAt = self.now
        if reason != .finished {
            container.view.exitStatus = .aborted
            container.view.diagnostics = Self.diagnostics(of: reason)
        }
        self.containers[id] = container
        let isMaster = container.view.isMaster
        self.applications[id.application]?.vacate(container.view.capability, isMaster: isMaster, at: self.now)
        self.touch(container: id)
        self.touch(application: id.application)
        self.touch(node: node)
        switch reason {
        case .finished, .nodeLost: break
        case .releasedByApplication, .expiredUnused, .attemptEnded: self.cleanUp(id, on: node)
        }
        if reason == .attemptEnded {
            self.forget(id)
        } else if isMaster {
            self.masterContainerEnded(container.view)
        } else if self.isTold(id) {
            self.applications[id.application]?.attempt?.undeliveredEnds.append(id)
        } else {
            self.forget(id)
        }
    }

    /// True when an ApplicationMaster is to hear of the container's end: one that never heard of the container does not.
    private mutating func isTold(_ id: ContainerID) -> Bool {
        guard let grants = self.applications[id.application]?.attempt?.undeliveredGrants else { return false }
        guard let index = grants.firstIndex(of: id) else { return true }
        self.applications[id.application]?.attempt?.undeliveredGrants.remove(at: index)
        return false
    }

    private static func diagnostics(of reason: Scheduler.EndReason) -> String {
        switch reason {
        case .releasedByApplication: "Container released by application"
        case .expiredUnused: "Container expired since it was unused"
        case .nodeLost: "Container released on a *lost* node"
        case .attemptEnded: "Container of a completed application"
        case .finished: ""
        }
    }

    /// The ApplicationMaster knows that the container has ended: its node need not keep that any longer.
    mutating func confirmEnd(of id: ContainerID) {
        guard let container = self.containers[id] else { return }
        self.letForget(id, container.view.node)
        guard var shown = self.applications[id.application]?.attempt?.shownEnds else { return }
        self.applications[id.application]?.attempt?.shownEnds = []
        shown.append(id)
        let oldest = shown.count > Attempt.shownEndsMaximum ? shown.popFirst() : nil
        self.applications[id.application]?.attempt?.shownEnds = shown
        if let oldest {
            self.containers[oldest] = nil
            self.touch(container: oldest)
        }
    }

    /// Drops a container that nobody will ask about any more.
    mutating func forget(_ id: ContainerID) {
        guard let container = self.containers.removeValue(forKey: id) else { return }
        self.touch(container: id)
        if container.view.state == .complete { self.letForget(id, container.view.node) }
    }

    /// True when the ApplicationMaster is known to know of the end.
    func isConfirmed(_ id: ContainerID) -> Bool {
        self.applications[id.application]?.attempt?.shownEnds.contains(id) == true
    }

    /// Lets the node forget a container, once it has said that it is gone: until then its room is taken, and a node that
    /// had forgotten it would never say so.
    private mutating func letForget(_ id: ContainerID, _ node: NodeID) {
        guard self.scheduler.node(of: id) == nil else { return }
        self.tellNode(node) { $0.containersToForget.append(id) }
    }

    // MARK: Errands

    /// Has the node end a container.
    mutating func cleanUp(_ id: ContainerID, on node: NodeID) {
        self.tellNode(node) { $0.containersToCleanUp.append(id) }
    }

    /// Leaves something for the node's next heartbeat. A node that is gone is told nothing: when it comes back, it says
    /// what it has.
    mutating func tellNode(_ id: NodeID, _ errand: (inout Errands) -> Void) {
        guard var node = self.nodes[id], !node.phase.state.isInactive else { return }
        let wasIdle = node.errands.isEmpty
        self.nodes[id] = nil
        errand(&node.errands)
        self.nodes[id] = node
        if wasIdle { self.effects.actions.append(.nodeEventPending(id)) }
    }
}
