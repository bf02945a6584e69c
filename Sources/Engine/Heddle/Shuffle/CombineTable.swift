/// Gathers values by key before they travel. What the task has no memory for is written as it stands: the other side puts
/// the parts together.
@usableFromInline struct CombineTable<Key, Combined>: ~Copyable
where Key: Hashable & Codable & Sendable, Combined: Codable & Sendable {
    @usableFromInline var table = AggregationTable<Key, Combined>()
    @usableFromInline var writers: SegmentWriters
    @usableFromInline let partition: HashPartitioner<Key>
    @usableFromInline let memory: MemoryUse
    @usableFromInline let size = SizeSample<Pair<Key, Combined>>()
    @usableFromInline var turn = 0

    /// - Parameter count: how many partitions there are.
    @inlinable init(count: Int, task: TaskScope) {
        self.writers = SegmentWriters(count: count, task: task)
        self.partition = HashPartitioner(partitions: count, hash: self.table.hash)
        self.memory = MemoryUse(task)
    }

    /// How an entry is written for a partition.
    @usableFromInline typealias Write = (Pair<Key, Combined>, Int, inout SegmentWriters) throws -> Void

    /// Called after each batch: looks at an entry, another each time, and writes all if they have become too many.
    @inlinable mutating func settle(_ write: Write) throws {
        if self.table.isEmpty { return }
        if !self.size.isPlain {
            // Steps of a prime number meet all entries before they meet one again.
            self.turn = (self.turn &+ 7_919) % self.table.count
            try self.size.measure(self.table[self.turn])
        }
        if self.memory.grows(to: self.table.ownBytes + self.size.outside(of: self.table.count)) { return }
        try self.spread(write)
        self.memory.release()
    }

    @inlinable mutating func spread(_ write: Write) throws {
        var full = AggregationTable<Key, Combined>()
        swap(&full, &self.table)
        var batch = 0
        try full.drain { entry in
            let partition = self.partition(entry.key)
            try write(entry, partition, &self.writers)
            batch &+= 1
            if batch == Stream<Key>.batchCount {
                batch = 0
                try self.writers.settle()
            }
        }
    }

    @inlinable mutating func finish(_ write: Write) throws -> ShuffleOutput {
        try self.spread(write)
        return try self.writers.finish()
    }

    /// Writes entries as pairs.
    @inlinable static func pairs() -> Write {
        let codec = Codec<Pair<Key, Combined>>()
        return { try $2.write($0, with: codec, to: $1) }
    }
}
