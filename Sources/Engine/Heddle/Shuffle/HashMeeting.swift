/// Two sides that meet by key: one is gathered in a table, the other goes by. A table that does not fit is spread over buckets,
/// and the other side with it.
@usableFromInline struct HashMeeting<Key, Built, Passing, Output>
where Key: Hashable & Codable & Sendable, Built: Codable & Sendable, Passing: Codable & Sendable {
    @usableFromInline typealias Matches = GatheredValues<Key, Built>.Matches
    /// What a passing pair makes, with the gathered values of its key; nil where there are none. `isFirst`: whether the key has
    /// not been met before.
    @usableFromInline typealias Meet = (Pair<Key, Passing>, Matches?, _ isFirst: Bool, inout [Output]) -> Void
    /// What is made at the end of a key that nothing has met.
    @usableFromInline typealias Remain = (Key, Matches, inout [Output]) -> Void
    /// The same with the other side gathered, of pairs that were spread so often.
    @usableFromInline typealias Turned = (
        _ built: Stream<Pair<Key, Built>>, _ passing: Stream<Pair<Key, Passing>>, _ level: UInt64
    ) throws -> Stream<Output>

    @usableFromInline let task: TaskScope
    /// Whether one value of a key stands for all.
    @usableFromInline let keepsOne: Bool
    @usableFromInline let turned: Turned?
    @usableFromInline let meet: Meet
    @usableFromInline let remain: Remain?

    @inlinable init(
        _ task: TaskScope,
        keepsOne: Bool = false,
        turned: Turned? = nil,
        meet: @escaping Meet,
        remain: Remain? = nil
    ) {
        self.task = task
        self.keepsOne = keepsOne
        self.turned = turned
        self.meet = meet
        self.remain = remain
    }

    @inlinable func open(
        _ built: Stream<Pair<Key, Built>>,
        _ passing: @escaping () throws -> Stream<Pair<Key, Passing>>,
        level: UInt64 = 0
    ) throws -> Stream<Output> {
        let gathered = GatheredValues<Key, Built>()
        let memory = MemoryUse(self.task)
        let size = SizeSample<Pair<Key, Built>>()
        var batch: [Pair<Key, Built>] = []
        while try built.next(into: &batch) {
            for pair in batch { gathered.add(pair, keepsOne: self.keepsOne) }
            try size.look(at: batch)
            let bytes = gathered.ownBytes + size.outside(of: gathered.count)
            if memory.grows(to: bytes) || !self.maySplit(gathered.keys, level) { continue }
            return try self.spread(gathered, memory, built, passing, level)
        }
        return self.met(gathered, memory, try passing())
    }

    /// Also one key's values are spread once where the other side may be gathered instead.
    @inlinable func maySplit(_ keys: Int, _ level: UInt64) -> Bool {
        BucketSplit<Key>.maySplit(keys, level) || (level == 0 && self.turned != nil)
    }

    @inlinable func spread(
        _ gathered: GatheredValues<Key, Built>,
        _ memory: MemoryUse,
        _ built: Stream<Pair<Key, Built>>,
        _ passing: () throws -> Stream<Pair<Key, Passing>>,
        _ level: UInt64
    ) throws -> Stream<Output> {
        let hash = KeyHash<Key>()
        let builtBuckets = try BucketSplit.spread(
            built,
            self.task,
            level: level,
            hash: { hash($0.key) },
            beginning: { split in
                try gathered.drain { try split.write($0, hash: hash($0.key)) }
                memory.release()
            }
        )
        let passingBuckets = try BucketSplit.spread(passing(), self.task, level: level) { hash($0.key) }
        return Stream(chaining: BucketSplit<Key>.count) { bucket in
            let built = try builtBuckets.stream(bucket)
            if let turned = self.turned, passingBuckets.bytes(bucket) < builtBuckets.bytes(bucket) / 2 {
                return try turned(built, passingBuckets.stream(bucket), level + 1)
            }
            return try self.open(built, { try passingBuckets.stream(bucket) }, level: level + 1)
        }
    }

    @inlinable func met(
        _ gathered: GatheredValues<Key, Built>,
        _ memory: MemoryUse,
        _ passing: Stream<Pair<Key, Passing>>
    ) -> Stream<Output> {
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
                let (matches, isFirst) = gathered.matches(of: pair.key)
                self.meet(pair, matches, isFirst, &batch)
            }
            guard let remain = self.remain else { return !batch.isEmpty }
            while batch.count < Stream<Output>.batchCount, rest < gathered.keys {
                if let (key, matches) = gathered.unmet(rest) { remain(key, matches, &batch) }
                rest += 1
            }
            withExtendedLifetime(memory) {}
            return !batch.isEmpty
        }
    }
}
