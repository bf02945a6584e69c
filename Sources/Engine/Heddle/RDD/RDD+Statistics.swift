/// Count, mean, spread and bounds of numbers, gathered in one pass.
public struct Statistics: Codable, Hashable, Sendable {
    /// How many numbers there were.
    public private(set) var count = 0
    /// Their mean; 0 where there were none.
    public private(set) var mean = 0.0
    /// The smallest; infinity where there were none, not a number where one of them was none.
    public private(set) var min = Double.infinity
    /// The largest; minus infinity where there were none, not a number where one of them was none.
    public private(set) var max = -Double.infinity
    /// The sum of the squares of the distances from the mean.
    private var squares = 0.0

    /// Of no numbers.
    public init() {}

    /// Their sum.
    public var sum: Double { self.mean * Double(self.count) }

    /// Their variance, as of a whole population; not a number where there were none.
    public var variance: Double { self.count == 0 ? .nan : self.squares / Double(self.count) }

    /// The square root of `variance`.
    public var standardDeviation: Double { self.variance.squareRoot() }

    /// The variance of what they were drawn from; not a number for less than two.
    public var sampleVariance: Double { self.count < 2 ? .nan : self.squares / Double(self.count - 1) }

    /// Takes in a number.
    public mutating func add(_ number: Double) {
        // Welford's way, which does not lose small differences of large numbers.
        self.count += 1
        let distance = number - self.mean
        self.mean += distance / Double(self.count)
        self.squares += distance * (number - self.mean)
        self.min = .minimumOrNaN(self.min, number)
        self.max = .maximumOrNaN(self.max, number)
    }

    /// Takes in what was gathered elsewhere.
    public mutating func merge(_ other: Statistics) {
        guard other.count > 0 else { return }
        let all = Double(self.count + other.count)
        let distance = other.mean - self.mean
        self.squares += other.squares + distance * distance * Double(self.count) * Double(other.count) / all
        self.mean += distance * Double(other.count) / all
        self.count += other.count
        self.min = .minimumOrNaN(self.min, other.min)
        self.max = .maximumOrNaN(self.max, other.max)
    }
}

extension Double {
    /// As Java's and so Spark's: what is not a number does not go by unseen.
    fileprivate static func minimumOrNaN(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right.isNaN ? .nan : Swift.min(left, right)
    }

    fileprivate static func maximumOrNaN(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right.isNaN ? .nan : Swift.max(left, right)
    }
}

extension RDD where Element: BinaryInteger & Codable {
    /// The sum of the elements, as an integer of their type: where Spark's is a fraction, this is exact.
    ///
    /// - Throws: `HeddleError` where the sum does not fit. Within one partition an overflow is a trap of its task, as of Swift's `+`:
    ///   on a cluster it fails the job, in local mode it ends the program. Widen the elements first (`map { Int($0) }`).
    @inlinable public func sum(file: StaticString = #fileID, line: UInt = #line) async throws -> Element {
        let site = SourceSite(file, line)
        let step = Step("sum", at: site, SumAction<Element>.self) { try SumAction<Element>.open($0) }
        let parts = try await self.results(of: step, as: Element.self)
        // Of wider elements there is no wider sum.
        guard let wide = parts.first.map({ $0.bitWidth <= 64 }), wide else { return parts.reduce(0, +) }
        let sum = parts.reduce(0 as Int128) { $0 + Int128($1) }
        guard let fitting = Element(exactly: sum) else {
            throw HeddleError.job("\(site): the sum \(sum) does not fit into \(Element.self): widen the elements first")
        }
        return fitting
    }

    /// Count, mean, spread and bounds.
    @inlinable public func stats(file: StaticString = #fileID, line: UInt = #line) async throws -> Statistics {
        let step = Step("stats", at: SourceSite(file, line), IntegerStatisticsAction<Element>.self) {
            try IntegerStatisticsAction<Element>.open($0)
        }
        return try await self.merged(step)
    }
}

extension RDD where Element: BinaryFloatingPoint & Codable {
    /// The sum of the elements.
    @inlinable public func sum(file: StaticString = #fileID, line: UInt = #line) async throws -> Element {
        let step = Step("sum", at: SourceSite(file, line), SumAction<Element>.self) { try SumAction<Element>.open($0) }
        return try await self.results(of: step, as: Element.self).reduce(0, +)
    }

    /// Count, mean, spread and bounds.
    @inlinable public func stats(file: StaticString = #fileID, line: UInt = #line) async throws -> Statistics {
        let step = Step("stats", at: SourceSite(file, line), FloatingStatisticsAction<Element>.self) {
            try FloatingStatisticsAction<Element>.open($0)
        }
        return try await self.merged(step)
    }
}

extension RDD {
    @inlinable func merged(_ step: Step) async throws -> Statistics {
        var all = Statistics()
        for part in try await self.results(of: step, as: Statistics.self) { all.merge(part) }
        return all
    }
}

@usableFromInline struct SumAction<Number: Numeric & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var sum: Number = 0
        var batch: [Number] = []
        let parent = try input.stream(of: Number.self)
        while try parent.next(into: &batch) {
            for number in batch { sum += number }
        }
        return try TaskResult(of: sum)
    }
}

@usableFromInline struct IntegerStatisticsAction<Number: BinaryInteger & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var statistics = Statistics()
        try input.stream(of: Number.self).forEach { statistics.add(Double($0)) }
        return try TaskResult(of: statistics)
    }
}

@usableFromInline struct FloatingStatisticsAction<Number: BinaryFloatingPoint & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var statistics = Statistics()
        try input.stream(of: Number.self).forEach { statistics.add(Double($0)) }
        return try TaskResult(of: statistics)
    }
}
