import Synchronization
import TestSupport
import Testing

@testable import Heddle

/// The same jobs with hardly any memory and with plenty, against plain arrays.
@Suite(.timeLimit(.minutes(3))) struct SpillTests {
    private static let count = 120_000
    private static let keys = 30_000

    /// Next to nothing: what a step may hold without asking, and 300 KiB for all that ask.
    private func small(_ folder: Folder, threads: Int = 2) throws -> HeddleContext {
        try HeddleContext(
            master: "local[\(threads)]",
            properties: ["spark.driver.memory": "1m", "spark.local.dir": folder.path]
        )
    }

    private static func key(_ number: Int) -> String { "key \(number &* 7_919 % Self.keys) of the test" }

    private func pairs(_ context: HeddleContext, _ partitions: Int = 3) -> RDD<Pair<String, Int>> {
        context.range(0, Self.count, partitions: partitions).map { Pair(SpillTests.key($0), $0) }
    }

    private static let sums = Dictionary((0..<Self.count).map { (Self.key($0), $0) }, uniquingKeysWith: +)
    private static let groups = Dictionary(grouping: 0..<Self.count, by: Self.key)

    private func expectSpills(_ context: HeddleContext, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let executor = try #require(context.local?.executor)
        #expect(executor.places.fileCount > 0, "nothing went to disk", sourceLocation: sourceLocation)
        #expect(executor.memory.used.tasks == 0, sourceLocation: sourceLocation)
        #expect(executor.memory.used.blocks <= executor.settings.limit, sourceLocation: sourceLocation)
    }

    @Test func `sums by key are right, and what was written has no name`() async throws {
        let folder = try Folder()
        do {
            let context = try self.small(folder)
            let sums = try await self.pairs(context).reduceByKey { $0 + $1 }.collect()
            #expect(sums.count == Self.keys)
            #expect(Dictionary(sums.map { ($0.key, $0.value) }, uniquingKeysWith: { _, _ in -1 }) == Self.sums)
            try self.expectSpills(context)
            #expect(!folder.openFiles.isEmpty)
            // Whatever ends this process, nothing of it stays.
            #expect(try folder.names() == [])
        }
        try await eventually("the files are gone with the context") { folder.openFiles.isEmpty }
    }

    @Test func `values that grow while they are put together are right`() async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        let lists = try await self.pairs(context).aggregateByKey([Int](), { $0 + [$1] }, { $0 + $1 }).collect()
        #expect(lists.count == Self.keys)
        for list in lists { #expect(list.value.sorted() == Self.groups[list.key]) }
        try self.expectSpills(context)
    }

    @Test func `groups are whole, each once`() async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        let groups = try await self.pairs(context).groupByKey().collect()
        #expect(groups.count == Self.keys)
        for group in groups { #expect(group.value.sorted() == Self.groups[group.key]) }
        try self.expectSpills(context)
    }

    @Test func `a key that holds half of the data is one group`() async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        let numbers = context.range(0, Self.count, partitions: 3).map { Pair($0 % 2 == 0 ? "half" : "\($0)", $0) }
        let sizes = try await numbers.groupByKey().mapValues { $0.count }.collect()
        #expect(sizes.count == Self.count / 2 + 1)
        #expect(sizes.first { $0.key == "half" }?.value == Self.count / 2)
        #expect(sizes.allSatisfy { $0.key == "half" || $0.value == 1 })
        try self.expectSpills(context)
    }

    @Test func `distinct elements, and those of two sets, are right`() async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        let left = self.pairs(context).map { $0.key }
        #expect(Set(try await left.distinct().collect()) == Set(Self.sums.keys))
        #expect(try await left.distinct().count() == Self.keys)
        let right = context.range(0, Self.keys / 2, partitions: 2).map { "key \($0) of the test" }
        let common = try await left.intersection(right).collect()
        #expect(common.count == Self.keys / 2)
        #expect(Set(common) == Set((0..<Self.keys / 2).map { "key \($0) of the test" }))
        let rest = try await left.subtract(right).collect()
        #expect(rest.count == Self.count / 2)
        #expect(Set(rest) == Set((Self.keys / 2..<Self.keys).map { "key \($0) of the test" }))
        try self.expectSpills(context)
    }

    @Test func `joins of every kind are right`() async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        // Of the right, a third has keys that the left has not, and each key stands there twice.
        let right = context.range(0, Self.keys * 3, partitions: 2).map {
            Pair("key \($0 % (Self.keys + Self.keys / 2)) of the test", $0)
        }
        let left = self.pairs(context)
        var expected: [String: [Int]] = [:]
        for number in 0..<Self.keys * 3 {
            expected["key \(number % (Self.keys + Self.keys / 2)) of the test", default: []].append(number)
        }
        let inner = try await left.join(right).collect()
        #expect(inner.count == Self.count * 2)
        var met: [String: Int] = [:]
        for pair in inner {
            #expect(Self.key(pair.value.key) == pair.key && expected[pair.key]?.contains(pair.value.value) == true)
            met[pair.key, default: 0] += 1
        }
        #expect(met.values.allSatisfy { $0 == 8 } && met.count == Self.keys)
        let outer = try await left.fullOuterJoin(right).collect()
        #expect(outer.count == Self.count * 2 + Self.keys)
        #expect(outer.filter { $0.value.key == nil }.count == Self.keys)
        #expect(outer.allSatisfy { $0.value.value != nil })
        #expect(try await left.rightOuterJoin(right).count() == Self.count * 2 + Self.keys)
        #expect(try await right.leftOuterJoin(left).filter { $0.value.value == nil }.count() == Self.keys)
        #expect(try await right.subtractByKey(left).count() == Self.keys)
        let groups = try await left.cogroup(right).collect()
        #expect(groups.count == Self.keys + Self.keys / 2)
        for group in groups {
            #expect(group.value.key.sorted() == Self.groups[group.key] ?? [])
            #expect(group.value.value.sorted() == expected[group.key])
        }
        try self.expectSpills(context)
    }

    @Test(arguments: [true, false]) func `sorting keeps equal keys in their order`(ascending: Bool) async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        let sorted = try await context.range(0, Self.count, partitions: 3).map {
            Pair($0 &* 7_919 % 1_000, "number \($0)")
        }
        .sortBy(ascending: ascending, partitions: 2) { $0.key }.collect()
        let plain = (0..<Self.count).map { Pair($0 &* 7_919 % 1_000, "number \($0)") }
        let expected = plain.enumerated().sorted { left, right in
            if left.element.key == right.element.key { return left.offset < right.offset }
            return (left.element.key < right.element.key) == ascending
        }
        #expect(sorted.map(\.value) == expected.map(\.element.value))
        try self.expectSpills(context)
    }

    @Test func `what is only passed on stays in order`() async throws {
        let folder = try Folder()
        let context = try self.small(folder, threads: 1)
        let texts = (0..<60_000).map { "element number \($0)" }
        let dealt = try await context.parallelize(texts, partitions: 1).repartition(3).glom().collect()
        #expect(dealt.map(\.count) == [20_000, 20_000, 20_000])
        for (part, elements) in dealt.enumerated() {
            #expect(elements == stride(from: part, to: texts.count, by: 3).map { texts[$0] })
        }
        try self.expectSpills(context)
    }

    /// Every byte of every file is changed between two jobs that use it.
    @Test(arguments: ["changed", "cut", "emptied"]) func `what was written is written again where it is damaged`(
        damage: String
    ) async throws {
        let folder = try Folder()
        let context = try self.small(folder)
        let sums = self.pairs(context).reduceByKey { $0 + $1 }
        #expect(try await sums.count() == Self.keys)
        let files = folder.openFiles
        #expect(!files.isEmpty)
        for file in files {
            switch damage {
            case "changed": try Folder.change(file) { $0 ^ 0x55 }
            case "cut": try Folder.cut(file, to: 100)
            default: try Folder.cut(file, to: 0)
            }
        }
        let again = try await sums.collect()
        #expect(Dictionary(again.map { ($0.key, $0.value) }, uniquingKeysWith: { _, _ in -1 }) == Self.sums)
    }

    @Test func `a place that cannot be written fails the job, which names it`() async throws {
        let context = try HeddleContext(
            master: "local[1]",
            properties: ["spark.driver.memory": "1m", "spark.local.dir": "/proc/nothing"]
        )
        let error = await #expect(throws: HeddleError.self) { try await self.pairs(context).groupByKey().count() }
        let text = error?.description ?? ""
        #expect(text.contains("/proc/nothing") && text.contains("spark.local.dir"), "\(text)")
    }

    @Test(arguments: [
        ("spark.memory.fraction", "0"), ("spark.memory.storageFraction", "2"), ("spark.shuffle.compress", "perhaps"),
        ("spark.io.compression.codec", "snappy"), ("spark.driver.memory", "much"),
    ]) func `a property that cannot be used is refused by its name`(name: String, value: String) {
        let error = #expect(throws: HeddleError.self) {
            try HeddleContext(master: "local[1]", properties: [name: value])
        }
        #expect(error?.description.contains("\(name)=\(value)") == true, "\(error?.description ?? "")")
    }
}
