import Testing

@testable import Heddle

/// What Spark's users know of the edges of its operations, and what is otherwise here, as Documentation/ENGINE.md says.
@Suite struct EdgeTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    private var nothing: RDD<Int> { self.context.parallelize([1, 2, 3], partitions: 2).filter { $0 > 3 } }

    @Test func `an action on nothing has nil or nothing for its result`() async throws {
        #expect(try await self.nothing.first() == nil)
        #expect(try await self.nothing.min() == nil)
        #expect(try await self.nothing.max() == nil)
        #expect(try await self.nothing.reduce { $0 + $1 } == nil)
        #expect(try await self.nothing.treeReduce { $0 + $1 } == nil)
        #expect(try await self.nothing.sum() == 0)
        #expect(try await self.nothing.fold(7) { $0 + $1 } == 21)
        #expect(try await self.nothing.mean().isNaN)
        #expect(try await self.nothing.variance().isNaN)
        #expect(try await self.nothing.takeSample(3, seed: 1) == [])
        #expect(try await self.nothing.takeSample(withReplacement: true, 3, seed: 1) == [])
        let none = self.context.parallelize([Int](), partitions: 3)
        #expect(try await none.collect() == [])
        #expect(none.partitionCount == 3)
    }

    @Test(arguments: [0, -1, Int.min]) func `so few elements are none`(count: Int) async throws {
        let numbers = self.context.parallelize([3, 1, 2], partitions: 2)
        #expect(try await numbers.take(count) == [])
        #expect(try await numbers.takeOrdered(count) == [])
        #expect(try await numbers.top(count) == [])
        #expect(try await numbers.takeSample(count, seed: 1) == [])
        #expect(try await numbers.takeSample(withReplacement: true, count, seed: 1) == [])
    }

    @Test func `elements are taken in the order of partitions`() async throws {
        let numbers = self.context.parallelize((0..<100).map { 99 - $0 }, partitions: 13)
        #expect(try await numbers.take(40) == (60...99).reversed())
        #expect(try await numbers.first() == 99)
        #expect(try await numbers.filter { $0 < 3 }.take(2) == [2, 1])
    }

    @Test(arguments: [1, 2, 5]) func `places are counted without the last partition`(partitions: Int) async throws {
        let count = self.context.longAccumulator()
        let numbers = self.context.parallelize(0..<10, partitions: partitions).map(with: count) { count, number in
            count.add(1)
            return number
        }
        let placed = try await numbers.zipWithIndex()
        #expect(count.value == 10 - 10 / partitions)
        #expect(try await placed.collect() == (0..<10).map { Pair($0, $0) })
    }

    @Test func `what is not a number is larger than all numbers`() async throws {
        // The processor's own has its sign set.
        let none = [-Double.nan, .nan]
        for partitions in [1, 4] {
            let numbers = self.context.parallelize(
                [2.0, none[0], -.infinity, 1, none[1], .infinity, 0],
                partitions: partitions
            )
            let ordered: [Double] = [-.infinity, 0, 1, 2, .infinity]
            #expect(try await numbers.takeOrdered(5) == ordered)
            #expect(try await numbers.takeOrdered(9).suffix(2).allSatisfy(\.isNaN))
            let top = try await numbers.top(4)
            #expect(top.prefix(2).allSatisfy(\.isNaN) && top.suffix(2) == [.infinity, 2])
            #expect(try await numbers.min() == -.infinity)
            #expect(try await numbers.max()?.isNaN == true)
            let sorted = try await numbers.sortBy { $0 }.collect()
            #expect(sorted.prefix(5) == ordered[...] && sorted.suffix(2).allSatisfy(\.isNaN))
            let down = try await numbers.sortBy(ascending: false) { $0 }.collect()
            #expect(down.prefix(2).allSatisfy(\.isNaN) && Array(down.suffix(5)) == ordered.reversed())
            let statistics = try await numbers.stats()
            #expect(statistics.min.isNaN && statistics.max.isNaN && statistics.mean.isNaN)
            await #expect(throws: HeddleError.self) { try await numbers.histogram(2) }
            #expect(try await numbers.histogram(bounds: [0, 1, 2]).counts == [1, 2])
        }
        // Floats are ordered by the same rule.
        let floats = self.context.parallelize([Float.nan, 1, -1], partitions: 1)
        #expect(try await floats.min() == -1)
        #expect(try await floats.max()?.isNaN == true)
    }

    @Test func `as keys both zeros are one, and what is not a number equals nothing`() async throws {
        let numbers = self.context.parallelize([0.0, -0.0, .nan, .nan, 1], partitions: 3)
        #expect(try await numbers.distinct().count() == 4)
        #expect(try await numbers.map { Pair($0, 1) }.reduceByKey { $0 + $1 }.lookup(0) == [2])
        #expect(try await numbers.map { Pair($0, 1) }.lookup(.nan) == [])
    }

    @Test func `a number on the edge of two buckets is in the upper one, and on the last edge in the last`()
        async throws
    {
        let numbers = self.context.parallelize([0.0, 1, 2, 3, 4], partitions: 2)
        #expect(try await numbers.histogram(4).counts == [1, 1, 1, 2])
        #expect(try await numbers.histogram(bounds: [1, 2, 4]).counts == [1, 3])
        let integers = self.context.parallelize(0...100, partitions: 3)
        #expect(try await integers.histogram(3).bounds.count == 4)
        #expect(try await integers.histogram(10).counts == [10, 10, 10, 10, 10, 10, 10, 10, 10, 11])
    }

    @Test func `equal keys keep their order in a descending sort, too`() async throws {
        let pairs = (0..<1000).map { Pair($0 % 3, $0) }
        let sorted = try await self.context.parallelize(pairs, partitions: 4)
            .sortByKey(ascending: false, partitions: 3).collect()
        let expected = [2, 1, 0].flatMap { key in pairs.filter { $0.key == key } }
        #expect(sorted == expected)
    }

    @Test func `a range of too many elements is refused by the action`() async throws {
        let error = await #expect(throws: HeddleError.self) {
            try await self.context.range(.min, .max, partitions: 2).count()
        }
        #expect(error?.description.contains("no more elements than an Int counts") == true)
        #expect(try await self.context.range(.max - 3, .max, step: 2).collect() == [.max - 3, .max - 1])
        #expect(try await self.context.range(.min + 3, .min, step: -2).collect() == [.min + 3, .min + 1])
    }

    @Test func `a sum that does not fit fails the action`() async throws {
        let bytes = self.context.parallelize([UInt8(200), 100], partitions: 2)
        let error = await #expect(throws: HeddleError.self) { try await bytes.sum() }
        #expect(error?.description.contains("the sum 300 does not fit into UInt8") == true)
        #expect(try await bytes.map { Int($0) }.sum() == 300)
        #expect(try await self.context.parallelize([Int.max, 1, -1], partitions: 3).sum() == .max)
        #expect(try await self.context.parallelize([UInt64.max], partitions: 2).sum() == .max)
    }

    @Test func `subtract keeps what occurs more than once, intersection does not`() async throws {
        let left = self.context.parallelize([1, 1, 2, 3, 3], partitions: 2)
        let right = self.context.parallelize([2, 3, 3], partitions: 3)
        #expect(try await left.subtract(right).collect() == [1, 1])
        #expect(try await left.intersection(right).collect().sorted() == [2, 3])
        #expect(try await left.union(right).count() == 8)
    }

    @Test(arguments: [0, -3]) func `a number of partitions below one counts as one`(partitions: Int) async throws {
        let context = self.context
        let pairs = context.parallelize((0..<6).map { Pair($0 % 2, $0) }, partitions: 3)
        #expect(context.parallelize([1, 2], partitions: partitions).partitionCount == 1)
        #expect(context.range(0, 5, partitions: partitions).partitionCount == 1)
        #expect(pairs.coalesce(partitions).partitionCount == 1)
        #expect(pairs.repartition(partitions).partitionCount == 1)
        #expect(pairs.partitionBy(partitions).partitionCount == 1)
        #expect(pairs.join(pairs, partitions: partitions).partitionCount == 1)
        #expect(pairs.keys().distinct(partitions: partitions).partitionCount == 1)
        #expect(pairs.keys().subtract(pairs.keys(), partitions: partitions).partitionCount == 1)
        #expect(try await pairs.sortByKey(partitions: partitions).partitionCount == 1)
        let sums = pairs.reduceByKey(partitions: partitions) { $0 + $1 }
        #expect(try await sums.sortByKey().collect() == [Pair(0, 6), Pair(1, 9)])
    }

    @Test func `without a shuffle there are no more partitions than before`() async throws {
        let numbers = self.context.parallelize(0..<10, partitions: 2)
        #expect(numbers.coalesce(5).partitionCount == 2)
        #expect(try await numbers.coalesce(5).collect() == Array(0..<10))
        #expect(numbers.coalesce(5, shuffle: true).partitionCount == 5)
    }

    @Test func `all values of a key are found, spread by key or not`() async throws {
        let pairs = self.context.parallelize((0..<30).map { Pair($0 % 3, $0) }, partitions: 4)
        let expected = stride(from: 1, to: 30, by: 3).map { $0 }
        #expect(try await pairs.lookup(1) == expected)
        #expect(try await pairs.partitionBy(5).lookup(1) == expected)
        #expect(try await pairs.sortByKey().lookup(1) == expected)
        #expect(try await pairs.lookup(7) == [])
    }

    @Test func `datasets of different lengths are not zipped, whichever is shorter`() async throws {
        let long = self.context.parallelize(0..<10, partitions: 2)
        for (left, right) in [(long, long.filter { $0 != 9 }), (long.filter { $0 != 9 }, long)] {
            let error = await #expect(throws: HeddleError.self) { try await left.zip(right).count() }
            #expect(error?.description.contains("more elements than that of the other") == true)
        }
    }

    @Test func `the answer's deviation is the one that was asked for`() async throws {
        // Of forty estimates of different elements, by their spread about the truth.
        var squares = 0.0
        for round in 0..<40 {
            let numbers = self.context.range(0, 4_000, partitions: 2).map(with: round) { $0 * 1_000_003 + $1 * 7_919 }
            let error = Double(try await numbers.countApproxDistinct(relativeSD: 0.1)) / 4_000 - 1
            squares += error * error
        }
        let deviation = (squares / 40).squareRoot()
        #expect(deviation < 0.1 && deviation > 0.03, "\(deviation)")
        for wrong in [0.4, -0.1, 0.000_01, .nan] {
            let one = self.context.parallelize([1])
            await #expect(throws: HeddleError.self) { try await one.countApproxDistinct(relativeSD: wrong) }
        }
    }
}
