/// Keys and what was gathered for each: the table behind reduceByKey, aggregateByKey, groupByKey and distinct.
///
/// Entries stand one behind the other in the order in which their keys came; a table of places beside them is searched by
/// hash, one probe for finding a key or making its entry. Texts are kept with bytes of their own, so that a key does not
/// hold the block of a file that it was found in.
@safe @frozen public struct AggregationTable<Key: Hashable & SendableMetatype, Value>: ~Copyable {
    /// A key and its value.
    public typealias Entry = Pair<Key, Value>

    /// The hash that keys are searched by; its higher half is not used here and is there for partitions.
    public let hash: KeyHash<Key>
    @usableFromInline var entries: UnsafeMutablePointer<Entry>
    @usableFromInline var entryCapacity: Int
    @usableFromInline var filled = 0
    /// Places: the lower half of the key's hash below, one more than the entry's number above; 0 is a free place.
    @usableFromInline var places: UnsafeMutablePointer<UInt64>
    @usableFromInline var mask: Int
    /// What keys and values hold outside of the table, as far as anybody said, in bytes.
    public var outsideBytes = 0

    /// - Parameters:
    ///   - minimumCapacity: how many keys there is room for from the start.
    ///   - hash: by which keys are searched.
    public init(minimumCapacity: Int = 0, hash: KeyHash<Key> = KeyHash()) {
        self.hash = hash
        var size = 16
        while size / 4 * 3 < minimumCapacity { size *= 2 }
        self.mask = size - 1
        unsafe self.places = AggregationTable.freePlaces(size)
        self.entryCapacity = size / 4 * 3
        unsafe self.entries = UnsafeMutablePointer<Entry>.allocate(capacity: self.entryCapacity)
    }

    deinit {
        unsafe self.entries.deinitialize(count: self.filled)
        unsafe self.entries.deallocate()
        unsafe self.places.deallocate()
    }

    @usableFromInline static func freePlaces(_ size: Int) -> UnsafeMutablePointer<UInt64> {
        let places = UnsafeMutablePointer<UInt64>.allocate(capacity: size)
        unsafe places.initialize(repeating: 0, count: size)
        return unsafe places
    }

    /// How many keys there are.
    @inlinable public var count: Int { self.filled }

    /// Whether there are none.
    @inlinable public var isEmpty: Bool { self.filled == 0 }

    /// An estimate of the memory that the table holds, in bytes: its own and `outsideBytes`.
    @inlinable public var memoryBytes: Int {
        self.entryCapacity &* MemoryLayout<Entry>.stride &+ (self.mask &+ 1) &* 8 &+ self.outsideBytes
    }

    /// What the table itself holds, without what keys and values have outside of it, in bytes.
    @inlinable public var ownBytes: Int { self.memoryBytes &- self.outsideBytes }

    /// Finds the entry of a key, or makes one.
    /// - Parameters:
    ///   - key: the key.
    ///   - hash: its hash, where that is known already.
    ///   - initial: gives the value of a key that was not there.
    ///   - update: changes the value of one that was.
    @inlinable @inline(__always) public mutating func upsert(
        _ key: Key,
        hash: UInt64? = nil,
        initial: () throws -> Value,
        update: (inout Value) throws -> Void
    ) rethrows {
        let hash = hash ?? self.hash(key)
        var place = Int(truncatingIfNeeded: hash) & self.mask
        let sought = UInt32(truncatingIfNeeded: hash)
        while true {
            let found = unsafe self.places[place]
            if found == 0 { break }
            if UInt32(truncatingIfNeeded: found) == sought {
                let entry = unsafe self.entries + (Int(truncatingIfNeeded: found &>> 32) &- 1)
                if unsafe entry.pointee.key == key {
                    return try unsafe update(&entry.pointee.value)
                }
            }
            place = (place &+ 1) & self.mask
        }
        self.append(key, try initial(), hash: sought, at: place)
    }

    /// Puts a value beside a key, or combines it with the one that is there.
    /// - Parameters:
    ///   - key: the key.
    ///   - value: its value.
    ///   - combine: makes one of the value that is there and the new one.
    @inlinable @inline(__always) public mutating func merge(
        _ key: Key,
        _ value: Value,
        _ combine: (Value, Value) throws -> Value
    ) rethrows {
        try self.upsert(key, initial: { value }, update: { $0 = try combine($0, value) })
    }

    @inlinable @inline(never) mutating func append(_ key: Key, _ value: Value, hash: UInt32, at place: Int) {
        let kept: Key
        if Key.self == Text.self {
            let text = unsafe unsafeBitCast(key, to: Text.self).detached()
            if !text.isInline { self.outsideBytes &+= text.count &+ 80 }
            kept = unsafe unsafeBitCast(text, to: Key.self)
        } else {
            kept = key
        }
        if self.filled == self.entryCapacity {
            self.grow()
            self.place(self.filled, hash: hash)
        } else {
            unsafe self.places[place] = UInt64(hash) | UInt64(truncatingIfNeeded: self.filled &+ 1) &<< 32
        }
        unsafe (self.entries + self.filled).initialize(to: Entry(kept, value))
        self.filled &+= 1
    }

    /// Gives an entry the first free place that its hash leads to.
    @inlinable mutating func place(_ entry: Int, hash: UInt32) {
        var place = Int(truncatingIfNeeded: hash) & self.mask
        while unsafe self.places[place] != 0 { place = (place &+ 1) & self.mask }
        unsafe self.places[place] = UInt64(hash) | UInt64(truncatingIfNeeded: entry &+ 1) &<< 32
    }

    @inlinable mutating func grow() {
        let size = (self.mask &+ 1) &* 2
        precondition(size <= 1 << 32, "a table of more than three billion keys; use more partitions")
        let old = unsafe self.places
        let oldSize = self.mask &+ 1
        unsafe self.places = AggregationTable.freePlaces(size)
        self.mask = size &- 1
        // In the order of the old places, so that the new ones are filled from two ends and not at random.
        for index in 0..<oldSize {
            let found = unsafe old[index]
            if found != 0 {
                self.place(Int(truncatingIfNeeded: found &>> 32) &- 1, hash: UInt32(truncatingIfNeeded: found))
            }
        }
        unsafe old.deallocate()
        self.entryCapacity = size / 4 &* 3
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: self.entryCapacity)
        unsafe larger.moveInitialize(from: self.entries, count: self.filled)
        unsafe self.entries.deallocate()
        unsafe self.entries = larger
    }
}

extension AggregationTable: @unchecked Sendable where Key: Sendable, Value: Sendable {}
