import ClusterModel

/// The room on the nodes of one rack, which have places of their own so that an index is no larger than its rack.
struct RackRoom: Sendable {
    var room = RoomIndex()
    /// The ledger's slot at each place; where a node has left, the one it had.
    private(set) var slots: [Int] = []
    private var freePlaces: [Int] = []

    mutating func join(_ slot: Int) -> Int {
        if let place = self.freePlaces.popLast() {
            self.slots[place] = slot
            return place
        }
        self.slots.append(slot)
        return self.slots.count - 1
    }

    mutating func leave(_ place: Int) {
        self.room.withdraw(slot: place)
        self.freePlaces.append(place)
    }

    /// The slot of the emptiest node of the rack with room for `ask` that `accepts` takes.
    func emptiest(for ask: ResourceVector, where accepts: (Int) -> Bool) -> Int? {
        self.room.emptiest(for: ask) { accepts(self.slots[$0]) }.map { self.slots[$0] }
    }
}

/// The books of the cluster: what every node has, what runs on it, what is free. Free space is what these books say,
/// never what a heartbeat reports.
///
/// A node is never booked beyond its capacity by a grant; only what a node itself reports to run, and a capacity that is
/// lowered, can exceed it.
struct Ledger: Sendable {
    struct Node: Sendable {
        var id: NodeID
        var rack: String
        var capacity: ResourceVector
        var used = ResourceVector.zero
        var isDraining = false
        /// Its place in the index of its rack.
        var rackPlace = 0
        var containers: Set<ContainerID> = []

        var free: ResourceVector { self.capacity - self.used }
    }

    struct Container: Sendable {
        var id: ContainerID
        var slot: Int
        var capability: ResourceVector
        var isMaster: Bool
        var stage: Stage
    }

    enum Stage: Sendable, Hashable {
        /// Handed out, not seen on its node yet.
        case granted
        /// Its node has it.
        case launched
        /// No longer the application's, but its node has not said that it is gone: its room stays taken.
        case leaving
    }

    private(set) var calculator: ResourceCalculator
    /// By slot; nil where a node has left.
    private(set) var nodes: [Node?] = []
    private var slots: [NodeID: Int] = [:]
    private var slotsByHost: [String: [Int]] = [:]
    private var freeSlots: [Int] = []
    private(set) var containers: [ContainerID: Container] = [:]
    /// Room of all nodes, and of the nodes of each rack.
    private(set) var room = RoomIndex()
    private var racks: [String: RackRoom] = [:]

    /// Capacity of the cluster; of a draining node only what it still uses counts.
    private(set) var total = ResourceVector.zero
    private(set) var used = ResourceVector.zero
    /// The most of each component that any node has.
    private(set) var largestNode = ResourceVector.zero

    init(calculator: ResourceCalculator) {
        self.calculator = calculator
    }

    // MARK: Nodes

    var nodeCount: Int { self.slots.count }

    /// Nodes that take new containers.
    private(set) var usableNodeCount = 0

    /// The most room of each component that any of them has.
    var mostRoom: ResourceVector {
        guard self.usableNodeCount > 0 else { return .zero }
        // Where only memory counts, the index does not hold vcores.
        return self.room.mostRoom.minimum(self.largestNode).maximum(.zero)
    }

    func slot(of node: NodeID) -> Int? { self.slots[node] }

    func node(_ slot: Int) -> Node? { slot < self.nodes.count ? self.nodes[slot] : nil }

    func node(_ id: NodeID) -> Node? { self.slots[id].flatMap { self.nodes[$0] } }

    func slots(onHost host: String) -> [Int] { self.slotsByHost[host] ?? [] }

    /// The slots of all nodes whose host or rack bears one of the names, as a blacklist means them.
    func slots(named names: Set<String>) -> Set<Int> {
        var slots: Set<Int> = []
        for name in names {
            slots.formUnion(self.slots(onHost: name))
            // A place that a node has left still names its slot, which may be another rack's by now.
            slots.formUnion((self.racks[name]?.slots ?? []).filter { self.nodes[$0]?.rack == name })
        }
        return slots
    }

    func room(inRack rack: String) -> RackRoom? { self.racks[rack] }

    mutating func add(_ id: NodeID, rack: String, capacity: ResourceVector) {
        precondition(self.slots[id] == nil, "node \(id) is in the ledger already")
        let slot = self.freeSlots.popLast() ?? self.nodes.count
        if slot == self.nodes.count { self.nodes.append(nil) }
        let rackPlace = self.racks[rack, default: RackRoom()].join(slot)
        self.nodes[slot] = Node(id: id, rack: rack, capacity: capacity, rackPlace: rackPlace)
        self.slots[id] = slot
        self.slotsByHost[id.host, default: []].append(slot)
        self.total += capacity
        self.usableNodeCount += 1
        self.largestNode = self.largestNode.maximum(capacity)
        self.refresh(slot)
    }

