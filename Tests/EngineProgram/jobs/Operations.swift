import Heddle

/// Every operation of the library once, with results in an order of their own: what a program prints must not depend on where
/// its tasks run. What the results should be is said by tests of their own, in one process.
struct Operations {
    let context: HeddleContext
    /// Of the program's own, for what is written.
    let folder: String

    private var numbers: RDD<Int> { self.context.parallelize(0..<60, partitions: 4) }
    private var pairs: RDD<Pair<Int, Int>> { self.numbers.map { Pair($0 % 7, $0) } }
    private var others: RDD<Pair<Int, String>> {
        self.context.parallelize((4..<10).map { Pair($0, "o\($0)") }, partitions: 3)
    }

    func run() async throws {
        try await self.elements()
        try await self.byKey()
        try await self.joins()
        try await self.sets()
        try await self.order()
        try await self.actions()
        try await self.statistics()
        try await self.variables()
        try await self.files()
    }

    private func show(_ name: String, _ values: some Collection<some Any>) {
        print(name, values.map { "\($0)" }.joined(separator: " "))
    }

    /// In the order of the texts, where an operation promises none.
    private func sorted(_ name: String, _ values: some Collection<some Any>) {
        self.show(name, values.map { "\($0)" }.sorted())
    }

    private func elements() async throws {
        let numbers = self.numbers
        self.show("map", try await numbers.map { $0 * 2 }.collect())
        self.show("map with", try await numbers.map(with: [10, 20]) { $0[$1 % 2] + $1 }.collect())
        self.show("filter", try await numbers.filter { $0 % 9 == 0 }.collect())
        self.show("filter with", try await numbers.filter(with: 50) { $1 > $0 }.collect())
        self.show("flatMap", try await numbers.flatMap { Array(repeating: $0, count: $0 % 3) }.collect())
        self.show("flatMap with", try await numbers.flatMap(with: 2) { [$1, $1 + $0] }.collect())
        self.show("mapPartitions", try await numbers.mapPartitions { [$0.reduce(0, +)] }.collect())
        self.show("mapPartitions with", try await numbers.mapPartitions(with: 1) { [$0 + $1.reduce(0, +)] }.collect())
        self.show(
            "mapPartitionsWithIndex",
            try await numbers.mapPartitionsWithIndex { [$0 * 1000 + $1.reduce(0, +)] }.collect()
        )
        self.show("glom", try await numbers.glom().collect())
        self.show("keyBy", try await numbers.keyBy { $0 % 4 }.map { "\($0.key):\($0.value)" }.collect())
        self.show("zipWithIndex", try await numbers.zipWithIndex().map { "\($0)" }.collect())
        self.show("zipWithUniqueId", try await numbers.zipWithUniqueId().map { "\($0)" }.collect())
        self.show("zip", try await numbers.zip(numbers.map { -$0 }).map { "\($0)" }.collect())
        self.show("coalesce", try await numbers.coalesce(2).glom().collect())
        self.sorted("repartition", try await numbers.repartition(5).collect())
        self.show("sample", try await numbers.sample(withReplacement: false, fraction: 0.5, seed: 7).collect())
        self.show("randomSplit", try await numbers.randomSplit([0.3, 0.7], seed: 5)[0].collect())
        self.show("pipe", try await numbers.map { "\($0)" }.pipe(["sed", "s/^/n/"]).collect())
        self.show("range", try await self.context.range(3, 40, step: 4, partitions: 3).collect())
    }

    private func byKey() async throws {
        let pairs = self.pairs
        self.sorted("mapValues", try await pairs.mapValues { $0 + 1 }.collect())
        self.sorted("flatMapValues", try await pairs.flatMapValues { [$0, -$0] }.collect())
        self.sorted("keys", try await pairs.keys().collect())
        self.sorted("values", try await pairs.values().collect())
        self.sorted("reduceByKey", try await pairs.reduceByKey { $0 + $1 }.collect())
        self.sorted("foldByKey", try await pairs.foldByKey(0) { $0 + $1 }.collect())
        self.sorted("aggregateByKey", try await pairs.aggregateByKey(0, { $0 + $1 }, { $0 + $1 }).collect())
        self.sorted(
            "combineByKey",
            try await pairs.combineByKey({ [$0] }, { $0 + [$1] }, { $0 + $1 })
                .mapValues { $0.sorted() }.collect()
        )
        self.sorted("groupByKey", try await pairs.groupByKey().mapValues { $0.sorted() }.collect())
        self.sorted("groupBy", try await self.numbers.groupBy { $0 % 5 }.mapValues { $0.sorted() }.collect())
        self.sorted("partitionBy", try await pairs.partitionBy(3).glom().map { $0.map(\.value).sorted() }.collect())
        self.sorted("distinct", try await pairs.keys().distinct().collect())
    }

    private func joins() async throws {
        let (pairs, others) = (self.pairs, self.others)
        self.sorted("join", try await pairs.join(others).collect())
        self.sorted("leftOuterJoin", try await pairs.leftOuterJoin(others).collect())
        self.sorted("rightOuterJoin", try await pairs.rightOuterJoin(others).collect())
        self.sorted("fullOuterJoin", try await pairs.fullOuterJoin(others).collect())
        self.sorted("subtractByKey", try await pairs.subtractByKey(others).collect())
        self.sorted(
            "cogroup",
            try await pairs.cogroup(others).mapValues { "\($0.key.sorted()) \($0.value.sorted())" }.collect()
        )
    }

