import Testing

@testable import Heddle

@Suite struct OperationTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `numbers are put into buckets`() async throws {
        let numbers = self.context.parallelize([0.0, 1, 2, 3, 9.5, 10], partitions: 3)
        let equal = try await numbers.histogram(2)
        #expect(equal.bounds == [0, 5, 10] && equal.counts == [4, 2])
        #expect(try await numbers.histogram(bounds: [1, 2, 3]).counts == [1, 2])
        #expect(try await self.context.parallelize([7, 7, 7]).histogram(4).counts == [3])
        await #expect(throws: HeddleError.self) { try await numbers.histogram(bounds: [2, 1]) }
        await #expect(throws: HeddleError.self) { try await numbers.histogram(0) }
        await #expect(throws: HeddleError.self) { try await numbers.filter { $0 < 0 }.histogram(3) }
        #expect(try await numbers.mean() == 4.25)
        #expect(try await self.context.parallelize([2, 4, 4, 4, 5, 5, 7, 9], partitions: 3).variance() == 4)
        #expect(try await self.context.parallelize([2, 4, 4, 4, 5, 5, 7, 9], partitions: 3).stdev() == 2)
        #expect(try await numbers.filter { $0 < 0 }.mean().isNaN)
    }

    @Test(arguments: [1, 2, 7, 64], [1, 2, 3, 5])
    func `results are put together in rounds`(_ partitions: Int, _ depth: Int) async throws {
        let numbers = self.context.parallelize(1...100, partitions: partitions)
        #expect(try await numbers.treeReduce(depth: depth) { $0 + $1 } == 5050)
        let sums = try await numbers.treeAggregate(
            Pair(0, 0),
            depth: depth,
            { Pair($0.key + $1, $0.value + 1) },
            { Pair($0.key + $1.key, $0.value + $1.value) }
        )
        #expect(sums == Pair(5050, 100))
        #expect(try await numbers.filter { $0 < 0 }.treeReduce { $0 + $1 } == nil)
    }

    @Test func `elements come to the driver one partition at a time`() async throws {
        let count = self.context.longAccumulator()
        let numbers = self.context.parallelize(0..<30, partitions: 10).map(with: count) { count, number in
            count.add(1)
            return number
        }
        var seen: [Int] = []
        for try await number in numbers.toLocalIterator() {
            seen.append(number)
            #expect(count.value <= (number / 3 + 1) * 3)
            if number == 7 { break }
        }
        #expect(seen == Array(0...7))
        var all: [Int] = []
        for try await number in numbers.filter({ $0 % 4 == 0 }).toLocalIterator() { all.append(number) }
        #expect(all == stride(from: 0, to: 30, by: 4).map { $0 })
    }

    @Test(arguments: [0, 1, 10, 1000, 30_000])
    func `different elements are estimated`(_ count: Int) async throws {
        let numbers = self.context.parallelize(0..<(2 * count), partitions: 4).map(with: count) { $1 % max(1, $0) }
        for deviation in [0.05, 0.01] {
            let estimate = try await numbers.countApproxDistinct(relativeSD: deviation)
            #expect(abs(Double(estimate - count)) <= 4 * deviation * Double(count), "\(estimate)")
        }
        let texts = numbers.map { "number \($0)" }
        #expect(abs(Double(try await texts.countApproxDistinct() - count)) <= 0.2 * Double(count))
        await #expect(throws: HeddleError.self) { try await numbers.countApproxDistinct(relativeSD: 0) }
    }

    @Test func `pairs are spread by key and sorted where they come together`() async throws {
        let pairs = self.context.parallelize((0..<200).map { Pair(($0 * 37) % 100, $0) }, partitions: 3)
        let parts = try await pairs.repartitionAndSortWithinPartitions(4).glom().collect()
        #expect(parts.count == 4)
        for part in parts { #expect(part.map(\.key) == part.map(\.key).sorted()) }
        #expect(parts.map { Set($0.map(\.key)).count }.reduce(0, +) == 100)
        let down = try await pairs.repartitionAndSortWithinPartitions(2, ascending: false).glom().collect()
        for part in down { #expect(part.map(\.key) == part.map(\.key).sorted(by: >)) }
    }

    @Test func `what is spread by key is gathered without another shuffle`() async throws {
        let pairs = self.context.parallelize((0..<100).map { Pair($0 % 10, $0) }, partitions: 4).partitionBy(3)
        for gathered in [pairs.groupByKey().mapValues { $0.reduce(0, +) }, pairs.reduceByKey { $0 + $1 }] {
            #expect(gathered.node.shuffleCount == 1)
            let sums = try await gathered.collect().map { ($0.key, $0.value) }
            #expect(
                Dictionary(uniqueKeysWithValues: sums)
                    == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 450 + 10 * $0) })
            )
        }
        #expect(pairs.partitionBy(3).node === pairs.node)
        #expect(pairs.reduceByKey(partitions: 5) { $0 + $1 }.node.shuffleCount == 2)
        // A join takes the partitions of the side that has been spread.
        let other = self.context.parallelize((0..<10).map { Pair($0, $0) }, partitions: 8)
        let joined = pairs.join(other)
        #expect(joined.partitionCount == 3 && joined.node.shuffleCount == 2)
        #expect(try await joined.count() == 100)
    }

    @Test func `a dataset that a function makes twice can be put together with itself`() async throws {
        func numbers() -> RDD<Int> { self.context.parallelize(0..<6, partitions: 3) }
        #expect(try await numbers().union(numbers()).collect() == Array(0..<6) + Array(0..<6))
        let products = numbers().cartesian(numbers().filter { $0 > 4 }).map { $0.key * $0.value }
        #expect(try await products.collect() == [0, 5, 10, 15, 20, 25])
    }

    @Test func `partitions become fewer or more`() async throws {
        let numbers = self.context.parallelize(0..<10, partitions: 2)
        #expect(try await numbers.coalesce(5, shuffle: true).glom().collect().count == 5)
        #expect(try await numbers.coalesce(1, shuffle: false).glom().collect() == [Array(0..<10)])
    }

    @Test(arguments: [
        (0, 10, 1), (0, 10, 3), (10, 0, -1), (10, 0, -4), (5, 5, 1), (0, 10, -1), (-7, 8, 2), (0, 1, 100),
    ])
    func `ranges are those of Swift's stride`(_ range: (Int, Int, Int)) async throws {
        let (start, end, step) = range
        for partitions in [1, 3, 16] {
            let found = try await self.context.range(start, end, step: step, partitions: partitions).collect()
            #expect(found == Array(stride(from: start, to: end, by: step)))
        }
    }

    @Test func `ranges may go from the smallest to the largest integer`() async throws {
        let ends = self.context.range(.min, .max, step: Int.max, partitions: 4)
        #expect(try await ends.collect() == [.min, -1, .max - 1])
        #expect(try await self.context.range(0, 1_000_000).sum() == 499_999_500_000)
        await #expect(throws: HeddleError.self) { try await self.context.range(0, 1, step: 0).count() }
    }
}

extension Node {
    /// How many shuffles stand behind a dataset.
    fileprivate var shuffleCount: Int { self.parents.map(\.shuffleCount).reduce(self.isShuffle ? 1 : 0, +) }
}
