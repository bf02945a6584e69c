internal import EngineCore
internal import Synchronization

/// What map tasks wrote, until no dataset needs it: in memory while there is room, else in files.
final class ShuffleStore: Sendable {
    struct Key: Hashable, Sendable {
        var shuffle: Digest
        var mapTask: Int
    }

    private let outputs = Mutex<[Key: ShuffleOutput]>([:])
    /// Where outputs are that are not here; nil in an executor that is alone.
    let remote: (any RemoteOutputs)?
    /// The number of the executor that this belongs to.
    let executor: Int

    init(executor: Int = ExecutorID.driver.number, remote: (any RemoteOutputs)? = nil) {
        self.executor = executor
        self.remote = remote
    }

    func keep(_ output: ShuffleOutput, as key: Key) { self.outputs.withLock { $0[key] = output } }

    func output(_ key: Key) -> ShuffleOutput? { self.outputs.withLock { $0[key] } }

    /// What map tasks that ran here wrote for one partition, by number of the map task.
    func segments(of shuffle: Digest, partition: Int) -> [(mapTask: Int, segment: Segment)] {
        let found = self.outputs.withLock { outputs in outputs.filter { $0.key.shuffle == shuffle } }
        return found.compactMap { key, output in output.segment(partition).map { (key.mapTask, $0) } }
            .sorted { $0.mapTask < $1.mapTask }
    }

    var count: Int { self.outputs.withLock { $0.count } }

    func drop(_ key: Key) { self.outputs.withLock { _ = $0.removeValue(forKey: key) } }

    /// - Returns: what was dropped.
    func drop(_ shuffle: Digest) -> [Key] {
        self.outputs.withLock { outputs in
            let dropped = outputs.keys.filter { $0.shuffle == shuffle }
            for key in dropped { outputs[key] = nil }
            return dropped
        }
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
}
