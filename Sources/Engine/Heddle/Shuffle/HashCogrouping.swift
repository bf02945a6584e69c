/// The values of a key in two datasets, all of them together.
@usableFromInline struct HashCogrouping<Key, Left, Right>
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @usableFromInline typealias Group = Pair<[Left], [Right]>

    @usableFromInline let task: TaskScope

    @inlinable init(_ task: TaskScope) { self.task = task }

    @inlinable func open(
        _ left: Stream<Pair<Key, Left>>,
        _ right: Stream<Pair<Key, Right>>,
        level: UInt64 = 0
    ) throws -> Stream<Pair<Key, Group>> {
        var table = AggregationTable<Key, Group>()
        let memory = MemoryUse(self.task)
        let (leftSize, rightSize) = (SizeSample<Pair<Key, Left>>(), SizeSample<Pair<Key, Right>>())
        var (lefts, rights) = (0, 0)
        var (leftBatch, rightBatch): ([Pair<Key, Left>], [Pair<Key, Right>]) = ([], [])
        var isFull = false
        while !isFull, try left.next(into: &leftBatch) {
            for pair in leftBatch {
                table.upsert(pair.key, initial: { Pair([pair.value], []) }, update: { $0.key.append(pair.value) })
            }
            try leftSize.look(at: leftBatch)
            lefts += leftBatch.count
            isFull =
                !memory.grows(to: table.ownBytes + leftSize.bytes(of: lefts))
                && BucketSplit<Key>.maySplit(table.count, level)
        }
        while !isFull, try right.next(into: &rightBatch) {
            for pair in rightBatch {
                table.upsert(pair.key, initial: { Pair([], [pair.value]) }, update: { $0.value.append(pair.value) })
            }
            try rightSize.look(at: rightBatch)
            rights += rightBatch.count
            let bytes = table.ownBytes + leftSize.bytes(of: lefts) + rightSize.bytes(of: rights)
            isFull = !memory.grows(to: bytes) && BucketSplit<Key>.maySplit(table.count, level)
        }
        if !isFull { return Stream(giving: table.removeAll(), owner: memory) }
        let hash = table.hash
        let groups = table.removeAll()
        let leftBuckets = try BucketSplit.spread(
            left,
            self.task,
            level: level,
            hash: { hash($0.key) },
            beginning: { split in
                for group in groups {
                    let keyHash = hash(group.key)
                    for value in group.value.key { try split.write(Pair(group.key, value), hash: keyHash) }
                }
            }
        )
        let rightBuckets = try BucketSplit.spread(
            right,
            self.task,
            level: level,
            hash: { hash($0.key) },
            beginning: { split in
                for group in groups {
                    let keyHash = hash(group.key)
                    for value in group.value.value { try split.write(Pair(group.key, value), hash: keyHash) }
                }
            }
        )
        memory.release()
        return Stream(chaining: BucketSplit<Key>.count) { bucket in
            try self.open(leftBuckets.stream(bucket), rightBuckets.stream(bucket), level: level + 1)
        }
    }
}
