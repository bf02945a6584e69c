/// Values by keys, of which those that were not used for the longest time go when all together weigh too much.
struct LeastRecentlyUsed<Key: Hashable, Value> {
    fileprivate struct Entry {
        var value: Value
        var weight: Int
        var usedAt: Int
    }

    private var entries: [Key: Entry] = [:]
    private var time = 0
    private(set) var weight = 0
    let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { self.entries.count }

    /// The value, which counts as used.
    mutating func use(_ key: Key) -> Value? {
        guard let index = self.entries.index(forKey: key) else { return nil }
        self.time += 1
        self.entries.values[index].usedAt = self.time
        return self.entries.values[index].value
    }

    /// Takes a value in place of the one of that key.
    /// - Returns: what went for it, the longest unused first. It may be the new one itself, if it alone is too heavy.
    @discardableResult
    mutating func insert(_ value: Value, weight: Int = 1, for key: Key) -> [(key: Key, value: Value)] {
        self.remove(key)
        guard weight <= self.limit else { return [(key, value)] }
        self.time += 1
        self.entries[key] = Entry(value: value, weight: weight, usedAt: self.time)
        self.weight += weight
        guard self.weight > self.limit else { return [] }
        return self.makeRoom(keeping: key)
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let entry = self.entries.removeValue(forKey: key) else { return nil }
        self.weight -= entry.weight
        return entry.value
    }

    mutating func removeAll(where isUnwanted: (Key) -> Bool) {
        for key in self.entries.keys.filter(isUnwanted) { self.remove(key) }
    }

    /// A little more than is needed, so that the entries are not looked through for each new one.
    private mutating func makeRoom(keeping newest: Key) -> [(key: Key, value: Value)] {
        let goal = self.limit - self.limit / 8
        var gone: [(key: Key, value: Value)] = []
        for key in self.entries.sorted(by: { $0.value.usedAt < $1.value.usedAt }).map(\.key) where key != newest {
            guard self.weight > goal else { break }
            if let value = self.remove(key) { gone.append((key, value)) }
        }
        return gone
    }
}

extension LeastRecentlyUsed: Sendable where Key: Sendable, Value: Sendable {}

extension LeastRecentlyUsed.Entry: Sendable where Key: Sendable, Value: Sendable {}
