extension RDD {
    /// `aggregate` whose partitions' results are put together by tasks, in rounds, before the driver has the last of them:
    /// for results that are large.
    ///
    /// - Parameters:
    ///   - zero: the result of no elements.
    ///   - depth: how many rounds there are at most, the driver's own among them.
    ///   - merge: takes an element into a result.
    ///   - combine: makes one result of two.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func treeAggregate<Result: Codable & Sendable>(
        _ zero: Result,
        depth: Int = 2,
        _ merge: @escaping @Sendable (Result, Element) throws -> Result,
        _ combine: @escaping @Sendable (Result, Result) throws -> Result,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Result {
        let site = SourceSite(file, line)
        let step = Step("treeAggregate", at: site, PartialAggregateOperator<Element, Result>.self) {
            try PartialAggregateOperator<Element, Result>.open($0)
        }
        let parts: RDD<Result> = self.deriving(step.calling(merge).passing(zero))
        return try await parts.combined("treeAggregate", at: site, depth: depth, combine) ?? zero
    }

    /// `reduce` whose partitions' results are put together by tasks, in rounds, before the driver has the last of them.
    ///
    /// - Parameters:
    ///   - depth: how many rounds there are at most, the driver's own among them.
    ///   - combine: makes one result of two.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func treeReduce(
        depth: Int = 2,
        _ combine: @escaping @Sendable (Element, Element) throws -> Element,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Element? where Element: Codable {
        let site = SourceSite(file, line)
        let step = Step("treeReduce", at: site, PartialReduceOperator<Element>.self) {
            try PartialReduceOperator<Element>.open($0)
        }
        let parts: RDD<Element> = self.deriving(step.calling(combine))
        return try await parts.combined("treeReduce", at: site, depth: depth, combine)
    }

    /// A dataset of few elements, put together in rounds.
    @inlinable func combined(
        _ operation: String,
        at site: SourceSite,
        depth: Int,
        _ combine: @escaping @Sendable (Element, Element) throws -> Element
    ) async throws -> Element? where Element: Codable {
        var parts = self
        for count in TreeRounds.counts(partitions: self.partitionCount, depth: depth) {
            let number = Step(operation, at: site, NumberedPartOperator<Element>.self) {
                try NumberedPartOperator<Element>.open($0)
            }
            let write = Step(operation, at: site, ReduceWriteOperator<Int, Element>.self) {
                try ReduceWriteOperator<Int, Element>.open($0)
            }
            let read = Step(operation, at: site, ReduceReadOperator<Int, Element>.self) {
                try ReduceReadOperator<Int, Element>.open($0)
            }
            let value = Step(operation, at: site, ValuesOperator<Int, Element>.self) {
                try ValuesOperator<Int, Element>.open($0)
            }
            let numbered: RDD<Pair<Int, Element>> = parts.deriving(number.passing(count))
            let reduced: RDD<Pair<Int, Element>> =
                numbered.shuffling(write.calling(combine), read.calling(combine), count)
            parts = reduced.deriving(value)
        }
        let step = Step(operation, at: site, ReduceAction<Element>.self) { try ReduceAction<Element>.open($0) }
        var sum: Element?
        for case let part? in try await parts.results(of: step.calling(combine), as: Element?.self) {
            sum = try sum.map { try combine($0, part) } ?? part
        }
        return sum
    }
}

/// How many parts are left after each round.
@usableFromInline enum TreeRounds {
    @usableFromInline static func counts(partitions: Int, depth: Int) -> [Int] {
        // As many parts meet in each round as leave one after the last; in no round less than two.
        var scale = 2
        while Self.power(scale, max(1, depth)) < partitions { scale += 1 }
        var counts: [Int] = []
        var left = partitions
        // A round that leaves hardly fewer parts than the driver can take at once is not worth a shuffle.
        while left > scale + (left + scale - 1) / scale {
            left = (left + scale - 1) / scale
            counts.append(left)
        }
        return counts
    }

    private static func power(_ base: Int, _ exponent: Int) -> Int {
        var power = 1
        for _ in 0..<exponent {
            let (product, isTooLarge) = power.multipliedReportingOverflow(by: base)
            if isTooLarge { return .max }
            power = product
        }
        return power
    }
}

@usableFromInline struct PartialAggregateOperator<Element, Result: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let merge = input.function(as: ((Result, Element) throws -> Result).self)
        let zero = try input.value(as: Result.self)
        let parent = try input.stream(of: Element.self)
        return Stream<Result>(computing: {
            var result = zero
            try parent.forEach { result = try merge(result, $0) }
            return [result]
        })
    }
}

@usableFromInline struct PartialReduceOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let combine = input.function(as: ((Element, Element) throws -> Element).self)
        let parent = try input.stream(of: Element.self)
        return Stream<Element>(computing: {
            var sum: Element?
            try parent.forEach { element in sum = try sum.map { try combine($0, element) } ?? element }
            return sum.map { [$0] } ?? []
        })
    }
}

extension Stream {
    /// Elements that are all made when the first is asked for.
    @inlinable convenience init(computing elements: @escaping () throws -> [Element]) {
        var isMade = false
        self.init { batch in
            batch.removeAll(keepingCapacity: true)
            if isMade { return false }
            isMade = true
            batch = try elements()
            return !batch.isEmpty
        }
    }
}

/// Every element with the number of the part it meets others in.
@usableFromInline struct NumberedPartOperator<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let number = input.partition % (try input.value(as: Int.self))
        return try input.stream(of: Element.self).mapped { Pair(number, $0) }
    }
}
