/// Values by key: all in one array, those of a key linked in the order in which they came. A key with one value costs no memory
/// of its own.
@usableFromInline final class GatheredValues<Key, Value>
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @frozen @usableFromInline struct Chain {
        @usableFromInline var first: Int32
        @usableFromInline var last: Int32
        @usableFromInline var isMet = false

        @inlinable init(_ place: Int32) { (self.first, self.last) = (place, place) }
    }

    /// The values of one key.
    @frozen @usableFromInline struct Matches: Sequence, IteratorProtocol {
        @usableFromInline let values: GatheredValues
        @usableFromInline var place: Int32

        @inlinable init(_ values: GatheredValues, _ place: Int32) {
            self.values = values
            self.place = place
        }

        @inlinable mutating func next() -> Value? {
            if self.place < 0 { return nil }
            let index = Int(self.place)
            self.place = self.values.followers[index]
            return self.values.values[index]
        }
    }

    @usableFromInline var table = AggregationTable<Key, Chain>()
    @usableFromInline var values: [Value] = []
    /// The place of the key's next value; -1 behind its last.
    @usableFromInline var followers: [Int32] = []

    @inlinable init() {}

    @inlinable var keys: Int { self.table.count }
    @inlinable var count: Int { self.values.count }

    /// What is held besides what keys and values have outside, in bytes.
    @inlinable var ownBytes: Int {
        self.table.ownBytes + self.values.capacity * MemoryLayout<Value>.stride + self.followers.capacity * 4
    }

    @inlinable func add(_ pair: Pair<Key, Value>, keepsOne: Bool) {
        precondition(self.values.count < Int32.max, "a table of more than two billion values; use more partitions")
        let place = Int32(truncatingIfNeeded: self.values.count)
        var isTaken = true
        self.table.upsert(
            pair.key,
            initial: { Chain(place) },
            update: { chain in
                if keepsOne {
                    isTaken = false
                    return
                }
                self.followers[Int(chain.last)] = place
                chain.last = place
            }
        )
        if isTaken {
            self.values.append(pair.value)
            self.followers.append(-1)
        }
    }

    /// The values of a key, and whether they are asked for the first time.
    @inlinable func matches(of key: Key) -> (matches: Matches?, isFirst: Bool) {
        var (place, isFirst): (Int32, Bool) = (-1, true)
        let isKnown = self.table.update(key) { chain in
            (place, isFirst) = (chain.first, !chain.isMet)
            chain.isMet = true
        }
        return isKnown ? (Matches(self, place), isFirst) : (nil, true)
    }

    /// The key of a number, and its values, if nobody has asked for them.
    @inlinable func unmet(_ number: Int) -> (key: Key, matches: Matches)? {
        let entry = self.table[number]
        return entry.value.isMet ? nil : (entry.key, Matches(self, entry.value.first))
    }

    /// Calls a closure with every pair, and holds nothing afterwards.
    @inlinable func drain(_ body: (Pair<Key, Value>) throws -> Void) throws {
        var full = AggregationTable<Key, Chain>()
        swap(&full, &self.table)
        try full.drain { entry in
            for value in Matches(self, entry.value.first) { try body(Pair(entry.key, value)) }
        }
        self.values = []
        self.followers = []
    }
}
