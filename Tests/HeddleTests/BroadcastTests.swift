import Synchronization
import Testing

@testable import Heddle

/// Counts how often it is decoded.
struct Table: Codable, Sendable {
    static let decodings = Atomic(0)

    var names: [Int: String]

    init(names: [Int: String]) { self.names = names }

    init(from decoder: any Decoder) throws {
        Table.decodings.wrappingAdd(1, ordering: .relaxed)
        self.names = try decoder.singleValueContainer().decode([Int: String].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.names)
    }
}

@Suite struct BroadcastTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `a broadcast is decoded once by an executor, and again when it was let go`() async throws {
        let names = try self.context.broadcast(Table(names: [1: "one", 2: "two"]))
        #expect(names.value.names[1] == "one")
        let before = Table.decodings.load(ordering: .relaxed)
        let numbers = self.context.parallelize([1, 2, 3, 1], partitions: 4)
        for round in 0..<5 {
            let texts = numbers.map(with: Pair(names, round)) { given, number in
                "\(given.key.value.names[number] ?? "?")\(given.value)"
            }
            #expect(try await texts.collect() == ["one", "two", "?", "one"].map { "\($0)\(round)" })
        }
        // Tasks that start together may each decode it.
        #expect(Table.decodings.load(ordering: .relaxed) - before <= 2)
        names.unpersist()
        let decoded = Table.decodings.load(ordering: .relaxed)
        #expect(try await numbers.filter(with: names) { $0.value.names[$1] == nil }.collect() == [3])
        #expect(Table.decodings.load(ordering: .relaxed) > decoded)
    }

    @Test func `an action that needs a destroyed broadcast is refused`() async throws {
        let factor = try self.context.broadcast(3)
        let products = self.context.parallelize([1, 2]).map(with: factor) { $0.value * $1 }
        #expect(try await products.sum() == 9)
        factor.destroy()
        let error = await #expect(throws: HeddleError.self) { try await products.sum() }
        #expect(error?.description.contains("needs a broadcast that was destroyed") == true)
    }

    @Test func `a broadcast is no element of a dataset`() async throws {
        let factor = try self.context.broadcast(3)
        let error = await #expect(throws: HeddleError.self) {
            try await self.context.parallelize([factor]).map { $0.value }.collect()
        }
        #expect(error?.description.contains("handed over at the driver") == true)
    }

    @Test func `values and plans that were not used for long are let go and come again`() async throws {
        let first = self.context.parallelize([1], partitions: 1).map(with: Array(repeating: 7, count: 5000)) {
            $0.count + $1
        }
        #expect(try await first.collect() == [5001])
        for number in 0..<600 {
            let one = self.context.parallelize([1], partitions: 1)
            #expect(try await one.map(with: number) { $0 + $1 }.sum() == number + 1)
        }
        let executor = try #require(self.context.local).executor
        #expect(executor.planCount <= 256)
        let big = Array(repeating: UInt8(1), count: ValueCache.bytesMaximum / 4)
        for number in 0..<5 {
            let value = [UInt8(number)] + big
            _ = executor.values.value(Digest(of: [UInt8(number)]), bytes: value)
        }
        #expect(executor.values.count < 5)
        #expect(executor.values.value(Digest(of: [0]), bytes: nil) == nil)
        #expect(try await first.collect() == [5001])
    }
}
