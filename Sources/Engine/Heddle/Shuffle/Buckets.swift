/// Elements that are too many to be gathered in memory, spread by hash over buckets that are gathered one after the other;
/// a bucket that is still too large is spread again, by another part of the hash.
@usableFromInline struct BucketSplit<Element: Codable & Sendable>: ~Copyable {
    /// How many buckets there are.
    @usableFromInline static var count: Int { 16 }
    /// Elements that so many splits did not tell apart have the same hash.
    @usableFromInline static var levelMaximum: UInt64 { 8 }

    /// Whether elements of so many keys that were spread so often are spread once more: one key's stay together.
    @inlinable static func maySplit(_ keys: Int, _ level: UInt64) -> Bool { keys > 1 && level < Self.levelMaximum }

    @usableFromInline var writers: SegmentWriters
    @usableFromInline let codec = Codec<Element>()
    @usableFromInline let level: UInt64
    @usableFromInline var batch = 0

    /// - Parameter level: how often the elements were spread before.
    @inlinable init(_ task: TaskScope, level: UInt64) {
        self.writers = SegmentWriters(count: Self.count, task: task)
        self.level = level
    }

    /// - Parameter hash: of the element's key.
    @inlinable mutating func write(_ element: Element, hash: UInt64) throws {
        let bucket = Int(truncatingIfNeeded: Mixing.combine(hash, self.level) &>> 60)
        try self.writers.write(element, with: self.codec, to: bucket)
        self.batch &+= 1
        if self.batch >= Stream<Element>.batchCount {
            self.batch = 0
            try self.writers.settle()
        }
    }

    /// Spreads what has been gathered, then the rest of a stream.
    /// - Parameters:
    ///   - hash: of an element's key.
    ///   - begin: writes what has been gathered.
    @inlinable static func spread(
        _ rest: Stream<Element>,
        _ task: TaskScope,
        level: UInt64,
        hash: (Element) -> UInt64,
        beginning begin: (inout BucketSplit) throws -> Void = { _ in }
    ) throws -> Buckets<Element> {
        var split = BucketSplit(task, level: level)
        try begin(&split)
        var batch: [Element] = []
        while try rest.next(into: &batch) {
            for element in batch { try split.write(element, hash: hash(element)) }
        }
        return try split.finish()
    }

    @inlinable mutating func finish() throws -> Buckets<Element> { Buckets(try self.writers.finish()) }
}

/// What was spread.
@usableFromInline final class Buckets<Element: Codable & Sendable> {
    private let output: ShuffleOutput

    @usableFromInline init(_ output: ShuffleOutput) { self.output = output }

    /// How many bytes the elements of one bucket have.
    @usableFromInline func bytes(_ bucket: Int) -> Int64 { self.output.sizes[bucket] }

    /// The elements of one bucket, in the order in which they came.
    @usableFromInline func stream(_ bucket: Int) throws -> Stream<Element> {
        var cursor = SegmentCursor(try self.output.segment(bucket).orFault("bucket \(bucket)"))
        return Stream(reading: { try cursor.next() })
    }
}
