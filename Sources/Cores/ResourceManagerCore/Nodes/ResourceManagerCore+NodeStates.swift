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

    mutating func refreshNodes(
        _ lists: NodeLists,
        isGraceful: Bool,
        timeoutSeconds: Int64?,
        by caller: Caller
    ) -> Reply {
        guard self.settings.isAdministrator(caller) else {
            return .failed(.administratorOnly(user: caller.user, operation: "refreshNodes"))
        }
        self.settings.nodeLists = lists
        self.unpublished.settings = true
        for id in self.nodes.keys.sorted() {
            guard let node = self.nodes[id] else { continue }
            let isAllowed = lists.allow(node.names)
            switch node.phase {
            case .running where !isAllowed && isGraceful:
                self.drain(id, seconds: timeoutSeconds)
            case .running where !isAllowed, .unhealthy where !isAllowed:
                self.deactivate(id, as: .decommissioned)
            case .decommissioning where isAllowed:
                self.timers.cancel(.nodeDrains(id))
                self.setPhase(.running, of: id)
                self.schedule(.nodeAdded(.init(id: id, rack: node.rack, capacity: node.capacity)))
            case .decommissioning where !isGraceful:
                self.deactivate(id, as: .decommissioned)
            case .running, .unhealthy, .decommissioning, .inactive: break
            }
        }
        return .done
    }

    private mutating func drain(_ id: NodeID, seconds: Int64?) {
        let timeout = seconds.map { Duration.seconds(max(0, min($0, Self.drainSecondsMaximum))) }
        let granted = timeout ?? self.settings.gracefulDecommissionTimeout
        self.setPhase(.decommissioning(seconds: granted.components.seconds), of: id)
        self.timers.set(.nodeDrains(id), at: self.now.adding(granted))
        self.schedule(.nodeDraining(id))
        self.finishDraining(id)
    }

    /// A year; a caller who wants longer wants the node to stay.
    private static let drainSecondsMaximum: Int64 = 31_536_000

    /// Lets a draining node go once nothing runs there.
    mutating func finishDraining(_ id: NodeID) {
        guard case .decommissioning? = self.nodes[id]?.phase, self.scheduler.containers(on: id).isEmpty else { return }
        self.deactivate(id, as: .decommissioned)
    }
}
