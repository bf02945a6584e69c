extension RDD where Element: Hashable & Codable {
    /// About how many different elements there are, without gathering them anywhere.
    ///
    /// - Parameters:
    ///   - relativeSD: the relative standard deviation of the answer: 0.05 is wrong by less than 5 % in two of three
    ///     cases. Half of it needs four times the memory, 0.01 some 64 KiB.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    /// - Throws: `HeddleError`, also for a deviation that is not above 0.000017 and below 0.4.
    @inlinable public func countApproxDistinct(
        relativeSD: Double = 0.05,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Int {
        let site = SourceSite(file, line)
        let step = Step("countApproxDistinct", at: site, DistinctEstimateAction<Element>.self) {
            try DistinctEstimateAction<Element>.open($0)
        }
        var all = try DistinctEstimate(relativeSD: relativeSD, at: site)
        for part in try await self.results(of: step.passing(all.precision), as: DistinctEstimate.self) {
            all.merge(part)
        }
        return Int(all.count.rounded())
    }
}

/// How many different hashes were seen, from the longest runs of zeros among them: Flajolet's HyperLogLog, with Ertl's
/// estimator, which needs no tables for small counts.
@usableFromInline struct DistinctEstimate: Codable, Sendable {
    /// How many bits of a hash choose its register.
    @usableFromInline let precision: Int
    /// The place of the first one bit in the rest of the hashes, at most: from 1.
    private var registers: [UInt8]

    @usableFromInline init(precision: Int) {
        self.precision = precision
        self.registers = Array(repeating: 0, count: 1 << precision)
    }

    @usableFromInline init(relativeSD: Double, at site: SourceSite) throws {
        // The deviation of m registers is 1.04 / sqrt(m).
        let registers = (1.04 / relativeSD) * (1.04 / relativeSD)
        guard relativeSD > 0.000_017, relativeSD < 0.4 else {
            throw HeddleError.graph("\(site): \(relativeSD) is no relative deviation between 0.000017 and 0.4")
        }
        var precision = 4
        while Double(1 << precision) < registers { precision += 1 }
        self.init(precision: precision)
    }

    @usableFromInline mutating func add(_ hash: UInt64) {
        let register = Int(truncatingIfNeeded: hash >> (64 - UInt64(self.precision)))
        let rest = hash << UInt64(self.precision)
        let place = UInt8(min(rest.leadingZeroBitCount, 64 - self.precision) + 1)
        if place > self.registers[register] { self.registers[register] = place }
    }

    @usableFromInline mutating func merge(_ other: DistinctEstimate) {
        for (register, place) in other.registers.enumerated() where place > self.registers[register] {
            self.registers[register] = place
        }
    }

    @usableFromInline var count: Double {
        let longest = 64 - self.precision
        var registersOfPlace = Array(repeating: 0.0, count: longest + 2)
        for place in self.registers { registersOfPlace[Int(place)] += 1 }
        let all = Double(self.registers.count)
        var sum = all * Self.tau(1 - registersOfPlace[longest + 1] / all)
        for place in stride(from: longest, through: 1, by: -1) { sum = 0.5 * (sum + registersOfPlace[place]) }
        sum += all * Self.sigma(registersOfPlace[0] / all)
        // 1 / (2 ln 2)
        return 0.721_347_520_444_481_7 * all * all / sum
    }

    private static func sigma(_ share: Double) -> Double {
        if share == 1 { return .infinity }
        var (x, y, z) = (share, 1.0, share)
        while true {
            x *= x
            let before = z
            z += x * y
            y += y
            if z == before { return z }
        }
    }

    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var (x, y, z) = (share, 1.0, 1 - share)
        while true {
            x = x.squareRoot()
            let before = z
            y *= 0.5
            z -= (1 - x) * (1 - x) * y
            if z == before { return z / 3 }
        }
    }
}

@usableFromInline struct DistinctEstimateAction<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var estimate = DistinctEstimate(precision: try input.value(as: Int.self))
        let hash = KeyHash<Element>()
        // Once more, since a key's own hash need not be even in its upper bits.
        try input.stream(of: Element.self).forEach { estimate.add(Mixing.hash(hash($0), 0)) }
        return try TaskResult(of: estimate)
    }
}
