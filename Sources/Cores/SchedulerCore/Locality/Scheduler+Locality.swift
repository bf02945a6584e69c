import ClusterModel
import OrderedCollections

extension Scheduler {
    /// Where the next container of a group goes: on a host it names, else in a rack it names, else anywhere, as far as
    /// its rows allow; at each step on the emptiest node.
    ///
    /// Nearer places are not waited for yet: `node-locality-delay` belongs between the steps.
    ///
    /// - Parameter refused: slots that the application takes nothing on. A set of them and no question to the scheduler,
    ///   since a closure over it would copy all of it for every container.
    func place(for group: Demand.Group, refusing refused: Set<Int>) -> (slot: Int, locality: Locality)? {
        let accepts = { (slot: Int) in !refused.contains(slot) }
        if let slot = self.namedHost(for: group, where: accepts) { return (slot, .nodeLocal) }
        if let slot = self.namedRack(for: group, where: accepts) { return (slot, .rackLocal) }
        guard group.anywhere, group.nodeLabelExpression.isEmpty else { return nil }
        let slot = self.ledger.room.emptiest(for: group.capability, where: accepts)
        return slot.map { ($0, .offSwitch) }
    }

    private func namedHost(for group: Demand.Group, where accepts: (Int) -> Bool) -> Int? {
        var best: Int?
        for host in group.hosts.keys {
            for slot in self.ledger.slots(onHost: host) {
                guard self.ledger.room.hasRoom(slot, for: group.capability), accepts(slot) else { continue }
                if best.map({ self.ledger.room.isEmptier(slot, than: $0) }) ?? true { best = slot }
            }
        }
        return best
    }

    private func namedRack(for group: Demand.Group, where accepts: (Int) -> Bool) -> Int? {
        var best: Int?
        for (name, row) in group.racks where row.relaxLocality {
            guard let rack = self.ledger.room(inRack: name),
                let slot = rack.emptiest(for: group.capability, where: accepts)
            else { continue }
            if best.map({ self.ledger.room.isEmptier(slot, than: $0) }) ?? true { best = slot }
        }
        return best
    }
}
