/// Two sides that meet by key: one is gathered in a table, the other goes by. A table that does not fit is spread over buckets,
/// and the other side with it.
///
/// `Kept` is what the table holds of a key.
@usableFromInline struct HashMeeting<Key, Built, Passing, Kept, Output>
where Key: Hashable & Codable & Sendable, Built: Codable & Sendable, Passing: Codable & Sendable {
    /// Takes one more value of a key into what is kept of it; nil where it is the first.
    @usableFromInline typealias Take = (Built, inout Kept?) -> Void
    /// What was taken, to be written elsewhere.
    @usableFromInline typealias Untake = (Kept) -> [Built]
    /// What a passing pair makes, with what is kept of its key, if anything is.
    @usableFromInline typealias Meet = (Pair<Key, Passing>, inout Kept?, inout [Output]) -> Void
    /// What is made of a key's values at the end.
    @usableFromInline typealias Remain = (Key, Kept, inout [Output]) -> Void

    @usableFromInline let task: TaskScope
    @usableFromInline let take: Take
    @usableFromInline let untake: Untake
    @usableFromInline let meet: Meet
    @usableFromInline let remain: Remain?

    @inlinable init(
        _ task: TaskScope,
        take: @escaping Take,
        untake: @escaping Untake,
        meet: @escaping Meet,
        remain: Remain? = nil
    ) {
        self.task = task
        self.take = take
        self.untake = untake
        self.meet = meet
        self.remain = remain
    }

    @usableFromInline final class Table {
        @usableFromInline var entries = AggregationTable<Key, Kept?>()
        @usableFromInline let memory: MemoryUse

        @inlinable init(_ task: TaskScope) { self.memory = MemoryUse(task) }
    }

    @inlinable func open(
        _ built: Stream<Pair<Key, Built>>,
        _ passing: @escaping () throws -> Stream<Pair<Key, Passing>>,
        level: UInt64 = 0
    ) throws -> Stream<Output> {
        let table = Table(self.task)
        let size = SizeSample<Pair<Key, Built>>()
        var taken = 0
        var batch: [Pair<Key, Built>] = []
        while try built.next(into: &batch) {
            for pair in batch {
                table.entries.upsert(
                    pair.key,
                    initial: {
                        var kept: Kept?
                        self.take(pair.value, &kept)
                        return kept
                    },
                    update: { self.take(pair.value, &$0) }
                )
            }
            try size.look(at: batch)
            taken += batch.count
            let bytes = table.entries.ownBytes + size.bytes(of: taken)
            if table.memory.grows(to: bytes) || table.entries.count == 1 || level == BucketSplit<Key>.levelMaximum {
                continue
            }
            return try self.spread(table, built, passing, level)
        }
        return self.met(table, try passing())
    }

    @inlinable func spread(
        _ table: Table,
        _ built: Stream<Pair<Key, Built>>,
        _ passing: () throws -> Stream<Pair<Key, Passing>>,
        _ level: UInt64
    ) throws -> Stream<Output> {
        var split = BucketSplit<Pair<Key, Built>>(self.task, level: level)
        let hash = table.entries.hash
        try table.entries.drain { entry in
            guard let kept = entry.value else { return }
            let keyHash = hash(entry.key)
            for value in self.untake(kept) { try split.write(Pair(entry.key, value), hash: keyHash) }
        }
        table.entries = AggregationTable<Key, Kept?>()
        table.memory.release()
        var batch: [Pair<Key, Built>] = []
        while try built.next(into: &batch) {
            for pair in batch { try split.write(pair, hash: hash(pair.key)) }
        }
        let builtBuckets = try split.finish()
        var others = BucketSplit<Pair<Key, Passing>>(self.task, level: level)
        let source = try passing()
        var otherBatch: [Pair<Key, Passing>] = []
        while try source.next(into: &otherBatch) {
            for pair in otherBatch { try others.write(pair, hash: hash(pair.key)) }
        }
        let passingBuckets = try others.finish()
        return Stream(chaining: BucketSplit<Key>.count) { bucket in
            try self.open(builtBuckets.stream(bucket), { try passingBuckets.stream(bucket) }, level: level + 1)
        }
    }

    @inlinable func met(_ table: Table, _ passing: Stream<Pair<Key, Passing>>) -> Stream<Output> {
        var waiting: [Pair<Key, Passing>] = []
        var position = 0
        var rest = 0
        return Stream<Output> { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.count < Stream<Output>.batchCount {
                if position == waiting.count {
                    position = 0
                    if try !passing.next(into: &waiting) { break }
                }
                let pair = waiting[position]
                position += 1
                let isKnown = table.entries.update(pair.key) { self.meet(pair, &$0, &batch) }
                if !isKnown {
                    var nothing: Kept?
                    self.meet(pair, &nothing, &batch)
                }
            }
            guard let remain = self.remain else { return !batch.isEmpty }
            while batch.count < Stream<Output>.batchCount, rest < table.entries.count {
                let entry = table.entries[rest]
                rest += 1
                if let kept = entry.value { remain(entry.key, kept, &batch) }
            }
            return !batch.isEmpty
        }
    }
}

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
            isFull = !memory.grows(to: table.ownBytes + leftSize.bytes(of: lefts)) && self.maySplit(table.count, level)
        }
        while !isFull, try right.next(into: &rightBatch) {
            for pair in rightBatch {
                table.upsert(pair.key, initial: { Pair([], [pair.value]) }, update: { $0.value.append(pair.value) })
            }
            try rightSize.look(at: rightBatch)
            rights += rightBatch.count
            let bytes = table.ownBytes + leftSize.bytes(of: lefts) + rightSize.bytes(of: rights)
            isFull = !memory.grows(to: bytes) && self.maySplit(table.count, level)
        }
        if !isFull { return Stream(giving: table.removeAll(), owner: memory) }
        var leftSplit = BucketSplit<Pair<Key, Left>>(self.task, level: level)
        var rightSplit = BucketSplit<Pair<Key, Right>>(self.task, level: level)
        let hash = table.hash
        try table.drain { entry in
            let keyHash = hash(entry.key)
            for value in entry.value.key { try leftSplit.write(Pair(entry.key, value), hash: keyHash) }
            for value in entry.value.value { try rightSplit.write(Pair(entry.key, value), hash: keyHash) }
        }
        table = AggregationTable<Key, Group>()
        memory.release()
        while try left.next(into: &leftBatch) {
            for pair in leftBatch { try leftSplit.write(pair, hash: hash(pair.key)) }
        }
        while try right.next(into: &rightBatch) {
            for pair in rightBatch { try rightSplit.write(pair, hash: hash(pair.key)) }
        }
        let (leftBuckets, rightBuckets) = (try leftSplit.finish(), try rightSplit.finish())
        return Stream(chaining: BucketSplit<Key>.count) { bucket in
            try self.open(leftBuckets.stream(bucket), rightBuckets.stream(bucket), level: level + 1)
        }
    }

    @inlinable func maySplit(_ keys: Int, _ level: UInt64) -> Bool {
        keys > 1 && level < BucketSplit<Key>.levelMaximum
    }
}
