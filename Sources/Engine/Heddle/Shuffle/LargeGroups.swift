/// The values of keys that have so many that each of the keys has files of its own.
@usableFromInline final class LargeGroups<Key, Left, Right>
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @usableFromInline typealias Groups = Pair<Group<Left>, Group<Right>>

    private let task: TaskScope
    private var numbers: [Key: Int] = [:]
    private var keys: [Key] = []
    private var lefts: [GroupWriter<Left>] = []
    private var rights: [GroupWriter<Right>] = []

    /// Each has buffers; of more such keys each has so little of the whole that spreading parts them soon.
    private static var maximum: Int { 4 }

    @usableFromInline init(_ task: TaskScope) { self.task = task }

    @usableFromInline var isEmpty: Bool { self.keys.isEmpty }

    @usableFromInline var hasRoom: Bool { self.keys.count < Self.maximum }

    /// Begins the files of a key.
    @usableFromInline func add(_ key: Key, _ lefts: [Left], _ rights: [Right]) throws {
        let (left, right) = (GroupWriter<Left>(self.task), GroupWriter<Right>(self.task))
        self.numbers[key] = self.keys.count
        self.keys.append(key)
        self.lefts.append(left)
        self.rights.append(right)
        try left.add(lefts)
        try right.add(rights)
    }

    /// - Returns: whether the key is one of these, and its value taken.
    @usableFromInline func take(left pair: Pair<Key, Left>) throws -> Bool {
        guard let number = self.numbers[pair.key] else { return false }
        try self.lefts[number].add([pair.value])
        return true
    }

    /// - Returns: whether the key is one of these, and its value taken.
    @usableFromInline func take(right pair: Pair<Key, Right>) throws -> Bool {
        guard let number = self.numbers[pair.key] else { return false }
        try self.rights[number].add([pair.value])
        return true
    }

    /// The groups, in the order in which they were begun.
    @usableFromInline func finish() throws -> Stream<Pair<Key, Groups>> {
        var groups: [Pair<Key, Groups>] = []
        for (number, key) in self.keys.enumerated() {
            groups.append(Pair(key, Pair(try self.lefts[number].finish(), try self.rights[number].finish())))
        }
        (self.numbers, self.keys, self.lefts, self.rights) = ([:], [], [], [])
        return Stream(giving: groups)
    }
}

/// Writes one group to a file, once it is more than a frame.
private final class GroupWriter<Value: Codable & Sendable> {
    private let sink: FrameSink
    private let collector: FrameCollector<Value>
    private var count = 0

    private static var frameBytes: Int { 256 << 10 }

    init(_ task: TaskScope) {
        let sink = FrameSink(task)
        self.sink = sink
        self.collector = FrameCollector(frameBytes: Self.frameBytes) { try sink.take($0) }
    }

    func add(_ values: [Value]) throws {
        self.count += values.count
        try self.collector.add(values)
    }

    func finish() throws -> Group<Value> {
        self.sink.isEnding = true
        try self.collector.flush()
        return Group(try self.sink.finish(), count: self.count)
    }
}

/// Frames of one group: in a file, or, where it is the only one, in memory.
private final class FrameSink {
    private let task: TaskScope
    private var file: BlockFileWriter?
    private var last: TextBuffer?
    private var bytes: Int64 = 0
    var isEnding = false

    init(_ task: TaskScope) { self.task = task }

    func take(_ frame: TextBuffer) throws {
        if self.isEnding && self.file == nil {
            self.last = frame
            return
        }
        let executor = self.task.executor
        let file = try self.file ?? BlockFileWriter(executor.places, compresses: executor.settings.compressesShuffles)
        self.file = file
        self.bytes += Int64(frame.count)
        try file.append(frame)
    }

    func finish() throws -> FileSegment {
        guard let file = self.file else { return FileSegment(self.last.map { [$0] } ?? []) }
        let segment = try FileSegment(file)
        self.task.count { metrics in
            metrics.memorySpilled += self.bytes
            metrics.diskSpilled += file.position
        }
        return segment
    }
}
