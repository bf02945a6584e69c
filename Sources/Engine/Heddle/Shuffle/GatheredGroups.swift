/// The values of two datasets by key, as far as there is memory. A key that holds most of it goes to a file by itself, which no
/// spreading of keys would make smaller.
@usableFromInline final class GatheredGroups<Key, Left, Right>
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @usableFromInline typealias Gathered = Pair<[Left], [Right]>

    @usableFromInline var table = AggregationTable<Key, Gathered>()
    @usableFromInline let large: LargeGroups<Key, Left, Right>
    @usableFromInline let memory: MemoryUse
    @usableFromInline let level: UInt64
    @usableFromInline let sharing: TextSharing
    @usableFromInline let leftSize = SizeSample<Pair<Key, Left>>()
    @usableFromInline let rightSize = SizeSample<Pair<Key, Right>>()
    @usableFromInline var lefts = 0
    @usableFromInline var rights = 0

    /// - Parameters:
    ///   - level: how often the pairs were spread before.
    ///   - sharing: of the streams that the values come from.
    @inlinable init(_ task: TaskScope, level: UInt64, _ sharing: TextSharing) {
        self.large = LargeGroups(task)
        self.memory = MemoryUse(task)
        self.level = level
        self.sharing = sharing
    }

    /// - Returns: whether there is no memory for more, so that all has to be spread.
    @inlinable func take(lefts batch: [Pair<Key, Left>]) throws -> Bool {
        for pair in batch {
            if !self.large.isEmpty, try self.large.take(left: pair) { continue }
            self.table.upsert(pair.key, initial: { Pair([pair.value], []) }, update: { $0.key.append(pair.value) })
            self.lefts += 1
        }
        try self.leftSize.look(at: batch)
        return try self.isFull()
    }

    /// - Returns: as `take(lefts:)`.
    @inlinable func take(rights batch: [Pair<Key, Right>]) throws -> Bool {
        for pair in batch {
            if !self.large.isEmpty, try self.large.take(right: pair) { continue }
            self.table.upsert(pair.key, initial: { Pair([], [pair.value]) }, update: { $0.value.append(pair.value) })
            self.rights += 1
        }
        try self.rightSize.look(at: batch)
        return try self.isFull()
    }

    @usableFromInline func isFull() throws -> Bool {
        while true {
            let outside = self.leftSize.bytes(of: self.lefts) + self.rightSize.bytes(of: self.rights)
            if self.memory.grows(to: self.table.ownBytes + outside) { return false }
            if try !self.setLargestAside() { return BucketSplit<Key>.maySplit(self.table.count, self.level) }
        }
    }

    /// - Returns: whether there was a key with half of all values.
    private func setLargestAside() throws -> Bool {
        guard self.large.hasRoom else { return false }
        var (largest, place) = (0, 0)
        for index in 0..<self.table.count {
            let entry = self.table[index].value
            let count = entry.key.count + entry.value.count
            if count > largest { (largest, place) = (count, index) }
        }
        guard largest >= Stream<Left>.batchCount, largest * 2 >= self.lefts + self.rights else { return false }
        let entry = self.table[place]
        try self.large.add(entry.key, entry.value.key, entry.value.value)
        // The entry stays, empty: tables lose no keys.
        _ = self.table.update(entry.key) { $0 = Pair([], []) }
        self.lefts -= entry.value.key.count
        self.rights -= entry.value.value.count
        try self.stopSharing()
        self.memory.release()
        return true
    }

    /// What stays is a small part of what came, and must not keep the rest in memory.
    private func stopSharing() throws {
        guard self.sharing.isOn, !self.leftSize.isPlain || !self.rightSize.isPlain else { return }
        self.sharing.isOn = false
        let codec = Codec<Gathered>(finding: Gathered.self)
        for place in 0..<self.table.count {
            let entry = self.table[place]
            if entry.value.key.isEmpty && entry.value.value.isEmpty { continue }
            let own = try codec.decode(codec.encode(entry.value))
            _ = self.table.update(entry.key) { $0 = own }
        }
    }

    /// What was gathered in memory, and belongs to no key that was set aside.
    @inlinable func removeAll() -> [Pair<Key, Gathered>] {
        let entries = self.table.removeAll()
        return self.large.isEmpty ? entries : entries.filter { !$0.value.key.isEmpty || !$0.value.value.isEmpty }
    }
}
