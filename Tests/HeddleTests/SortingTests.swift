import Testing

@testable import Heddle

@Suite struct SortingTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    /// Numbers in no order, the same in every run.
    private func numbers(_ count: Int) -> [Int] {
        (0..<count).map { Int(truncatingIfNeeded: Mixing.hash(UInt64($0)) % 1000) }
    }

    @Test(arguments: [true, false]) func `elements are in order over all partitions`(_ ascending: Bool) async throws {
        let numbers = self.numbers(5000)
        let sorted = try await self.context.parallelize(numbers, partitions: 5)
            .sortBy(ascending: ascending, partitions: 4) { $0 }
        #expect(try await sorted.collect() == numbers.sorted(by: ascending ? { $0 < $1 } : { $0 > $1 }))
        let sizes = try await sorted.glom().map { $0.count }.collect()
        #expect(sizes.count == 4 && sizes.allSatisfy { $0 > 500 }, "\(sizes)")
    }

    @Test func `equal keys keep their order`() async throws {
        let pairs = self.numbers(2000).enumerated().map { Pair($0.element % 7, $0.offset) }
        let sorted = try await self.context.parallelize(pairs, partitions: 3).sortByKey(partitions: 4).collect()
        let expected = pairs.enumerated().sorted {
            ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
        }.map(\.element)
        #expect(sorted == expected)
    }

    @Test func `texts, few keys and nothing are sorted`() async throws {
        let words = self.context.parallelize(["pear", "apple", "fig", "apple pie"].map { Text($0) }, partitions: 2)
        let sorted = try await words.sortBy { $0 }.map { String($0) }.collect()
        #expect(sorted == ["apple", "apple pie", "fig", "pear"])
        let same = try await self.context.parallelize([1, 1, 1], partitions: 3).sortBy(partitions: 8) { $0 }
        #expect(try await same.collect() == [1, 1, 1])
        let nothing = try await words.filter { $0.isEmpty }.sortBy { $0 }
        #expect(try await nothing.isEmpty())
    }

    @Test func `a key that cannot be made fails the job`() async throws {
        struct NoKey: Error {}
        await #expect(throws: HeddleError.self) {
            try await self.context.parallelize([1, 2], partitions: 2).sortBy { number -> Int in
                if number == 2 { throw NoKey() }
                return number
            }
        }
    }
}
