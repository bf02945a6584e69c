internal import Synchronization

/// What map tasks wrote, until no dataset needs it.
final class ShuffleStore: Sendable {
    private struct Key: Hashable {
        var shuffle: Digest
        var mapTask: Int
    }

    private let outputs = Mutex<[Key: ShuffleOutput]>([:])

    func keep(_ output: ShuffleOutput, shuffle: Digest, mapTask: Int) {
        self.outputs.withLock { $0[Key(shuffle: shuffle, mapTask: mapTask)] = output }
    }

    func output(shuffle: Digest, mapTask: Int) -> ShuffleOutput? {
        self.outputs.withLock { $0[Key(shuffle: shuffle, mapTask: mapTask)] }
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

    init(store: ShuffleStore, shuffle: Digest, mapTasks: Int, partition: Int) {
        self.store = store
        self.shuffle = shuffle
        self.mapTasks = mapTasks
        self.partition = partition
    }

    /// What one map task wrote for this partition.
    @usableFromInline func segment(_ mapTask: Int) throws -> TextBuffer {
        guard let output = self.store.output(shuffle: self.shuffle, mapTask: mapTask) else {
            throw TaskFault.fetchFailed(shuffle: self.shuffle, mapTask: mapTask, reason: "it is not here")
        }
        return output.segments[self.partition]
    }
}
