extension RDD {
    /// All elements, in the order of their partitions.
    ///
    /// - Throws: `HeddleError` when the job fails.
    @inlinable public func collect(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element] where Element: Codable {
        let step = Step("collect", at: SourceSite(file, line), CollectAction<Element>.self) {
            try CollectAction<Element>.open($0)
        }
        return try await self.results(of: step, as: [Element].self).flatMap { $0 }
    }

    /// How many elements there are.
    @inlinable public func count(file: StaticString = #fileID, line: UInt = #line) async throws -> Int {
        try await self.partitionSizes(at: SourceSite(file, line)).reduce(0, +)
    }

    /// How many elements each partition has.
    @inlinable func partitionSizes(at site: SourceSite, partitions: Range<Int>? = nil) async throws -> [Int] {
        let step = Step("count", at: site, CountAction<Element>.self) { try CountAction<Element>.open($0) }
        return try await self.results(of: step, as: Int.self, partitions: partitions)
    }

    /// Whether there are no elements.
    @inlinable public func isEmpty(file: StaticString = #fileID, line: UInt = #line) async throws -> Bool {
        let step = Step("isEmpty", at: SourceSite(file, line), IsEmptyAction<Element>.self) {
            try IsEmptyAction<Element>.open($0)
        }
        for partitions in self.growingRanges() {
            if try await self.results(of: step, as: Bool.self, partitions: partitions).contains(false) { return false }
        }
        return true
    }

    /// The first elements, in the order of partitions; more partitions are computed only as long as there are too few. None for a
    /// count below 1.
    @inlinable public func take(
        _ count: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element] where Element: Codable {
        var taken: [Element] = []
        for partitions in self.growingRanges() where taken.count < count {
            let step = Step("take", at: SourceSite(file, line), TakeAction<Element>.self) {
                try TakeAction<Element>.open($0)
            }
            let missing = step.passing(count - taken.count)
            for part in try await self.results(of: missing, as: [Element].self, partitions: partitions) {
                taken += part
            }
        }
        return Array(taken.prefix(Swift.max(0, count)))
    }

    /// The first element; nil where there is none.
    @inlinable public func first(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Element? where Element: Codable {
        try await self.take(1, file: file, line: line).first
    }

    /// All elements put together two by two, in any order; nil where there are none.
    @inlinable public func reduce(
        _ combine: @escaping @Sendable (Element, Element) throws -> Element,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Element? where Element: Codable {
        let step = Step("reduce", at: SourceSite(file, line), ReduceAction<Element>.self) {
            try ReduceAction<Element>.open($0)
        }
        var sum: Element?
        for case let part? in try await self.results(of: step.calling(combine), as: Element?.self) {
            sum = try sum.map { try combine($0, part) } ?? part
        }
        return sum
    }

    /// All elements taken into a result: `merge` takes one in, `combine` puts the results of partitions together. Both begin
    /// with `zero`.
    @inlinable public func aggregate<Result: Codable & Sendable>(
        _ zero: Result,
        _ merge: @escaping @Sendable (Result, Element) throws -> Result,
        _ combine: @escaping @Sendable (Result, Result) throws -> Result,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Result {
        let step = Step("aggregate", at: SourceSite(file, line), AggregateAction<Element, Result>.self) {
            try AggregateAction<Element, Result>.open($0)
        }
        return try await self.results(of: step.calling(merge).passing(zero), as: Result.self).reduce(zero, combine)
    }

    /// `aggregate` where the result is of the elements' type.
    @inlinable public func fold(
        _ zero: Element,
        _ combine: @escaping @Sendable (Element, Element) throws -> Element,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Element where Element: Codable {
        try await self.aggregate(zero, combine, combine, file: file, line: line)
    }

    /// The smallest elements, in order; what is not a number comes last. None for a count below 1.
    @inlinable public func takeOrdered(
        _ count: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element] where Element: Codable & Comparable {
        let step = Step("takeOrdered", at: SourceSite(file, line), SmallestAction<Element>.self) {
            try SmallestAction<Element>.open($0)
        }
        let parts = try await self.results(of: step.passing(count), as: [Element].self)
        let order = KeyOrder<Element>()
        return Array(parts.flatMap { $0 }.sorted(by: order.precedes).prefix(Swift.max(0, count)))
    }

    /// The smallest element; nil where there is none. What is not a number is larger than all numbers.
    @inlinable public func min(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Element? where Element: Codable & Comparable {
        try await self.takeOrdered(1, file: file, line: line).first
    }

    /// What each task of an action found, in the order of the partitions.
    @inlinable func results<Result: Codable & Sendable>(
        of step: Step,
        as type: Result.Type,
        partitions: Range<Int>? = nil
    ) async throws -> [Result] {
        try await self.context.run(step, on: self.node, partitions: partitions).map {
            try Portable.decode(type, from: $0)
        }
    }

    /// One partition, then ever more at a time.
    @usableFromInline func growingRanges() -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (start, count) = (0, 1)
        while start < self.partitionCount {
            let end = Swift.min(self.partitionCount, start + count)
            ranges.append(start..<end)
            (start, count) = (end, count * 4)
        }
        return ranges
    }
}
