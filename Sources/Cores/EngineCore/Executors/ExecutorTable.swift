import ClusterModel

/// An executor that is alive.
struct Executor: Sendable {
    let description: ExecutorDescription
    let id: ExecutorID
    let host: Int
    let rack: Int?
    var freeCores: Int
    var runs = 0
    var isDraining = false
    /// Its end has been asked for.
    var isLeaving = false
    var isExcluded = false
    /// The scheduler's epoch when its outputs were last forgotten: what was launched before does not count for outputs.
    var outputsForgottenAt = 0
    var mayHaveTasks: Bool { !self.isDraining && !self.isLeaving && !self.isExcluded }
    let addedAt: Timestamp
    var heardAt: Timestamp
    /// nil while it has runs.
    var idleSince: Timestamp?
    var completed = 0
    var failed = 0
}

/// Executors in slots that are used again, and numbers for the names of hosts and racks.
struct ExecutorTable: Sendable {
    private var slots: [Executor] = []
    private var alive: [Bool] = []
    private var vacant: [Int] = []
    private var slotOfID: [ExecutorID: Int] = [:]
    private(set) var hosts = Names()
    private var racks = Names()
    /// Executors alive, by host.
    private var onHost: [Int: [Int]] = [:]
    private var onRack: [Int: Int] = [:]

    var count: Int { self.slotOfID.count }
    var indices: Range<Int> { self.slots.indices }

    func isAlive(_ slot: Int) -> Bool { self.alive[slot] }

    func slot(of id: ExecutorID) -> Int? { self.slotOfID[id] }

    subscript(slot: Int) -> Executor {
        _read { yield self.slots[slot] }
        _modify { yield &self.slots[slot] }
    }

    /// Slots of those alive, by number of the executor.
    var live: [Int] { self.slotOfID.sorted { $0.key < $1.key }.map(\.value) }

    var hostsAlive: Int { self.onHost.count }

    func executors(onHost host: Int) -> [Int] { self.onHost[host] ?? [] }

    func isRackAlive(_ rack: Int) -> Bool { self.onRack[rack] != nil }

    mutating func hostNumber(_ name: String) -> Int { self.hosts.number(of: name) }

    mutating func rackNumber(_ name: String) -> Int { self.racks.number(of: name) }

    mutating func insert(_ description: ExecutorDescription, at now: Timestamp) -> Int {
        let executor = Executor(
            description: description,
            id: description.id,
            host: self.hosts.number(of: description.host),
            rack: description.rack.map { self.racks.number(of: $0) },
            freeCores: description.cores,
            addedAt: now,
            heardAt: now,
            idleSince: now
        )
        let slot: Int
        if let free = self.vacant.popLast() {
            slot = free
            self.slots[slot] = executor
            self.alive[slot] = true
        } else {
            slot = self.slots.count
            self.slots.append(executor)
            self.alive.append(true)
        }
        self.slotOfID[executor.id] = slot
        self.onHost[executor.host, default: []].append(slot)
        if let rack = executor.rack { self.onRack[rack, default: 0] += 1 }
        return slot
    }

    mutating func remove(_ slot: Int) {
        let executor = self.slots[slot]
        self.slotOfID[executor.id] = nil
        self.alive[slot] = false
        self.vacant.append(slot)
        self.onHost[executor.host]?.removeAll { $0 == slot }
        if self.onHost[executor.host]?.isEmpty == true { self.onHost[executor.host] = nil }
        guard let rack = executor.rack else { return }
        let left = (self.onRack[rack] ?? 0) - 1
        self.onRack[rack] = left > 0 ? left : nil
    }
}

/// Numbers for names, so that comparing them costs nothing.
struct Names: Sendable {
    private var numbers: [String: Int] = [:]
    private(set) var names: [String] = []

    mutating func number(of name: String) -> Int {
        if let number = self.numbers[name] { return number }
        let number = self.names.count
        self.numbers[name] = number
        self.names.append(name)
        return number
    }

    func known(_ name: String) -> Int? { self.numbers[name] }
}
