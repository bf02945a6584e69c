import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// Nodes that take part: what an ApplicationMaster is told as the size of the cluster.
    var activeNodeCount: Int32 {
        (self.nodeCounts[.running] ?? 0) + (self.nodeCounts[.decommissioning] ?? 0)
    }

    mutating func countNode(from old: NodeState?, to new: NodeState?) {
        if let old { self.nodeCounts[old, default: 0] -= 1 }
        if let new { self.nodeCounts[new, default: 0] += 1 }
        self.unpublished.sums = true
    }

    mutating func setPhase(_ phase: Node.Phase, of id: NodeID) {
        guard let before = self.nodes[id]?.phase, before != phase else { return }
        self.nodes[id]?.phase = phase
        self.countNode(from: before.state, to: phase.state)
        self.touch(node: id)
        self.nodeUpdates.append(id)
    }

    /// The node is out: what ran there has ended, and it is only listed from now on.
    mutating func deactivate(_ id: NodeID, as state: NodeState) {
        guard let phase = self.nodes[id]?.phase, !phase.state.isInactive else { return }
        self.timers.cancel(.nodeSilent(id))
        self.timers.cancel(.nodeDrains(id))
        self.setPhase(.inactive(state), of: id)
        self.nodes[id]?.errands = Errands()
        self.nodes[id]?.lastReply = nil
        if phase.isSchedulable { self.schedule(.nodeLost(id)) }
        self.inactiveNodes.append(id)
        if self.inactiveNodes.count > Self.inactiveNodesMaximum {
            let oldest = self.inactiveNodes.removeFirst()
            self.nodes[oldest] = nil
            self.countNode(from: state, to: nil)
            self.touch(node: oldest)
        }
    }

    /// Nodes on random ports leave an entry at each restart; more than these nobody reads.
    private static let inactiveNodesMaximum = 1000

    mutating func refreshNodes(_ refresh: NodeRefresh, by caller: Caller) -> Reply {
        guard self.settings.isAdministrator(caller) else {
            return .failed(.administratorOnly(user: caller.user, operation: "refreshNodes"))
        }
        switch refresh {
        case .normal(let lists): self.take(lists, graceTimeout: nil)
        case .graceful(let lists, let seconds):
            let configured = self.settings.gracefulDecommissionTimeout.components.seconds
            self.take(lists, graceTimeout: seconds ?? configured)
        case .forceful:
            for id in self.nodes.keys.sorted() where self.nodes[id]?.phase.state == .decommissioning {
                self.deactivate(id, as: .decommissioned)
            }
        }
        return .done
    }

    /// - Parameter graceTimeout: how many seconds excluded nodes may drain; nil: not at all.
    private mutating func take(_ lists: NodeLists, graceTimeout: Int64?) {
        self.settings.nodeLists = lists
        self.unpublished.settings = true
        for id in self.nodes.keys.sorted() {
            guard let node = self.nodes[id] else { continue }
            let isAllowed = lists.allow(node.names)
            switch (node.phase, graceTimeout) {
            case (.running, let timeout?) where !isAllowed, (.decommissioning, let timeout?) where !isAllowed:
                let own = node.names.lazy.compactMap { lists.drainSeconds[$0] }.first
                self.drain(id, seconds: own ?? timeout)
            case (.running, _) where !isAllowed, (.unhealthy, _) where !isAllowed,
                (.decommissioning, nil) where !isAllowed:
                self.deactivate(id, as: .decommissioned)
            case (.decommissioning, _) where isAllowed:
                self.timers.cancel(.nodeDrains(id))
                self.setPhase(.running, of: id)
                self.schedule(.nodeAdded(.init(id: id, rack: node.rack, capacity: node.capacity)))
            case (.running, _), (.unhealthy, _), (.decommissioning, _), (.inactive, _): break
            }
        }
    }

    /// Lets a node drain, or changes the time that it may take. The same time again changes nothing, so that an
    /// operator's second refreshNodes does not put the end off.
    private mutating func drain(_ id: NodeID, seconds: Int64) {
        let granted = seconds < 0 ? -1 : min(seconds, Self.drainSecondsMaximum)
        let phase = Node.Phase.decommissioning(seconds: granted)
        guard self.nodes[id]?.phase != phase else { return }
        self.setPhase(phase, of: id)
        if granted < 0 {
            self.timers.cancel(.nodeDrains(id))
        } else {
            self.timers.set(.nodeDrains(id), at: self.now.adding(.seconds(granted)))
        }
        self.schedule(.nodeDraining(id))
        self.finishDraining(id)
    }

    /// A year; a caller who wants longer wants the node to stay.
    private static let drainSecondsMaximum: Int64 = 31_536_000

    /// Lets a draining node go once nothing runs there and every application that ran something there is over: what their
    /// containers left, shuffle files for one, is still read.
    mutating func finishDraining(_ id: NodeID) {
        guard case .decommissioning? = self.nodes[id]?.phase, self.scheduler.containers(on: id).isEmpty,
            !self.applications.values.contains(where: { $0.nodes.contains(id) })
        else { return }
        self.deactivate(id, as: .decommissioned)
    }
}