    private func sets() async throws {
        let (numbers, odd) = (self.numbers, self.numbers.filter { $0 % 2 == 1 })
        self.sorted("union", try await odd.union(numbers).collect())
        self.sorted("intersection", try await numbers.intersection(odd).collect())
        self.sorted("subtract", try await numbers.subtract(odd).collect())
        self.sorted("cartesian", try await odd.cartesian(numbers.filter { $0 < 3 }).collect())
    }

    private func order() async throws {
        let mixed = self.numbers.map { ($0 * 37) % 61 }
        self.show("sortBy", try await mixed.sortBy { -$0 }.collect())
        self.show("sortByKey", try await mixed.map { Pair($0, $0 % 2) }.sortByKey(ascending: false).collect())
        self.sorted(
            "repartitionAndSortWithinPartitions",
            try await mixed.map { Pair($0, 1) }.repartitionAndSortWithinPartitions(3).keys().glom().collect()
        )
        self.show("top", try await mixed.top(5))
        self.show("takeOrdered", try await mixed.takeOrdered(5))
    }

    private func actions() async throws {
        let (numbers, pairs) = (self.numbers, self.pairs)
        print("count", try await numbers.count(), try await numbers.isEmpty())
        self.show("take", try await numbers.take(20))
        print("first", try await numbers.first() ?? -1)
        print("reduce", try await numbers.reduce { $0 + $1 } ?? -1, try await numbers.fold(0) { $0 + $1 })
        print("aggregate", try await numbers.aggregate(0, { $0 + $1 }, { $0 + $1 }))
        print("treeReduce", try await numbers.treeReduce(depth: 3) { $0 + $1 } ?? -1)
        print("treeAggregate", try await numbers.treeAggregate(0, depth: 3, { $0 + $1 }, { $0 + $1 }))
        self.sorted("countByKey", try await pairs.countByKey().map { "\($0.key):\($0.value)" })
        self.sorted("countByValue", try await pairs.keys().countByValue().map { "\($0.key):\($0.value)" })
        self.sorted("lookup", try await pairs.lookup(3))
        self.sorted("takeSample", try await numbers.takeSample(withReplacement: false, 9, seed: 3))
        print("countApproxDistinct", try await pairs.keys().countApproxDistinct())
        var seen: [Int] = []
        for try await number in numbers.toLocalIterator() { seen.append(number) }
        self.show("toLocalIterator", seen)
    }

    private func statistics() async throws {
        let numbers = self.numbers
        print("sum", try await numbers.sum(), try await numbers.min() ?? -1, try await numbers.max() ?? -1)
        print("mean", try await numbers.mean(), try await numbers.variance(), try await numbers.stdev())
        print("stats", try await numbers.stats())
        print("histogram", try await numbers.histogram(4))
    }

    private func variables() async throws {
        let table = try self.context.broadcast((0..<100).map { $0 * $0 })
        self.show("broadcast", try await self.numbers.map(with: table) { $0.value[$1] }.collect())
        let (long, double) = (self.context.longAccumulator("long"), self.context.doubleAccumulator("double"))
        try await self.numbers.foreach(with: Pair(long, double)) { sums, number in
            sums.key.add(number)
            sums.value.add(Double(number) / 2)
        }
        let partitions = self.context.collectionAccumulator(of: Int.self)
        try await self.numbers.foreachPartition(with: partitions) { $0.add($1.reduce(0, +)) }
        print("accumulators", long.value, double.value, partitions.value.sorted())
    }

    private func files() async throws {
        try await self.numbers.map { "line \($0)" }.saveAsTextFile("\(self.folder)/text")
        self.sorted("textFile", try await self.context.textFile("\(self.folder)/text").collect())
        self.sorted(
            "wholeTextFiles",
            try await self.context.wholeTextFiles("\(self.folder)/text/part-*").values().collect()
        )
        self.sorted(
            "binaryFiles",
            try await self.context.binaryFiles("\(self.folder)/text/part-*").values().map { $0.count }.collect()
        )
        try await self.pairs.saveAsObjectFile("\(self.folder)/objects")
        self.sorted(
            "objectFile",
            try await self.context.objectFile("\(self.folder)/objects", of: Pair<Int, Int>.self).collect()
        )
        try self.context.setCheckpointDir("\(self.folder)/checkpoints")
        print("checkpoint", try await self.numbers.map { $0 + 1 }.checkpoint().sum())
        let levels: [(String, StorageLevel)] = [
            ("MEMORY_ONLY", .memoryOnly), ("MEMORY_AND_DISK", .memoryAndDisk), ("DISK_ONLY", .diskOnly),
            ("MEMORY_ONLY_SER", .memoryOnlySerialized), ("MEMORY_AND_DISK_SER", .memoryAndDiskSerialized),
            ("MEMORY_AND_DISK_2", .memoryAndDisk2),
        ]
        for (name, level) in levels {
            let kept = self.numbers.map(with: name) { $0.count + $1 }.persist(level)
            print("persist", name, try await kept.sum(), try await kept.sum())
            kept.unpersist()
        }
    }
}
