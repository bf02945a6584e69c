/// Gives each key the partition that its hash names; the same in every process.
@frozen public struct HashPartitioner<Key: Hashable & SendableMetatype>: Sendable {
    /// How many partitions there are.
    public let partitions: Int
    public let hash: KeyHash<Key>

    /// - Parameters:
    ///   - partitions: how many, at least 1.
    ///   - hash: by which keys are spread.
    @inlinable public init(partitions: Int, hash: KeyHash<Key> = KeyHash()) {
        precondition(partitions > 0 && partitions <= 1 << 31, "a dataset has between 1 and 2^31 partitions")
        self.partitions = partitions
        self.hash = hash
    }

    /// The partition of a key, from 0.
    @inlinable @inline(__always) public func callAsFunction(_ key: Key) -> Int {
        self.partition(ofHash: self.hash(key))
    }

    /// The partition of a key whose hash is known. It uses the higher half, so that the keys of one partition still differ in
    /// the lower, by which tables search.
    @inlinable @inline(__always) public func partition(ofHash hash: UInt64) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: self.partitions)) &>> 32)
    }
}

extension HashPartitioner: Equatable {
    @inlinable public static func == (left: HashPartitioner, right: HashPartitioner) -> Bool {
        left.partitions == right.partitions
    }
}

/// Gives each key the partition of the range it lies in, so that partitions one after the other are in order.
@frozen public struct RangePartitioner<Key: Comparable & SendableMetatype>: Sendable where Key: Sendable {
    /// Where the partitions meet, in order; a key that equals one belongs to the partition that begins there.
    public let bounds: [Key]
    public let order: KeyOrder<Key>
    @usableFromInline let prefixes: [UInt64]

    /// How many partitions there are.
    @inlinable public var partitions: Int { self.bounds.count + 1 }

    /// - Parameters:
    ///   - bounds: where the partitions meet, in the order's order.
    ///   - order: how keys are ordered.
    @inlinable public init(bounds: [Key], order: KeyOrder<Key> = KeyOrder()) {
        self.bounds = bounds
        self.order = order
        self.prefixes = bounds.map { order.prefix(of: $0) }
    }

    /// Bounds that cut a sample into equal parts.
    /// - Parameters:
    ///   - sample: some of the keys, in any order.
    ///   - partitions: how many to make; fewer come out where the sample has fewer different keys.
    ///   - order: how keys are ordered.
    @inlinable public init(sample: [Key], partitions: Int, order: KeyOrder<Key> = KeyOrder()) {
        var sorted = sample
        sorted.sortStably(order) { $0 }
        var bounds: [Key] = []
        for index in 1..<Swift.max(partitions, 1) {
            let place = index * sorted.count / partitions
            guard place > 0, place < sorted.count else { continue }
            // A bound that nothing lies before makes an empty partition.
            let isNew =
                bounds.last.map { order.precedes($0, sorted[place]) } ?? order.precedes(sorted[0], sorted[place])
            if isNew { bounds.append(sorted[place]) }
        }
        self.init(bounds: bounds, order: order)
    }

    /// The partition of a key, from 0.
    @inlinable public func callAsFunction(_ key: Key) -> Int {
        let prefix = self.order.prefix(of: key)
        var (low, high) = (0, self.bounds.count)
        while low < high {
            let middle = (low &+ high) / 2
            let other = self.prefixes[middle]
            let isBefore =
                prefix != other
                ? prefix < other : !self.order.isDecided && self.order.precedes(key, self.bounds[middle])
            if isBefore { high = middle } else { low = middle &+ 1 }
        }
        return low
    }
}
