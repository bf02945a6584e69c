/// Where the outputs of every shuffle lie.
struct ShuffleTable: Sendable {
    private var shuffles: [ShuffleID: ShuffleOutputs] = [:]

    var count: Int { self.shuffles.count }
    var ids: [ShuffleID] { self.shuffles.keys.sorted() }

    subscript(id: ShuffleID) -> ShuffleOutputs? {
        _read { yield self.shuffles[id] }
        _modify { yield &self.shuffles[id] }
    }

    mutating func register(_ id: ShuffleID, maps: Int, reduces: Int) {
        if self.shuffles[id] == nil { self.shuffles[id] = ShuffleOutputs(maps: maps, reduces: reduces) }
    }

    mutating func forget(_ id: ShuffleID) { self.shuffles[id] = nil }

    func isComplete(_ id: ShuffleID) -> Bool { self.shuffles[id].map(\.isComplete) ?? false }

    /// Forgets the outputs for which that holds; gives, by number of the shuffle, which maps they were.
    mutating func forgetOutputs(where holds: (MapOutput) -> Bool) -> [(shuffle: ShuffleID, lost: [LostOutput])] {
        var result: [(shuffle: ShuffleID, lost: [LostOutput])] = []
        for id in self.ids {
            guard let lost = self.shuffles[id]?.forget(where: holds), !lost.isEmpty else { continue }
            result.append((id, lost))
        }
        return result
    }

    /// Shuffles of which that executor's tasks wrote outputs, in order.
    func withOutputs(of executor: ExecutorID) -> [ShuffleID] {
        self.ids.filter { (self.shuffles[$0]?.countOfExecutor[executor] ?? 0) > 0 }
    }

    /// Whether that executor holds outputs which nobody else could serve.
    func holdsOutputs(_ executor: ExecutorID, where holds: (ShuffleID) -> Bool) -> Bool {
        self.shuffles.contains { holds($0.key) && ($0.value.countOfExecutor[executor] ?? 0) > 0 }
    }
}

/// What one map task left behind.
struct MapOutput: Sendable {
    var task: TaskAttempt
    var executor: ExecutorID
    var host: Int
    var sizes: ShuffleSizes
}

struct LostOutput: Sendable {
    var map: Int
    var task: TaskAttempt
}

/// The outputs of one shuffle, by map partition.
struct ShuffleOutputs: Sendable {
    let reduces: Int
    private(set) var outputs: [MapOutput?]
    private(set) var available = 0
    /// Partitions of which one success has been counted.
    var counted: [Bool]
    /// Nobody can name it any more; goes with the stage that some job still needs.
    var isForgotten = false
    private(set) var countOfExecutor: [ExecutorID: Int] = [:]

    init(maps: Int, reduces: Int) {
        self.reduces = reduces
        self.outputs = Array(repeating: nil, count: maps)
        self.counted = Array(repeating: false, count: maps)
    }

    var isComplete: Bool { self.available == self.outputs.count }
    var missing: [Int] { self.outputs.indices.filter { self.outputs[$0] == nil } }

    func output(of map: Int) -> MapOutput? { self.outputs.indices.contains(map) ? self.outputs[map] : nil }

    func has(_ map: Int) -> Bool { self.outputs[map] != nil }

    mutating func register(_ output: MapOutput, of map: Int) {
        guard self.outputs[map] == nil else { return }
        self.outputs[map] = output
        self.available += 1
        self.countOfExecutor[output.executor, default: 0] += 1
    }

    mutating func forget(_ map: Int) -> LostOutput? {
        guard let output = self.outputs[map] else { return nil }
        self.outputs[map] = nil
        self.available -= 1
        let left = (self.countOfExecutor[output.executor] ?? 0) - 1
        self.countOfExecutor[output.executor] = left > 0 ? left : nil
        return LostOutput(map: map, task: output.task)
    }

    mutating func forget(where holds: (MapOutput) -> Bool) -> [LostOutput] {
        guard self.available > 0 else { return [] }
        var lost: [LostOutput] = []
        for map in self.outputs.indices {
            guard let output = self.outputs[map], holds(output), let gone = self.forget(map) else { continue }
            lost.append(gone)
        }
        return lost
    }

    /// Above so many partitions, looking for hosts would take longer than it saves.
    private static let partitionsLookedAt = 1000
    /// A host is near to a reduce partition if it has a fifth of its bytes.
    private static let hostShare: Int64 = 5

    /// By reduce partition, the hosts that hold much of it, in order; empty where there are too many partitions.
    func nearHosts() -> [[Int]] {
        guard self.outputs.count < Self.partitionsLookedAt, self.reduces < Self.partitionsLookedAt else { return [] }
        let hosts = Array(Set(self.outputs.compactMap { $0?.host })).sorted()
        let placeOfHost = Dictionary(uniqueKeysWithValues: hosts.enumerated().map { ($0.element, $0.offset) })
        var bytes = [Int64](repeating: 0, count: hosts.count * self.reduces)
        for output in self.outputs {
            guard let output, let place = placeOfHost[output.host] else { continue }
            for reduce in 0..<min(self.reduces, output.sizes.partitions) {
                bytes[reduce * hosts.count + place] += output.sizes.bytes(of: reduce)
            }
        }
        return (0..<self.reduces).map { reduce in
            let row = bytes[(reduce * hosts.count)..<((reduce + 1) * hosts.count)]
            let total = row.reduce(0, +)
            guard total > 0 else { return [] }
            return zip(hosts, row).filter { $0.1 * Self.hostShare >= total }.map(\.0)
        }
    }
}