    mutating func setCapacity(_ capacity: ResourceVector, ofNode id: NodeID) {
        self.change(id) { $0.capacity = capacity }
        self.findLargestNode()
    }

    mutating func setDraining(_ isDraining: Bool, node id: NodeID) {
        self.change(id) { $0.isDraining = isDraining }
    }

    /// Forgets the node and all that runs there.
    /// - Returns: the containers that were there, by id.
    mutating func remove(_ id: NodeID) -> [Container] {
        guard let slot = self.slots.removeValue(forKey: id), let node = self.nodes[slot] else { return [] }
        let lost = node.containers.sorted().compactMap { self.containers.removeValue(forKey: $0) }
        self.total -= self.countedCapacity(node)
        self.used -= node.used
        if !node.isDraining { self.usableNodeCount -= 1 }
        self.nodes[slot] = nil
        self.freeSlots.append(slot)
        self.slotsByHost[id.host]?.removeAll { $0 == slot }
        if self.slotsByHost[id.host]?.isEmpty == true { self.slotsByHost[id.host] = nil }
        self.room.withdraw(slot: slot)
        self.racks[node.rack]?.leave(node.rackPlace)
        if node.capacity.memoryMiB == self.largestNode.memoryMiB || node.capacity.vcores == self.largestNode.vcores {
            self.findLargestNode()
        }
        return lost
    }

    mutating func setCalculator(_ calculator: ResourceCalculator) {
        self.calculator = calculator
        for slot in self.nodes.indices where self.nodes[slot] != nil { self.refresh(slot) }
    }

    // MARK: Containers

    /// Books a grant.
    mutating func grant(_ id: ContainerID, slot: Int, capability: ResourceVector, isMaster: Bool) {
        guard let node = self.nodes[slot] else { preconditionFailure("grant of \(id) on an empty slot") }
        precondition(
            self.calculator.fits(capability, in: node.free) && !node.isDraining,
            "grant of \(id) with \(capability) beyond the room \(node.free) of \(node.id)"
        )
        self.book(Container(id: id, slot: slot, capability: capability, isMaster: isMaster, stage: .granted))
    }

    /// Books what a node says it runs, whether it fits or not.
    mutating func recover(_ id: ContainerID, slot: Int, capability: ResourceVector, isMaster: Bool) {
        self.book(Container(id: id, slot: slot, capability: capability, isMaster: isMaster, stage: .launched))
    }

    mutating func setStage(_ stage: Stage, of id: ContainerID) {
        self.containers[id]?.stage = stage
    }

    /// Frees the room of a container.
    mutating func release(_ id: ContainerID) -> Container? {
        guard let container = self.containers.removeValue(forKey: id) else { return nil }
        self.used -= container.capability
        self.changeSlot(container.slot) { node in
            node.containers.remove(id)
            node.used -= container.capability
        }
        return container
    }

    private mutating func book(_ container: Container) {
        precondition(self.containers[container.id] == nil, "container \(container.id) is booked twice")
        self.containers[container.id] = container
        self.used += container.capability
        self.changeSlot(container.slot) { node in
            node.containers.insert(container.id)
            node.used += container.capability
        }
    }

    // MARK: Indexes

    private mutating func change(_ id: NodeID, _ body: (inout Node) -> Void) {
        if let slot = self.slots[id] { self.changeSlot(slot, body) }
    }

    private mutating func changeSlot(_ slot: Int, _ body: (inout Node) -> Void) {
        guard var node = self.nodes[slot].take() else { return }
        self.total -= self.countedCapacity(node)
        if !node.isDraining { self.usableNodeCount -= 1 }
        body(&node)
        if !node.isDraining { self.usableNodeCount += 1 }
        self.total += self.countedCapacity(node)
        self.nodes[slot] = node
        self.refresh(slot)
    }

    private func countedCapacity(_ node: Node) -> ResourceVector {
        node.isDraining ? node.used : node.capacity
    }

    private mutating func refresh(_ slot: Int) {
        guard let node = self.nodes[slot] else { return }
        guard !node.isDraining else {
            self.room.withdraw(slot: slot)
            self.racks[node.rack]?.room.withdraw(slot: node.rackPlace)
            return
        }
        let share = self.calculator.share(node.used, of: node.capacity)
        var free = node.free
        // Where only memory counts, vcores never stand in the way of a search.
        if self.calculator == .memoryOnly { free.vcores = .max }
        self.room.offer(node.id, slot: slot, room: free, usedShare: share)
        self.racks[node.rack]?.room.offer(node.id, slot: node.rackPlace, room: free, usedShare: share)
    }

    private mutating func findLargestNode() {
        self.largestNode = self.nodes.reduce(.zero) { largest, node in
            node.map { largest.maximum($0.capacity) } ?? largest
        }
    }
}
