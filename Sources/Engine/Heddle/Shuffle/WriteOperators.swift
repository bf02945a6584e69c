/// Writes pairs for the partitions of their keys, as they come.
@usableFromInline struct PairWriteOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static var keyType: Any.Type? { Key.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Pair<Key, Value>.self)
        let count = try input.value(as: Int.self)
        let partition = HashPartitioner<Key>(partitions: count)
        let codec = Codec<Pair<Key, Value>>()
        var writers = SegmentWriters(count: count)
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch { try writers.write(pair, with: codec, to: partition(pair.key)) }
        }
        return writers.finish()
    }
}

/// Writes elements for the partitions of their hashes, each once.
@usableFromInline struct DistinctWriteOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static var keyType: Any.Type? { Element.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Element.self)
        let count = try input.value(as: Int.self)
        let codec = Codec<Element>()
        var table = AggregationTable<Element, Bool>()
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch { table.merge(element, true) { seen, _ in seen } }
        }
        var writers = SegmentWriters(count: count)
        let partition = HashPartitioner(partitions: count, hash: table.hash)
        try table.drain { try writers.write($0.key, with: codec, to: partition($0.key)) }
        return writers.finish()
    }
}

/// Writes elements for the partitions of their hashes, as they come.
@usableFromInline struct ElementWriteOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static var keyType: Any.Type? { Element.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Element.self)
        let count = try input.value(as: Int.self)
        let partition = HashPartitioner<Element>(partitions: count)
        let codec = Codec<Element>()
        var writers = SegmentWriters(count: count)
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch { try writers.write(element, with: codec, to: partition(element)) }
        }
        return writers.finish()
    }
}

/// Deals elements out to all partitions in turn, beginning with another one in each task.
@usableFromInline struct DealingWriteOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Element.self)
        let count = try input.value(as: Int.self)
        let codec = Codec<Element>()
        var writers = SegmentWriters(count: count)
        var next = input.partition % count
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch {
                try writers.write(element, with: codec, to: next)
                next = next + 1 == count ? 0 : next + 1
            }
        }
        return writers.finish()
    }
}

/// Puts the values of each key together before they travel: the first by function 0, the others by function 1.
@usableFromInline struct CombineWriteOperator<Key, Value, Combined>: Operator
where Key: Hashable & Codable & Sendable, Combined: Codable & Sendable {
    @inlinable static var keyType: Any.Type? { Key.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Pair<Key, Value>.self)
        let count = try input.value(as: Int.self)
        let create = input.function(0, as: ((Value) throws -> Combined).self)
        let merge = input.function(1, as: ((Combined, Value) throws -> Combined).self)
        var table = AggregationTable<Key, Combined>()
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch {
                try table.upsert(
                    pair.key,
                    initial: { try create(pair.value) },
                    update: { $0 = try merge($0, pair.value) }
                )
            }
        }
        return try table.spread(over: count)
    }
}

/// The same where the values of a key are put together with a value that stands before all of them.
@usableFromInline struct AggregateWriteOperator<Key, Value, Combined>: Operator
where Key: Hashable & Codable & Sendable, Combined: Codable & Sendable {
    @inlinable static var keyType: Any.Type? { Key.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Pair<Key, Value>.self)
        let count = try input.value(0, as: Int.self)
        let zero = try input.value(1, as: Combined.self)
        let merge = input.function(as: ((Combined, Value) throws -> Combined).self)
        var table = AggregationTable<Key, Combined>()
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch {
                try table.upsert(
                    pair.key,
                    initial: { try merge(zero, pair.value) },
                    update: { $0 = try merge($0, pair.value) }
                )
            }
        }
        return try table.spread(over: count)
    }
}

/// The same where values are put together two by two.
@usableFromInline struct ReduceWriteOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static var keyType: Any.Type? { Key.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Pair<Key, Value>.self)
        let count = try input.value(as: Int.self)
        let combine = input.function(as: ((Value, Value) throws -> Value).self)
        var table = AggregationTable<Key, Value>()
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch { try table.merge(pair.key, pair.value, combine) }
        }
        return try table.spread(over: count)
    }
}

extension AggregationTable where Key: Codable & Sendable, Value: Codable & Sendable {
    /// Writes every entry for the partition of its key; the table is empty afterwards.
    @inlinable mutating func spread(over count: Int) throws -> ShuffleOutput {
        var writers = SegmentWriters(count: count)
        let codec = Codec<Pair<Key, Value>>()
        let partition = HashPartitioner(partitions: count, hash: self.hash)
        try self.drain { try writers.write($0, with: codec, to: partition($0.key)) }
        return writers.finish()
    }
}
