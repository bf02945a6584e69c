import Heddle

/// How often each word occurs, the most frequent first: `word<TAB>count`.
enum WordCount: Application {
    static let usage = "INPUT [HOW MANY]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let counts = try await context.textFile(try arguments.text(0))
            .flatMap { $0.words }
            .map { Pair($0, 1) }
            .reduceByKey { $0 + $1 }
        let frequent = try await counts.map { Ranked(word: $0.key, count: $0.value) }
            .takeOrdered(try arguments.count(1, or: 20))
        for ranked in frequent { print("\(ranked.word)\t\(ranked.count)") }
    }

    struct Ranked: Codable, Comparable, Sendable {
        var word: Text
        var count: Int

        static func < (left: Ranked, right: Ranked) -> Bool {
            left.count != right.count ? left.count > right.count : left.word < right.word
        }
    }
}
