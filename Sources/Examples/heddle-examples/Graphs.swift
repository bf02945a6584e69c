import Heddle

/// The importance of the pages of a graph of links: `page<TAB>rank`, the highest first. A line is a link: two words, from and
/// to. Ranks add up to 1; what a page without links has is spread over all.
enum PageRank: Application {
    static let usage = "LINKS [ROUNDS [HOW MANY]]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let links = try await context.edges(try arguments.text(0)).distinct()
        let pages = links.flatMap { [$0.key, $0.value] }.distinct().map { Pair($0, false) }
        let neighbours = pages.leftOuterJoin(links.groupByKey()).mapValues { $0.value ?? [] }.cache()
        let count = Double(try await neighbours.count())
        var ranks = neighbours.mapValues(with: count) { count, _ in 1 / count }
        for _ in 0..<(try arguments.count(1, or: 10)) {
            let shares = neighbours.join(ranks).flatMap { entry in
                Self.shares(entry.key, entry.value.key, entry.value.value)
            }
            .reduceByKey { $0 + $1 }.cache()
            let missing = 1 - (try await shares.values().sum())
            ranks = shares.mapValues(with: (0.15 + 0.85 * missing) / count) { everyone, share in everyone + 0.85 * share
            }
        }
        let best = try await ranks.map { RankedPage(page: $0.key, rank: $0.value) }
            .takeOrdered(try arguments.count(2, or: 20))
        for ranked in best { print("\(ranked.page)\t\(ranked.rank)") }
    }

    /// What a page gives to its neighbours. It sends nothing to itself, so that no page is lost.
    static func shares(_ page: Text, _ neighbours: Group<Text>, _ rank: Double) -> [Pair<Text, Double>] {
        let share = rank / Double(neighbours.count)
        return [Pair(page, 0)] + neighbours.map { Pair($0, share) }
    }

    struct RankedPage: Codable, Comparable, Sendable {
        var page: Text
        var rank: Double

        static func < (left: RankedPage, right: RankedPage) -> Bool {
            left.rank != right.rank ? left.rank > right.rank : left.page < right.page
        }
    }
}

/// Which nodes of a graph hang together: how many parts there are, then the size of each, the largest first. A line is an
/// edge: two words.
enum ConnectedComponents: Application {
    static let usage = "EDGES"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let edges = try await context.edges(try arguments.text(0)).flatMap { [$0, Pair($0.value, $0.key)] }.distinct()
            .partitionBy(context.defaultParallelism).cache()
        // Every node takes the smallest name that it hears of, until none changes.
        var labels = edges.map { Pair($0.key, $0.key) }.reduceByKey { min($0, $1) }
        var isChanging = true
        while isChanging {
            let heard = edges.join(labels).map { Pair($0.value.key, $0.value.value) }
            let next = heard.union(labels).reduceByKey(partitions: context.defaultParallelism) { min($0, $1) }.cache()
            isChanging = try await !next.join(labels).filter { $0.value.key != $0.value.value }.isEmpty()
            labels = next
        }
        let sizes = try await labels.values().countByValue().values.sorted(by: >)
        print(sizes.count)
        for size in sizes { print(size) }
    }
}

extension HeddleContext {
    /// The edges of a file of lines with two words.
    func edges(_ path: String) async throws -> RDD<Pair<Text, Text>> {
        try await self.textFile(path).flatMap { line -> [Pair<Text, Text>] in
            let words = Array(line.words)
            return words.count == 2 && words[0].first != UInt8(ascii: "#") ? [Pair(words[0], words[1])] : []
        }
    }
}
