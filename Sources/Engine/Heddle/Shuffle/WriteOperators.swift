/// Writes pairs for the partitions of their keys, as they come.
@usableFromInline struct PairWriteOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static var keyType: Any.Type? { Key.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Pair<Key, Value>.self)
        let count = try input.value(as: Int.self)
        let partition = HashPartitioner<Key>(partitions: count)
        let codec = Codec<Pair<Key, Value>>()
        var writers = SegmentWriters(count: count, task: input.task)
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch { try writers.write(pair, with: codec, to: partition(pair.key)) }
            try writers.settle()
        }
        return try writers.finish()
    }
}

/// Writes elements for the partitions of their hashes, each once.
@usableFromInline struct DistinctWriteOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static var keyType: Any.Type? { Element.self }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Element.self)
        let count = try input.value(as: Int.self)
        let codec = Codec<Element>()
        var table = CombineTable<Element, Bool>(count: count, task: input.task)
        func write(_ entry: Pair<Element, Bool>, _ partition: Int, _ writers: inout SegmentWriters) throws {
            try writers.write(entry.key, with: codec, to: partition)
        }
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch { table.table.merge(element, true) { seen, _ in seen } }
            try table.settle(write)
        }
        return try table.finish(write)
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
        var writers = SegmentWriters(count: count, task: input.task)
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch { try writers.write(element, with: codec, to: partition(element)) }
            try writers.settle()
        }
        return try writers.finish()
    }
}

/// Deals elements out to all partitions in turn, beginning with another one in each task.
@usableFromInline struct DealingWriteOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Element.self)
        let count = try input.value(as: Int.self)
        let codec = Codec<Element>()
        var writers = SegmentWriters(count: count, task: input.task)
        var next = input.partition % count
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch {
                try writers.write(element, with: codec, to: next)
                next = next + 1 == count ? 0 : next + 1
            }
            try writers.settle()
        }
        return try writers.finish()
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
        var table = CombineTable<Key, Combined>(count: count, task: input.task)
        let write = CombineTable<Key, Combined>.pairs()
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch {
                try table.table.upsert(
                    pair.key,
                    initial: { try create(pair.value) },
                    update: { $0 = try merge($0, pair.value) }
                )
            }
            try table.settle(write)
        }
        return try table.finish(write)
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
        var table = CombineTable<Key, Combined>(count: count, task: input.task)
        let write = CombineTable<Key, Combined>.pairs()
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch {
                try table.table.upsert(
                    pair.key,
                    initial: { try merge(zero, pair.value) },
                    update: { $0 = try merge($0, pair.value) }
                )
            }
            try table.settle(write)
        }
        return try table.finish(write)
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
        var table = CombineTable<Key, Value>(count: count, task: input.task)
        let write = CombineTable<Key, Value>.pairs()
        var batch: [Pair<Key, Value>] = []
        while try parent.next(into: &batch) {
            for pair in batch { try table.table.merge(pair.key, pair.value, combine) }
            try table.settle(write)
        }
        return try table.finish(write)
    }
}
