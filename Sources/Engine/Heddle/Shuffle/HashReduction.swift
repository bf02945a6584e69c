/// One value for each key, whatever number of keys there is.
@usableFromInline struct HashReduction<Key, Value>
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @usableFromInline let task: TaskScope
    @usableFromInline let combine: (Value, Value) throws -> Value

    @inlinable init(_ task: TaskScope, _ combine: @escaping (Value, Value) throws -> Value) {
        self.task = task
        self.combine = combine
    }

    @inlinable func open(
        _ source: Stream<Pair<Key, Value>>,
        level: UInt64 = 0
    ) throws -> Stream<Pair<Key, Value>> {
        var table = AggregationTable<Key, Value>()
        let memory = MemoryUse(self.task)
        let size = SizeSample<Pair<Key, Value>>()
        var batch: [Pair<Key, Value>] = []
        while try source.next(into: &batch) {
            for pair in batch { try table.merge(pair.key, pair.value, self.combine) }
            try size.look(at: batch)
            let bytes = table.ownBytes + size.outside(of: table.count)
            if memory.grows(to: bytes) || !BucketSplit<Key>.maySplit(table.count, level) { continue }
            let hash = table.hash
            let buckets = try BucketSplit.spread(
                source,
                self.task,
                level: level,
                hash: { hash($0.key) },
                beginning: { split in
                    try table.drain { try split.write($0, hash: hash($0.key)) }
                    table = AggregationTable<Key, Value>()
                    memory.release()
                }
            )
            return Stream(chaining: BucketSplit<Key>.count) { try self.open(buckets.stream($0), level: level + 1) }
        }
        return Stream(giving: table.removeAll(), owner: memory)
    }
}
