internal import Glibc

extension RDD {
    /// Some of the elements by chance: each as often as chance has it.
    ///
    /// - Parameters:
    ///   - withReplacement: whether an element may be taken more than once.
    ///   - fraction: how many of the elements are to be expected; above 1 only with replacement.
    ///   - seed: the same seed takes the same elements of the same dataset; where none is given the driver makes one up.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func sample(
        withReplacement: Bool = false,
        fraction: Double,
        seed: UInt64? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        var step = Step("sample", at: SourceSite(file, line), SampleOperator<Element>.self) {
            try SampleOperator<Element>.open($0)
        }
        if !(fraction >= 0 && fraction.isFinite && (withReplacement || fraction <= 1)) {
            step = step.refusing(
                "\(fraction) is no fraction to sample \(withReplacement ? "with" : "without") replacement"
            )
        }
        let chance = SampleChance(
            seed: seed ?? .random(in: 0 ... .max),
            from: 0,
            to: fraction,
            isRepeating: withReplacement
        )
        return self.deriving(step.passing(chance), keepsPartitioning: true)
    }

    /// The elements dealt out by chance to datasets, as many to each as its weight says.
    @inlinable public func randomSplit(
        _ weights: [Double],
        seed: UInt64? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> [RDD<Element>] {
        let seed = seed ?? .random(in: 0 ... .max)
        let sum = weights.reduce(0, +)
        let isSound = sum > 0 && sum.isFinite && weights.allSatisfy { $0 >= 0 }
        var start = 0.0
        return weights.indices.map { index in
            var step = Step("randomSplit", at: SourceSite(file, line), SampleOperator<Element>.self) {
                try SampleOperator<Element>.open($0)
            }
            if !isSound {
                step = step.refusing("\(weights) are no weights: none may be negative, some must be above 0")
            }
            let end = index == weights.count - 1 ? 1 : start + weights[index] / sum
            let chance = SampleChance(seed: seed, from: start, to: end, isRepeating: false)
            start = end
            return self.deriving(step.passing(chance), keepsPartitioning: true)
        }
    }

    /// So many elements by chance, in an order by chance; all of them where there are no more.
    ///
    /// - Parameters:
    ///   - withReplacement: whether an element may be taken more than once; the elements are counted first then.
    ///   - count: how many elements at most.
    ///   - seed: from which the choice follows.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func takeSample(
        withReplacement: Bool = false,
        _ count: Int,
        seed: UInt64? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element] where Element: Codable {
        let site = SourceSite(file, line)
        let seed = seed ?? .random(in: 0 ... .max)
        if withReplacement { return try await self.takeWithReplacement(count, seed, at: site) }
        let step = Step("takeSample", at: site, TakeSampleAction<Element>.self) {
            try TakeSampleAction<Element>.open($0)
        }
        let wanted = SampleSize(seed: seed, count: Swift.max(0, count))
        let parts = try await self.results(of: step.passing(wanted), as: [Pair<UInt64, Element>].self)
        return parts.flatMap { $0 }.sorted { $0.key < $1.key }.prefix(wanted.count).map(\.value)
    }

    @inlinable func takeWithReplacement(_ count: Int, _ seed: UInt64, at site: SourceSite) async throws -> [Element]
    where Element: Codable {
        let sizes = try await self.partitionSizes(at: site)
        let all = sizes.reduce(0, +)
        guard count > 0, all > 0 else { return [] }
        var generator = SeededGenerator(seed: seed)
        let places = (0..<count).map { _ in Int.random(in: 0..<all, using: &generator) }
        var starts: [Int] = []
        var start = 0
        for size in sizes {
            starts.append(start)
            start += size
        }
        let step = Step("takeSample", at: site, TakePlacesAction<Element>.self) {
            try TakePlacesAction<Element>.open($0)
        }
        let wanted = PlacesToTake(starts: starts, places: Array(Set(places)).sorted())
        var found: [Int: Element] = [:]
        for part in try await self.results(of: step.passing(wanted), as: [Pair<Int, Element>].self) {
            for entry in part { found[entry.key] = entry.value }
        }
        return places.compactMap { found[$0] }
    }
}

/// Which elements chance takes: those whose number from 0 to 1 lies in a range.
@usableFromInline struct SampleChance: Codable, Sendable {
    @usableFromInline var seed: UInt64
    @usableFromInline var from: Double
    @usableFromInline var to: Double
    @usableFromInline var isRepeating: Bool

    @usableFromInline init(seed: UInt64, from: Double, to: Double, isRepeating: Bool) {
        self.seed = seed
        self.from = from
        self.to = to
        self.isRepeating = isRepeating
    }
}

@usableFromInline struct SampleOperator<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let chance = try input.value(as: SampleChance.self)
        var generator = SeededGenerator(seed: chance.seed, stream: input.partition)
        let parent = try input.stream(of: Element.self)
        if !chance.isRepeating {
            return parent.filtered { _ in
                let fraction = generator.nextFraction()
                return fraction >= chance.from && fraction < chance.to
            }
        }
        return parent.flatMapped { repeatElement($0, count: generator.nextPoisson(mean: chance.to)) }
    }
}

extension SeededGenerator {
    /// How often something happens that is expected `mean` times.
    @usableFromInline mutating func nextPoisson(mean: Double) -> Int {
        // Knuth's way, in pieces whose chance of nothing at all is a number that can be told from 0.
        var (count, rest) = (0, mean)
        while rest > 0 {
            let piece = min(rest, 32)
            rest -= piece
            let limit = exp(-piece)
            var product = self.nextFraction()
            while product > limit {
                count += 1
                product *= self.nextFraction()
            }
        }
        return count
    }
}

@usableFromInline struct SampleSize: Codable, Sendable {
    @usableFromInline var seed: UInt64
    @usableFromInline var count: Int

    @usableFromInline init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = count
    }
}

/// Every element draws a number; those with the smallest of all are the sample, and the numbers' order is theirs.
@usableFromInline struct TakeSampleAction<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let size = try input.value(as: SampleSize.self)
        var generator = SeededGenerator(seed: size.seed, stream: input.partition)
        let drawn = try input.stream(of: Element.self).mapped { Pair(generator.next(), $0) }
        return try TaskResult(of: try drawn.best(size.count) { $0.key < $1.key })
    }
}

@usableFromInline struct PlacesToTake: Codable, Sendable {
    @usableFromInline var starts: [Int]
    @usableFromInline var places: [Int]

    @usableFromInline init(starts: [Int], places: [Int]) {
        self.starts = starts
        self.places = places
    }
}

@usableFromInline struct TakePlacesAction<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let wanted = try input.value(as: PlacesToTake.self)
        var place = wanted.starts[input.partition]
        var next = wanted.places.firstIndex { $0 >= place } ?? wanted.places.count
        var found: [Pair<Int, Element>] = []
        try input.stream(of: Element.self).forEach { element in
            if next < wanted.places.count && wanted.places[next] == place {
                found.append(Pair(place, element))
                next += 1
            }
            place += 1
        }
        return try TaskResult(of: found)
    }
}
