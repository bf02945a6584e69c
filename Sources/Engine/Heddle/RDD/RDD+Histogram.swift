/// How many numbers fall into each of some buckets that stand side by side. The last has its upper bound too.
public struct Histogram: Codable, Hashable, Sendable {
    /// The bounds of the buckets, one more than there are buckets.
    public var bounds: [Double]
    /// How many numbers each bucket has.
    public var counts: [Int]

    @usableFromInline init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = Array(repeating: 0, count: max(0, bounds.count - 1))
    }

    /// Counts a number, unless it lies in no bucket.
    @usableFromInline mutating func add(_ number: Double) {
        guard let first = self.bounds.first, let last = self.bounds.last, number >= first, number <= last else {
            return
        }
        var (low, high) = (0, self.counts.count)
        // The last bucket that begins at the number or before it.
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.bounds[middle] <= number { low = middle } else { high = middle }
        }
        self.counts[low] += 1
    }
}

extension RDD where Element: BinaryFloatingPoint & Codable {
    /// How many elements fall into each of so many buckets of equal width between the smallest and the largest.
    @inlinable public func histogram(
        _ buckets: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Histogram {
        let statistics = try await self.stats(file: file, line: line)
        let bounds = try HistogramBounds.between(statistics, buckets, at: SourceSite(file, line))
        return try await self.histogram(bounds: bounds, file: file, line: line)
    }

    /// How many elements fall into each bucket between bounds in ascending order. Elements outside of all are not counted.
    @inlinable public func histogram(
        bounds: [Double],
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Histogram {
        let step = Step("histogram", at: SourceSite(file, line), FloatingHistogramAction<Element>.self) {
            try FloatingHistogramAction<Element>.open($0)
        }
        return try await self.histogram(step, bounds)
    }

    /// The mean of the elements; not a number where there are none.
    @inlinable public func mean(file: StaticString = #fileID, line: UInt = #line) async throws -> Double {
        try await self.stats(file: file, line: line).meanOrNaN
    }

    /// The variance of the elements, as of a whole population.
    @inlinable public func variance(file: StaticString = #fileID, line: UInt = #line) async throws -> Double {
        try await self.stats(file: file, line: line).variance
    }

    /// The square root of `variance`.
    @inlinable public func stdev(file: StaticString = #fileID, line: UInt = #line) async throws -> Double {
        try await self.stats(file: file, line: line).standardDeviation
    }
}

extension RDD where Element: BinaryInteger & Codable {
    /// How many elements fall into each of so many buckets of equal width between the smallest and the largest.
    @inlinable public func histogram(
        _ buckets: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Histogram {
        let statistics = try await self.stats(file: file, line: line)
        let bounds = try HistogramBounds.between(statistics, buckets, at: SourceSite(file, line))
        return try await self.histogram(bounds: bounds, file: file, line: line)
    }

    /// How many elements fall into each bucket between bounds in ascending order. Elements outside of all are not counted.
    @inlinable public func histogram(
        bounds: [Double],
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Histogram {
        let step = Step("histogram", at: SourceSite(file, line), IntegerHistogramAction<Element>.self) {
            try IntegerHistogramAction<Element>.open($0)
        }
        return try await self.histogram(step, bounds)
    }

    /// The mean of the elements; not a number where there are none.
    @inlinable public func mean(file: StaticString = #fileID, line: UInt = #line) async throws -> Double {
        try await self.stats(file: file, line: line).meanOrNaN
    }

    /// The variance of the elements, as of a whole population.
    @inlinable public func variance(file: StaticString = #fileID, line: UInt = #line) async throws -> Double {
        try await self.stats(file: file, line: line).variance
    }

    /// The square root of `variance`.
    @inlinable public func stdev(file: StaticString = #fileID, line: UInt = #line) async throws -> Double {
        try await self.stats(file: file, line: line).standardDeviation
    }
}

extension RDD {
    @inlinable func histogram(_ step: Step, _ bounds: [Double]) async throws -> Histogram {
        try HistogramBounds.check(bounds, at: step.site)
        var all = Histogram(bounds: bounds)
        for part in try await self.results(of: step.passing(bounds), as: [Int].self) {
            for (bucket, count) in part.enumerated() { all.counts[bucket] += count }
        }
        return all
    }
}

extension Statistics {
    @usableFromInline var meanOrNaN: Double { self.count == 0 ? .nan : self.mean }
}

@usableFromInline enum HistogramBounds {
    @usableFromInline static func between(_ statistics: Statistics, _ buckets: Int, at site: SourceSite) throws
        -> [Double]
    {
        guard buckets > 0 else {
            throw HeddleError.graph("\(site): a histogram has at least one bucket, not \(buckets)")
        }
        let (low, high) = (statistics.min, statistics.max)
        guard statistics.count > 0, low.isFinite, high.isFinite, statistics.mean.isFinite else {
            throw HeddleError.graph(
                "\(site): there is no histogram of \(statistics.count) numbers that lie in no range"
            )
        }
        // Equal numbers alone make one bucket.
        if low == high { return [low, high] }
        return (0..<buckets).map { low + (high - low) * Double($0) / Double(buckets) } + [high]
    }

    @usableFromInline static func check(_ bounds: [Double], at site: SourceSite) throws {
        let isSound =
            zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 } || bounds.count == 2 && bounds[0] == bounds[1]
        guard bounds.count >= 2, isSound else {
            throw HeddleError.graph("\(site): \(bounds) are no bounds of buckets: they must be two at least and ascend")
        }
    }
}

@usableFromInline struct FloatingHistogramAction<Number: BinaryFloatingPoint & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var histogram = Histogram(bounds: try input.value(as: [Double].self))
        try input.stream(of: Number.self).forEach { histogram.add(Double($0)) }
        return try TaskResult(of: histogram.counts)
    }
}

@usableFromInline struct IntegerHistogramAction<Number: BinaryInteger & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var histogram = Histogram(bounds: try input.value(as: [Double].self))
        try input.stream(of: Number.self).forEach { histogram.add(Double($0)) }
        return try TaskResult(of: histogram.counts)
    }
}
