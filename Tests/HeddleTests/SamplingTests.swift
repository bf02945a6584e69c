import Testing

@testable import Heddle

@Suite struct SamplingTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `a sample follows from its seed and is about as large as its fraction says`() async throws {
        let numbers = self.context.parallelize(0..<10_000, partitions: 5)
        let sample = try await numbers.sample(fraction: 0.1, seed: 7).collect()
        #expect((850...1150).contains(sample.count), "\(sample.count)")
        #expect(Set(sample).count == sample.count && sample == sample.sorted())
        #expect(try await numbers.sample(fraction: 0.1, seed: 7).collect() == sample)
        #expect(try await numbers.sample(fraction: 0.1, seed: 8).collect() != sample)
        #expect(try await numbers.sample(fraction: 1, seed: 1).count() == 10_000)
        #expect(try await numbers.sample(fraction: 0, seed: 1).isEmpty())
    }

    @Test(arguments: [0.5, 3, 70])
    func `with replacement an element comes as often as its fraction says`(_ fraction: Double) async throws {
        let numbers = self.context.parallelize(0..<2000, partitions: 3)
        let counts = try await numbers.sample(withReplacement: true, fraction: fraction, seed: 11).countByValue()
        let total = Double(counts.values.reduce(0, +)) / 2000
        #expect(abs(total - fraction) < 0.1 * fraction, "\(total)")
        // A Poisson variable's variance is its mean.
        let squares = (0..<2000).map { Double(counts[$0] ?? 0) - total }.map { $0 * $0 }.reduce(0, +) / 2000
        #expect(abs(squares - fraction) < 0.2 * fraction, "\(squares)")
    }

    @Test func `a fraction that is none is refused`() async throws {
        let numbers = self.context.parallelize(0..<10)
        for fraction in [-0.1, 1.5, .nan] {
            let error = await #expect(throws: HeddleError.self) { try await numbers.sample(fraction: fraction).count() }
            #expect(error?.description.contains("no fraction") == true)
        }
    }

    @Test func `a split deals every element out once`() async throws {
        let numbers = self.context.parallelize(0..<10_000, partitions: 4)
        let parts = numbers.randomSplit([3, 1, 0], seed: 3)
        var all: [Int] = []
        var counts: [Int] = []
        for part in parts {
            let found = try await part.collect()
            all += found
            counts.append(found.count)
        }
        #expect(all.sorted() == Array(0..<10_000))
        #expect(abs(counts[0] - 7500) < 300 && counts[2] == 0, "\(counts)")
        await #expect(throws: HeddleError.self) { try await numbers.randomSplit([1, -1])[0].count() }
    }

    @Test func `a number of elements is taken by chance`() async throws {
        let numbers = self.context.parallelize(0..<1000, partitions: 4)
        let taken = try await numbers.takeSample(50, seed: 5)
        #expect(taken.count == 50 && Set(taken).count == 50)
        #expect(taken != taken.sorted())
        #expect(try await numbers.takeSample(50, seed: 5) == taken)
        #expect(try await numbers.takeSample(5000, seed: 5).sorted() == Array(0..<1000))
        #expect(try await numbers.takeSample(0, seed: 5) == [])
        let repeated = try await numbers.takeSample(withReplacement: true, 3000, seed: 5)
        #expect(repeated.count == 3000 && Set(repeated).count > 900)
        // Every element is as likely as the others: 200 samples of 10 of 10 x 100 elements.
        var counts = Array(repeating: 0, count: 10)
        for seed in 0..<100 {
            for number in try await numbers.takeSample(20, seed: UInt64(seed)) { counts[number / 100] += 1 }
        }
        #expect(counts.allSatisfy { (140...260).contains($0) }, "\(counts)")
    }
}
