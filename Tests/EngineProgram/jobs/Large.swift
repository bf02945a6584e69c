import Heddle

/// The number that a text begins with, from 0.
private func number(of text: Text) -> Int { (Int(text.prefix(9)) ?? 0) - 100_000_000 }

/// Work on more data than an executor may hold: texts of four kilobytes, so that a small number of them is much.
struct Large {
    private static let keys = 1_000

    /// What was found of a partition of sorted pairs.
    struct Run: Codable, Sendable {
        var first: Int
        var last: Int
        var count: Int
        var isSorted: Bool
    }

    let context: HeddleContext
    /// How many texts.
    let count: Int

    init(_ context: HeddleContext, megabytes: Int) {
        self.context = context
        self.count = megabytes * 256
    }

    private var pairs: RDD<Pair<Int, Text>> {
        self.texts.map { Pair(number(of: $0) &* 7_919 % Large.keys, $0) }
    }

    /// One key has half of all texts.
    private var skewed: RDD<Pair<Int, Text>> {
        self.texts.map {
            let number = number(of: $0)
            return Pair(number % 2 == 0 ? 0 : number &* 7_919 % Large.keys, $0)
        }
    }

    private var texts: RDD<Text> {
        self.context.range(0, self.count, partitions: 8).mapPartitions { numbers in
            let text = String(repeating: "four kilobytes of text. ", count: 171).prefix(4_087)
            return numbers.lazy.map { number in
                // No two are alike, so that nothing can share them.
                Text("\(number + 100_000_000)" + text)
            }
        }
    }

    func sort() async throws -> String {
        let runs = try await self.pairs.sortByKey(partitions: 8).mapPartitions { pairs -> [Run] in
            var run = Run(first: 0, last: 0, count: 0, isSorted: true)
            for pair in pairs {
                if run.count == 0 { run.first = pair.key } else if pair.key < run.last { run.isSorted = false }
                run.last = pair.key
                run.count += 1
            }
            return run.count > 0 ? [run] : []
        }.collect()
        let isSorted = runs.allSatisfy(\.isSorted) && zip(runs, runs.dropFirst()).allSatisfy { $0.last <= $1.first }
        return "\(runs.map(\.count).reduce(0, +)) \(isSorted)"
    }

    func group(isSkewed: Bool = false) async throws -> String {
        let groups = try await (isSkewed ? self.skewed : self.pairs).groupByKey(partitions: 8).map { pair in
            Pair(pair.value.count, pair.value.reduce(0) { $0 + $1.count })
        }.collect()
        let texts = groups.map(\.key)
        return "\(groups.count) \(texts.reduce(0, +)) \(groups.map(\.value).reduce(0, +))"
    }

    private var names: RDD<Pair<Int, Int>> {
        self.context.parallelize(0..<Self.keys, partitions: 2).map { Pair($0, $0 * 2) }
    }

    func join() async throws -> String {
        let joined = self.pairs.join(self.names, partitions: 8)
        return try await self.sums(joined.map { Pair($0.value.key.count, $0.value.value) })
    }

    /// The side that is skewed is the one that is gathered where both fit.
    func joinSkewed() async throws -> String {
        let joined = self.names.join(self.skewed, partitions: 8)
        return try await self.sums(joined.map { Pair($0.value.value.count, $0.value.key) })
    }

    private func sums(_ sums: RDD<Pair<Int, Int>>) async throws -> String {
        "\(try await sums.count()) \(try await sums.keys().sum()) \(try await sums.values().sum())"
    }

    func keep() async throws -> String {
        let made = self.context.longAccumulator("made")
        let kept = self.pairs.map(with: made) { made, pair in
            made.add(1)
            return pair
        }.persist(.memoryAndDisk)
        var sizes: [Int] = []
        for _ in 0..<2 { sizes.append(try await kept.map { $0.value.count }.sum()) }
        return "\(sizes) \(made.value)"
    }
}
