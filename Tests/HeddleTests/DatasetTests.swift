import Testing

@testable import Heddle

@Suite struct DatasetTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `words are counted`() async throws {
        let lines = self.context.parallelize(["to be or", "not to be"], partitions: 2)
        let counts = lines.flatMap { $0.split(separator: " ").map(String.init) }.map { Pair($0, 1) }
            .reduceByKey { $0 + $1 }
        let texts = try await counts.map { "\($0.key)=\($0.value)" }.collect()
        #expect(texts.sorted() == ["be=2", "not=1", "or=1", "to=2"])
        #expect(try await counts.count() == 4)
        #expect(try await counts.lookup("be") == [2])
        #expect(try await counts.lookup("question") == [])
    }

    @Test func `elements are filtered, transformed and put together`() async throws {
        let numbers = self.context.parallelize(1...100, partitions: 7)
        #expect(try await numbers.filter { $0 % 2 == 0 }.map(with: 3) { $0 * $1 }.reduce { $0 + $1 } == 7650)
        #expect(try await numbers.filter(with: [5, 7]) { $0.contains($1) }.collect() == [5, 7])
        #expect(try await numbers.flatMap(with: 2) { Array(repeating: $1, count: $0) }.count() == 200)
        #expect(try await numbers.aggregate("", { $0 + String($1 % 2) }, { $0 + $1 }).count == 100)
        #expect(try await numbers.fold(0) { $0 + $1 } == 5050)
        #expect(try await numbers.takeOrdered(3) == [1, 2, 3])
        #expect(try await numbers.top(2) == [100, 99])
        #expect(try await numbers.min() == 1)
        #expect(try await numbers.max() == 100)
        #expect(try await numbers.take(0) == [])
        #expect(try await numbers.take(1000).count == 100)
        #expect(try await numbers.mapPartitions { elements in [elements.reduce(0, +)] }.sum() == 5050)
        #expect(try await numbers.mapPartitionsWithIndex { number, _ in [number] }.collect() == Array(0..<7))
        let nothing = numbers.filter { $0 > 100 }
        #expect(try await nothing.isEmpty())
        #expect(try await nothing.first() == nil)
        #expect(try await nothing.reduce { $0 + $1 } == nil)
        #expect(try await nothing.stats().count == 0)
    }

    @Test func `numbers are summed up`() async throws {
        let numbers = self.context.parallelize([2.0, 4, 4, 4, 5, 5, 7, 9], partitions: 3)
        let statistics = try await numbers.stats()
        #expect(statistics.count == 8)
        #expect(statistics.mean == 5)
        #expect(abs(statistics.standardDeviation - 2) < 1e-12)
        #expect(statistics.min == 2 && statistics.max == 9)
        #expect(try await numbers.sum() == 40)
        #expect(try await numbers.countByValue() == [2: 1, 4: 3, 5: 2, 7: 1, 9: 1])
    }

    @Test func `partitions are joined, numbered, zipped, crossed`() async throws {
        let numbers = self.context.parallelize(0..<10, partitions: 4)
        let letters = self.context.parallelize(["a", "b"], partitions: 1)
        #expect(try await numbers.union(numbers).coalesce(3).glom().collect().map(\.count) == [5, 7, 8])
        #expect(try await numbers.zip(numbers.map { $0 * 2 }).map { $0.key + $0.value }.take(4) == [0, 3, 6, 9])
        #expect(try await numbers.zipWithIndex().filter { $0.key != $0.value }.isEmpty())
        #expect(try await Set(numbers.zipWithUniqueId().values().collect()).count == 10)
        #expect(try await letters.cartesian(numbers).count() == 20)
        #expect(try await numbers.repartition(3).glom().collect().map(\.count).sorted() == [3, 3, 4])
        #expect(try await numbers.repartition(3).collect().sorted() == Array(0..<10))
    }

    @Test func `datasets that do not fit together are refused with the reason`() async throws {
        let numbers = self.context.parallelize(0..<10, partitions: 4)
        let letters = self.context.parallelize(["a", "b"], partitions: 1)
        let partitions = await #expect(throws: HeddleError.self) { try await numbers.zip(letters).count() }
        #expect(partitions?.description.contains("one dataset has 4 partitions, the other 1") == true)
        let elements = await #expect(throws: HeddleError.self) {
            try await numbers.zip(numbers.filter { $0 > 3 }).count()
        }
        #expect(elements?.description.contains("has more elements than that of the other") == true)
    }

    @Test func `sets are compared`() async throws {
        let left = self.context.parallelize([1, 2, 2, 3, 4, 4], partitions: 3)
        let right = self.context.parallelize([2, 4, 4, 9], partitions: 2)
        #expect(try await left.distinct().collect().sorted() == [1, 2, 3, 4])
        #expect(try await left.intersection(right).collect().sorted() == [2, 4])
        #expect(try await left.subtract(right).collect().sorted() == [1, 3])
    }

    @Test func `pairs meet by key`() async throws {
        let left = self.context.parallelize([Pair("a", 1), Pair("b", 2), Pair("a", 3), Pair("d", 5)], partitions: 2)
        let right = self.context.parallelize([Pair("a", "x"), Pair("c", "y"), Pair("b", "z")], partitions: 3)
        let joined = left.join(right).map { "\($0.key)\($0.value.key)\($0.value.value)" }
        #expect(try await joined.collect().sorted() == ["a1x", "a3x", "b2z"])
        let lefts = left.leftOuterJoin(right).map { "\($0.key)\($0.value.key)\($0.value.value ?? "-")" }
        #expect(try await lefts.collect().sorted() == ["a1x", "a3x", "b2z", "d5-"])
        let rights = left.rightOuterJoin(right).map {
            "\($0.key)\($0.value.key.map(String.init) ?? "-")\($0.value.value)"
        }
        #expect(try await rights.collect().sorted() == ["a1x", "a3x", "b2z", "c-y"])
        let all = left.fullOuterJoin(right).map {
            "\($0.key)\($0.value.key.map(String.init) ?? "-")\($0.value.value ?? "-")"
        }
        #expect(try await all.collect().sorted() == ["a1x", "a3x", "b2z", "c-y", "d5-"])
        #expect(try await left.subtractByKey(right).collect() == [Pair("d", 5)])
        let groups = left.cogroup(right).map { "\($0.key)\($0.value.key.sorted())\($0.value.value)" }
        #expect(try await groups.filter { $0.hasPrefix("a") }.collect() == ["a[1, 3][\"x\"]"])
        #expect(try await left.countByKey() == ["a": 2, "b": 1, "d": 1])
    }

    @Test func `values of a key come together`() async throws {
        let pairs = self.context.parallelize([Pair("a", 1), Pair("b", 2), Pair("a", 3)], partitions: 2)
        let groups = pairs.groupByKey().mapValues { $0.sorted() }
        #expect(try await groups.filter { $0.key == "a" }.first() == Pair("a", [1, 3]))
        let lists = pairs.aggregateByKey([Int](), { $0 + [$1] }, { $0 + $1 }).mapValues { $0.sorted() }
        #expect(try await lists.collect().sorted { $0.key < $1.key } == [Pair("a", [1, 3]), Pair("b", [2])])
        let sums = pairs.foldByKey(0) { $0 + $1 }
        #expect(try await sums.lookup("a") == [4])
        let texts = pairs.combineByKey({ "\($0)" }, { "\($0),\($1)" }, { "\($0),\($1)" })
        #expect(try await texts.lookup("b") == ["2"])
        #expect(try await pairs.flatMapValues { [$0, $0] }.count() == 6)
        let parities = self.context.parallelize(1...9, partitions: 3).groupBy { $0 % 2 }.mapValues { $0.count }
        #expect(try await parities.collect().sorted { $0.key < $1.key } == [Pair(0, 4), Pair(1, 5)])
        #expect(try await pairs.keyBy { $0.value }.keys().collect() == [1, 2, 3])
    }

    @Test func `keys are spread over all partitions, equal ones into the same`() async throws {
        let pairs = self.context.parallelize((0..<4000).map { Pair($0 % 1000, $0) }, partitions: 3)
        for spread in [pairs.partitionBy(8), pairs.groupByKey(partitions: 8).flatMapValues { $0 }] {
            let parts = try await spread.glom().collect()
            #expect(parts.count == 8)
            #expect(parts.allSatisfy { (250...750).contains($0.count) }, "\(parts.map(\.count))")
            #expect(parts.map { Set($0.map(\.key)).count }.reduce(0, +) == 1000)
        }
        let ones = try await pairs.keys().distinct(partitions: 8).glom().collect()
        #expect(ones.allSatisfy { !$0.isEmpty })
    }

    @Test func `what is spread by key already is not shuffled again`() async throws {
        let pairs = self.context.parallelize((0..<100).map { Pair($0 % 10, $0) }, partitions: 4)
        let sums = pairs.reduceByKey(partitions: 3) { $0 + $1 }
        let twice = sums.mapValues { $0 * 2 }.join(sums, partitions: 3)
        #expect(twice.node.parents.allSatisfy { !$0.isShuffle })
        #expect(try await twice.filter { $0.value.key != 2 * $0.value.value }.isEmpty())
        #expect(try await twice.count() == 10)
    }
}
