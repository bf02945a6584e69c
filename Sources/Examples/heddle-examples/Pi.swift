import Heddle

/// Throws darts at a square and counts those that hit the circle in it.
enum Pi: Application {
    static let usage = "[PARTITIONS [DARTS FOR EACH]]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let partitions = try arguments.count(0, or: 4)
        let darts = try arguments.count(1, or: 100_000)
        let hits = try await context.range(0, partitions, partitions: partitions).map(with: darts) { darts, partition in
            var chance = SeededGenerator(seed: 1, stream: partition)
            var hits = 0
            for _ in 0..<darts {
                let (x, y) = (2 * chance.nextFraction() - 1, 2 * chance.nextFraction() - 1)
                if x * x + y * y <= 1 { hits += 1 }
            }
            return hits
        }.sum()
        print("Pi is roughly \(4 * Double(hits) / Double(partitions * darts))")
    }
}
