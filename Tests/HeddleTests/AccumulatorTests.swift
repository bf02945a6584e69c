import Synchronization
import Testing

@testable import Heddle

private enum Runs {
    static let failing = Atomic(0)
}

private struct Unlucky: Error {}

/// A kind of the program's own.
struct Longest: Accumulable {
    var output = ""

    mutating func add(_ input: String) { if input.count > self.output.count { self.output = input } }

    mutating func merge(_ other: Longest) { self.add(other.output) }
}

@Suite struct AccumulatorTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `what tasks add is read at the driver`() async throws {
        let odd = self.context.longAccumulator("odd numbers")
        let seen = self.context.collectionAccumulator(of: Int.self)
        let spread = self.context.accumulator(Statistics.self, "spread")
        let halves = self.context.doubleAccumulator()
        let longest = self.context.accumulator(Longest.self)
        let numbers = self.context.parallelize(1...100, partitions: 7)
        let evens = numbers.filter(with: odd) { odd, number in
            if number % 2 == 1 { odd.add(1) }
            return number % 2 == 0
        }
        #expect(odd.value == 0)
        #expect(try await evens.count() == 50)
        #expect(odd.value == 50)
        #expect(odd.name == "odd numbers")
        try await numbers.foreach(with: Pair(seen, Pair(spread, halves))) { given, number in
            given.key.add(number)
            given.value.key.add(Double(number))
            given.value.value.add(Double(number) / 2)
        }
        #expect(seen.value.sorted() == Array(1...100))
        // Parts are merged in the order in which tasks end, which rounds differently.
        #expect(abs(spread.value.mean - 50.5) < 1e-9 && spread.value.count == 100)
        #expect(halves.value == 2525)
        try await numbers.foreachPartition(with: longest) { longest, elements in
            for number in elements { longest.add(String(repeating: "x", count: number)) }
        }
        #expect(longest.value.count == 100)
        odd.reset()
        odd.add(7)
        #expect(odd.value == 7)
    }

    @Test func `a run of a task that failed does not count`() async throws {
        let context = try HeddleContext(master: "local[2,3]")
        let count = context.longAccumulator()
        try await context.parallelize(0..<30, partitions: 3).foreach(with: count) { count, number in
            count.add(1)
            if number == 15 && Runs.failing.wrappingAdd(1, ordering: .relaxed).newValue < 3 { throw Unlucky() }
        }
        #expect(count.value == 30)
        let lost = context.longAccumulator()
        await #expect(throws: HeddleError.self) {
            try await context.parallelize([1], partitions: 1).foreach(with: lost) { lost, _ in
                lost.add(1)
                throw Unlucky()
            }
        }
        #expect(lost.value == 0)
    }

    @Test func `a map task that runs again because its output was lost does not count again`() async throws {
        let count = self.context.longAccumulator()
        let sums = self.context.parallelize(0..<40, partitions: 4).map(with: count) { count, number in
            count.add(1)
            return Pair(number % 4, number)
        }.reduceByKey { $0 + $1 }
        let expected = [0: 180, 1: 190, 2: 200, 3: 210]
        for _ in 0..<3 {
            let found = try await sums.collect().map { ($0.key, $0.value) }
            #expect(Dictionary(uniqueKeysWithValues: found) == expected)
            #expect(count.value == 40)
            self.context.local?.forget(shuffle: try #require(sums.node.parents.first).identity)
        }
    }

    @Test func `what nobody can read any more is dropped`() async throws {
        for _ in 0..<300 {
            let count = self.context.longAccumulator()
            try await self.context.parallelize([1], partitions: 1).foreach(with: count) { $0.add($1) }
            #expect(count.value == 1)
        }
        #expect(AccumulatorTotals.shared.count < 200)
    }

    @Test func `an update that is no update fails the task that sent it`() throws {
        let count = self.context.longAccumulator()
        let cut = AccumulatorUpdate(accumulator: count.id, bytes: [])
        #expect(throws: (any Error).self) { try AccumulatorTotals.shared.merge(of: cut) }
        let unknown = AccumulatorUpdate(accumulator: .max, bytes: [])
        #expect(try AccumulatorTotals.shared.merge(of: unknown) == nil)
        #expect(count.value == 0)
    }
}
