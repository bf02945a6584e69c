/// The values of a key in two datasets, all of them together.
@usableFromInline struct HashCogrouping<Key, Left, Right>
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @usableFromInline typealias Groups = Pair<Group<Left>, Group<Right>>

    @usableFromInline let task: TaskScope
    @usableFromInline let sharing: TextSharing

    /// - Parameter sharing: of the streams that are opened first.
    @inlinable init(_ task: TaskScope, _ sharing: TextSharing) {
        self.task = task
        self.sharing = sharing
    }

    @inlinable func open(
        _ left: Stream<Pair<Key, Left>>,
        _ right: Stream<Pair<Key, Right>>,
        level: UInt64 = 0
    ) throws -> Stream<Pair<Key, Groups>> {
        let gathered = GatheredGroups<Key, Left, Right>(self.task, level: level, self.sharing)
        var (leftBatch, rightBatch): ([Pair<Key, Left>], [Pair<Key, Right>]) = ([], [])
        var isFull = false
        while !isFull, try left.next(into: &leftBatch) { isFull = try gathered.take(lefts: leftBatch) }
        while !isFull, try right.next(into: &rightBatch) { isFull = try gathered.take(rights: rightBatch) }
        if isFull { return try self.spread(gathered, left, right) }
        let groups = Stream(giving: gathered.removeAll(), owner: gathered.memory)
            .mapped { Pair($0.key, Pair(Group($0.value.key), Group($0.value.value))) }
        if gathered.large.isEmpty { return groups }
        return Stream(chaining: 2) { $0 == 0 ? groups : try gathered.large.finish() }
    }

    @inlinable func spread(
        _ gathered: GatheredGroups<Key, Left, Right>,
        _ left: Stream<Pair<Key, Left>>,
        _ right: Stream<Pair<Key, Right>>
    ) throws -> Stream<Pair<Key, Groups>> {
        let (level, large) = (gathered.level, gathered.large)
        let hash = gathered.table.hash
        let groups = gathered.removeAll()
        let leftBuckets = try BucketSplit.spread(
            large.isEmpty ? left : left.filtered { try !large.take(left: $0) },
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
            large.isEmpty ? right : right.filtered { try !large.take(right: $0) },
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
        gathered.memory.release()
        let buckets = BucketSplit<Key>.count
        return Stream(chaining: buckets + 1) { bucket in
            if bucket == buckets { return try large.finish() }
            return try self.open(leftBuckets.stream(bucket), rightBuckets.stream(bucket), level: level + 1)
        }
    }
}
