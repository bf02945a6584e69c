internal import EngineCore
internal import Synchronization

/// What map tasks wrote, until no dataset needs it.
final class ShuffleStore: Sendable {
    private struct Key: Hashable {
        var shuffle: Digest
        var mapTask: Int
    }

    private let outputs = Mutex<[Key: ShuffleOutput]>([:])
    /// Where outputs are that are not here; nil in an executor that is alone.
    let remote: (any RemoteOutputs)?

    init(remote: (any RemoteOutputs)? = nil) { self.remote = remote }

    func keep(_ output: ShuffleOutput, shuffle: Digest, mapTask: Int) {
        self.outputs.withLock { $0[Key(shuffle: shuffle, mapTask: mapTask)] = output }
    }

    func output(shuffle: Digest, mapTask: Int) -> ShuffleOutput? {
        self.outputs.withLock { $0[Key(shuffle: shuffle, mapTask: mapTask)] }
    }

    /// What all map tasks that ran here wrote for one partition, by number of the map task.
    func segments(of shuffle: Digest, partition: Int) -> [(mapTask: Int, bytes: TextBuffer)] {
        let found = self.outputs.withLock { outputs in outputs.filter { $0.key.shuffle == shuffle } }
        return found.filter { $0.value.segments.indices.contains(partition) }
            .map { ($0.key.mapTask, $0.value.segments[partition]) }.sorted { $0.mapTask < $1.mapTask }
    }

    var count: Int { self.outputs.withLock { $0.count } }

    func drop(_ shuffle: Digest) {
        self.outputs.withLock { outputs in
            outputs = outputs.filter { $0.key.shuffle != shuffle }
        }
    }
}

/// What one map task wrote: a run of bytes for each partition.
@usableFromInline final class ShuffleOutput: Sendable {
    let segments: [TextBuffer]

    @usableFromInline init(_ segments: [TextBuffer]) { self.segments = segments }
}

/// What all map tasks of a shuffle wrote for one partition.
@usableFromInline final class ShuffleInput {
    private let store: ShuffleStore
    private let shuffle: Digest
    @usableFromInline let mapTasks: Int
    private let partition: Int
    private let task: TaskScope
    /// What came along with a segment of another executor.
    private var fetched: [Int: TextBuffer] = [:]

    init(task: TaskScope, shuffle: Digest, mapTasks: Int, partition: Int) {
        self.task = task
        self.store = task.executor.shuffles
        self.shuffle = shuffle
        self.mapTasks = mapTasks
        self.partition = partition
    }

    /// What one map task wrote for this partition.
    @usableFromInline func segment(_ mapTask: Int) throws -> TextBuffer {
        if let output = self.store.output(shuffle: self.shuffle, mapTask: mapTask) {
            let segment = output.segments[self.partition]
            self.task.count { metrics in
                metrics.localBlocksRead += 1
                metrics.localBytesRead += Int64(segment.count)
            }
            return segment
        }
        if let segment = self.fetched.removeValue(forKey: mapTask) { return segment }
        guard let remote = self.store.remote else {
            throw TaskFault.fetchFailed(
                shuffle: self.shuffle,
                mapTask: mapTask,
                executor: ExecutorID.driver.number,
                reason: "it is not here"
            )
        }
        let bundle = try remote.bundle(
            of: self.shuffle,
            with: mapTask,
            partition: self.partition,
            version: self.task.outputsVersion
        )
        // Nobody has it where the task wrote nothing for this partition.
        guard let bundle, let segment = bundle[mapTask] else { return TextBuffer(copying: []) }
        self.task.count { metrics in
            metrics.remoteBlocksRead += Int64(bundle.count)
            metrics.remoteBytesRead += bundle.values.reduce(0) { $0 + Int64($1.count) }
        }
        self.fetched.merge(bundle) { $1 }
        self.fetched[mapTask] = nil
        return segment
    }
}

/// Outputs that other executors have.
protocol RemoteOutputs: Sendable {
    /// What the executor that has this map task's output keeps for the partition, of this and of other map tasks.
    /// - Parameter version: how current the places of outputs must be.
    /// - Returns: nil where the map task wrote nothing for the partition.
    /// - Throws: `TaskFault.fetchFailed`.
    func bundle(of shuffle: Digest, with mapTask: Int, partition: Int, version: Int) throws -> [Int: TextBuffer]?
}
