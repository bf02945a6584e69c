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
            if memory.grows(to: bytes) || table.count == 1 || level == BucketSplit<Key>.levelMaximum { continue }
            var split = BucketSplit<Pair<Key, Value>>(self.task, level: level)
            let hash = table.hash
            try table.drain { try split.write($0, hash: hash($0.key)) }
            table = AggregationTable<Key, Value>()
            memory.release()
            while try source.next(into: &batch) {
                for pair in batch { try split.write(pair, hash: hash(pair.key)) }
            }
            let buckets = try split.finish()
            return Stream(chaining: BucketSplit<Key>.count) { try self.open(buckets.stream($0), level: level + 1) }
        }
        return Stream(giving: table.removeAll(), owner: memory)
    }
}

/// All values of each key. A single key's are in memory together.
@usableFromInline struct HashGrouping<Key, Value>
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @usableFromInline let task: TaskScope

    @inlinable init(_ task: TaskScope) { self.task = task }

    @inlinable func open(
        _ source: Stream<Pair<Key, Value>>,
        level: UInt64 = 0
    ) throws -> Stream<Pair<Key, [Value]>> {
        var table = AggregationTable<Key, [Value]>()
        let memory = MemoryUse(self.task)
        let size = SizeSample<Pair<Key, Value>>()
        var taken = 0
        var batch: [Pair<Key, Value>] = []
        while try source.next(into: &batch) {
            for pair in batch {
                table.upsert(pair.key, initial: { [pair.value] }, update: { $0.append(pair.value) })
            }
            try size.look(at: batch)
            taken += batch.count
            let bytes = table.ownBytes + size.bytes(of: taken)
            if memory.grows(to: bytes) || table.count == 1 || level == BucketSplit<Key>.levelMaximum { continue }
            var split = BucketSplit<Pair<Key, Value>>(self.task, level: level)
            let hash = table.hash
            try table.drain { group in
                let keyHash = hash(group.key)
                for value in group.value { try split.write(Pair(group.key, value), hash: keyHash) }
            }
            table = AggregationTable<Key, [Value]>()
            memory.release()
            while try source.next(into: &batch) {
                for pair in batch { try split.write(pair, hash: hash(pair.key)) }
            }
            let buckets = try split.finish()
            return Stream(chaining: BucketSplit<Key>.count) { try self.open(buckets.stream($0), level: level + 1) }
        }
        return Stream(giving: table.removeAll(), owner: memory)
    }
}

/// Every element once.
@usableFromInline struct HashDistinct<Element: Hashable & Codable & Sendable> {
    @usableFromInline let task: TaskScope

    @inlinable init(_ task: TaskScope) { self.task = task }

    @inlinable func open(_ source: Stream<Element>, level: UInt64 = 0) throws -> Stream<Element> {
        var table = AggregationTable<Element, Bool>()
        let memory = MemoryUse(self.task)
        let size = SizeSample<Element>()
        var batch: [Element] = []
        while try source.next(into: &batch) {
            for element in batch { table.merge(element, true) { seen, _ in seen } }
            try size.look(at: batch)
            let bytes = table.ownBytes + size.outside(of: table.count)
            if memory.grows(to: bytes) || table.count == 1 || level == BucketSplit<Element>.levelMaximum { continue }
            var split = BucketSplit<Element>(self.task, level: level)
            let hash = table.hash
            try table.drain { try split.write($0.key, hash: hash($0.key)) }
            table = AggregationTable<Element, Bool>()
            memory.release()
            while try source.next(into: &batch) {
                for element in batch { try split.write(element, hash: hash(element)) }
            }
            let buckets = try split.finish()
            return Stream(chaining: BucketSplit<Element>.count) { try self.open(buckets.stream($0), level: level + 1) }
        }
        return Stream(giving: table.removeAll().map(\.key), owner: memory)
    }
}
