extension RDD {
    /// How often each element occurs.
    @inlinable public func countByValue(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element: Int] where Element: Hashable & Codable {
        let step = Step("countByValue", at: SourceSite(file, line), ValueCountAction<Element>.self) {
            try ValueCountAction<Element>.open($0)
        }
        var counts: [Element: Int] = [:]
        for part in try await self.results(of: step, as: [Pair<Element, Int>].self) {
            for entry in part { counts[entry.key, default: 0] += entry.value }
        }
        return counts
    }

    /// How many pairs each key has.
    @inlinable public func countByKey<Key, Value>(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Key: Int]
    where Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Sendable {
        try await self.keys(file: file, line: line).countByValue(file: file, line: line)
    }

    /// All values of one key.
    @inlinable public func lookup<Key, Value>(
        _ key: Key,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Value]
    where Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
        let step = Step("lookup", at: SourceSite(file, line), LookupAction<Key, Value>.self) {
            try LookupAction<Key, Value>.open($0)
        }
        // Spread by key, all values of a key are in one partition.
        var partitions: Range<Int>?
        if self.node.isSpreadByHash {
            let place = HashPartitioner<Key>(partitions: self.partitionCount)(key)
            partitions = place..<(place + 1)
        }
        return try await self.results(of: step.passing(key), as: [Value].self, partitions: partitions).flatMap { $0 }
    }

    /// The largest elements, the largest first; what is not a number comes first. None for a count below 1.
    @inlinable public func top(
        _ count: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element] where Element: Codable & Comparable {
        let step = Step("top", at: SourceSite(file, line), LargestAction<Element>.self) {
            try LargestAction<Element>.open($0)
        }
        let parts = try await self.results(of: step.passing(count), as: [Element].self)
        let order = KeyOrder<Element>(ascending: false)
        return Array(parts.flatMap { $0 }.sorted(by: order.precedes).prefix(Swift.max(0, count)))
    }

    /// The largest element; nil where there is none. What is not a number is larger than all numbers.
    @inlinable public func max(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Element? where Element: Codable & Comparable {
        try await self.top(1, file: file, line: line).first
    }
}

extension Node {
    @usableFromInline var isSpreadByHash: Bool {
        self.partitioning == Partitioning(rule: .hash, count: self.partitionCount)
    }
}

@usableFromInline struct ValueCountAction<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Element, Int>()
        try input.stream(of: Element.self).forEach { table.merge($0, 1) { $0 + $1 } }
        return try TaskResult(of: table.removeAll())
    }
}

@usableFromInline struct LookupAction<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let key = try input.value(as: Key.self)
        var values: [Value] = []
        try input.stream(of: Pair<Key, Value>.self).forEach { if $0.key == key { values.append($0.value) } }
        return try TaskResult(of: values)
    }
}

@usableFromInline struct LargestAction<Element: Codable & Comparable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let order = KeyOrder<Element>(ascending: false)
        return try TaskResult(
            of: try input.stream(of: Element.self).best(try input.value(as: Int.self), by: order.precedes)
        )
    }
}
