import ClusterModel

/// Finds the emptiest node that has room, without looking at all of them.
///
/// A tournament tree over node slots: every inner place holds the emptiest node below it and the most room that any node
/// below it has in each component. A search skips the parts of the cluster in which nothing can fit or nothing is
/// emptier than what it has already; a change costs one path to the root.
struct RoomIndex: Sendable {
    private struct Place {
        /// Emptiest node below, or -1.
        var slot: Int32 = -1
        /// Its used share in parts per million.
        var usedShare: Int64 = 0
        /// Component-wise maximum of the room below.
        var room = ResourceVector(memoryMiB: -1, vcores: -1)
    }

    /// A complete binary tree: children of i at 2i and 2i + 1, leaves in the second half.
    private var places: [Place] = [Place(), Place()]
    private var leafCount = 1
    /// By slot; ties go to the lowest id.
    private var nodes: [NodeID?] = [nil]

    /// The most room in each component that any node offers; not necessarily the same node.
    var mostRoom: ResourceVector { self.places[1].room }

    /// Enters or replaces what a slot offers.
    mutating func offer(_ node: NodeID, slot: Int, room: ResourceVector, usedShare: Int64) {
        self.grow(toHold: slot)
        self.nodes[slot] = node
        self.places[self.leafCount + slot] = Place(slot: Int32(slot), usedShare: usedShare, room: room)
        self.update(above: self.leafCount + slot)
    }

    /// Takes a slot out: nothing is placed there.
    mutating func withdraw(slot: Int) {
        guard slot < self.leafCount, self.places[self.leafCount + slot].slot >= 0 else { return }
        self.nodes[slot] = nil
        self.places[self.leafCount + slot] = Place()
        self.update(above: self.leafCount + slot)
    }

    /// The emptiest node with room for `ask` that `accepts` takes.
    func emptiest(for ask: ResourceVector, where accepts: (Int) -> Bool) -> Int? {
        var best: Place?
        self.search(1, ask, accepts, &best)
        return best.map { Int($0.slot) }
    }

    /// Which of two slots is emptier, both being entered.
    func isEmptier(_ slot: Int, than other: Int) -> Bool {
        self.isEmptier(self.places[self.leafCount + slot], than: self.places[self.leafCount + other])
    }

    /// True when the slot is entered and has room for `ask`.
    func hasRoom(_ slot: Int, for ask: ResourceVector) -> Bool {
        slot < self.leafCount && ask.fits(in: self.places[self.leafCount + slot].room)
    }

    private func search(_ index: Int, _ ask: ResourceVector, _ accepts: (Int) -> Bool, _ best: inout Place?) {
        let place = self.places[index]
        guard place.slot >= 0, ask.fits(in: place.room) else { return }
        if let found = best, !self.isEmptier(place, than: found) { return }
        if index >= self.leafCount {
            if accepts(Int(place.slot)) { best = place }
            return
        }
        // The emptier half first: what it yields prunes the other.
        let left = 2 * index
        let right = left + 1
        if self.isEmptier(self.places[right], than: self.places[left]) {
            self.search(right, ask, accepts, &best)
            self.search(left, ask, accepts, &best)
        } else {
            self.search(left, ask, accepts, &best)
            self.search(right, ask, accepts, &best)
        }
    }

    private func isEmptier(_ place: Place, than other: Place) -> Bool {
        guard place.slot >= 0 else { return false }
        guard other.slot >= 0 else { return true }
        if place.usedShare != other.usedShare { return place.usedShare < other.usedShare }
        guard let id = self.nodes[Int(place.slot)], let otherID = self.nodes[Int(other.slot)] else { return false }
        return id < otherID
    }

    private mutating func update(above leaf: Int) {
        var index = leaf / 2
        while index >= 1 {
            self.places[index] = self.winner(of: index)
            index /= 2
        }
    }

    private func winner(of index: Int) -> Place {
        let left = self.places[2 * index]
        let right = self.places[2 * index + 1]
        var place = self.isEmptier(right, than: left) ? right : left
        place.room = left.room.maximum(right.room)
        return place
    }

    private mutating func grow(toHold slot: Int) {
        guard slot >= self.leafCount else { return }
        var wanted = self.leafCount
        while wanted <= slot { wanted *= 2 }
        let leaves = self.places[self.leafCount...]
        self.places = Array(repeating: Place(), count: wanted) + leaves
        self.places += Array(repeating: Place(), count: 2 * wanted - self.places.count)
        self.nodes += Array(repeating: nil, count: wanted - self.nodes.count)
        self.leafCount = wanted
        for index in stride(from: wanted - 1, through: 1, by: -1) { self.places[index] = self.winner(of: index) }
    }
}
