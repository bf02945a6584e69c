internal import EngineCore
internal import Synchronization

/// What map tasks wrote, until no dataset needs it: in memory while there is room, else in files.
final class ShuffleStore: Sendable {
    struct Key: Hashable, Sendable {
        var shuffle: Digest
        var mapTask: Int
    }

    /// By shuffle and map task.
    private let outputs = Mutex<[Digest: [Int: ShuffleOutput]]>([:])
    /// Where outputs are that are not here; nil in an executor that is alone.
    let remote: (any RemoteOutputs)?
    /// The number of the executor that this belongs to.
    let executor: Int

    init(executor: Int = ExecutorID.driver.number, remote: (any RemoteOutputs)? = nil) {
        self.executor = executor
        self.remote = remote
    }

    func keep(_ output: ShuffleOutput, as key: Key) {
        self.outputs.withLock { $0[key.shuffle, default: [:]][key.mapTask] = output }
    }

    func output(_ key: Key) -> ShuffleOutput? { self.outputs.withLock { $0[key.shuffle]?[key.mapTask] } }

    /// What map tasks from a number on that ran here wrote for one partition, by number of the map task.
    func segments(
        of shuffle: Digest,
        partition: Int,
        from mapTask: Int
    ) -> [(mapTask: Int, segment: Segment)] {
        let found = self.outputs.withLock { $0[shuffle] ?? [:] }.filter { $0.key >= mapTask }
        return found.compactMap { mapTask, output in output.segment(partition).map { (mapTask, $0) } }
            .sorted { $0.mapTask < $1.mapTask }
    }

    /// Everything that is kept, in no order.
    var all: [(key: Key, output: ShuffleOutput)] {
        self.outputs.withLock { $0 }.flatMap { shuffle, outputs in
            outputs.map { (Key(shuffle: shuffle, mapTask: $0.key), $0.value) }
        }
    }

    var count: Int { self.outputs.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    func drop(_ key: Key) { self.outputs.withLock { $0[key.shuffle]?[key.mapTask] = nil } }

    /// - Returns: what was dropped.
    func drop(_ shuffle: Digest) -> [Key] {
        let dropped = self.outputs.withLock { $0.removeValue(forKey: shuffle) } ?? [:]
        return dropped.keys.map { Key(shuffle: shuffle, mapTask: $0) }
    }
}

/// Outputs that other executors have.
protocol RemoteOutputs: Sendable {
    /// What the executor that has this map task's output keeps for the partition: of this map task from a frame on, and of map
    /// tasks behind it as much as fits into one answer.
    /// - Parameter version: how current the places of outputs must be.
    /// - Returns: nil where the map task wrote nothing for the partition.
    /// - Throws: `TaskFault.fetchFailed`.
    func bundle(
        of shuffle: Digest,
        with mapTask: Int,
        from frame: Int,
        partition: Int,
        version: Int
    ) throws -> OutputBundle?

    /// A part of a partition that an executor keeps.
    func bundle(of name: BlockName.Kept, from server: OutputPlaces.Server) throws -> OutputBundle
}
