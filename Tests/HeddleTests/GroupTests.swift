import Synchronization
import TestSupport
import Testing

@testable import Heddle

/// Groups that are larger than memory, and groups as values.
@Suite(.timeLimit(.minutes(3))) struct GroupTests {
    private static let count = 60_000

    private func context(_ folder: Folder) throws -> HeddleContext {
        try HeddleContext(
            master: "local[2]",
            properties: ["spark.driver.memory": "1m", "spark.local.dir": folder.path]
        )
    }

    /// Six of seven pairs have one of two keys; the rest have keys of their own.
    private static func key(_ number: Int) -> String {
        switch number % 7 {
        case 0: "key \(number) of its own"
        case 1: "the other"
        default: "most"
        }
    }

    private static func text(_ number: Int) -> String { "the value of number \(number)" }

    private static let expected = Dictionary(grouping: 0..<Self.count, by: Self.key).mapValues { $0.map(Self.text) }

    private func pairs(_ context: HeddleContext) -> RDD<Pair<String, String>> {
        context.range(0, Self.count, partitions: 3).map { Pair(GroupTests.key($0), GroupTests.text($0)) }
    }

    @Test func `groups of keys that have most of the values are read from files, as often as wanted`() async throws {
        let folder = try Folder()
        let context = try self.context(folder)
        let groups = self.pairs(context).groupByKey(partitions: 2).cache()
        // The second time from the files of the kept groups, or anew.
        for _ in 0..<2 {
            let found = try await groups.map { group -> Pair<String, [String]> in
                let values = Array(group.value)
                let isSame = group.value.elementsEqual(values) && group.value.first == values.first
                return Pair(group.key, isSame && group.value.count == values.count ? values : [])
            }.collect()
            #expect(found.count == Self.expected.count)
            for group in found { #expect(group.value.sorted() == Self.expected[group.key]?.sorted(), "\(group.key)") }
        }
        #expect(try #require(context.local?.executor).memory.used.tasks == 0)
    }

    @Test func `both sides of a group may be in files`() async throws {
        let folder = try Folder()
        let context = try self.context(folder)
        let (left, right) = (self.pairs(context), self.pairs(context).filter { $0.key != "the other" })
        let found = try await left.cogroup(right, partitions: 2).collect()
        #expect(found.count == Self.expected.count)
        for group in found {
            let values = Self.expected[group.key]?.sorted()
            #expect(group.value.key.sorted() == values, "\(group.key)")
            #expect(group.value.value.sorted() == (group.key == "the other" ? [] : values), "\(group.key)")
        }
    }

    private static let folder = Mutex("")

    @Test func `a group that cannot be read to its end fails its task`() async throws {
        let folder = try Folder()
        let context = try self.context(folder)
        Self.folder.withLock { $0 = folder.path }
        let counts = self.pairs(context).groupByKey(partitions: 1).map { group -> Int in
            guard group.key == "most" else { return 0 }
            let values = group.value.makeIterator()
            for file in Folder.openFiles(below: GroupTests.folder.withLock { $0 }) { try Folder.cut(file, to: 100) }
            return IteratorSequence(values).reduce(0) { count, _ in count + 1 }
        }
        let error = await #expect(throws: HeddleError.self) { try await counts.sum() }
        #expect(error?.description.contains("it ends too early") == true, "\(error?.description ?? "")")
    }

    @Test func `joins of a key that most pairs have are right, whichever side has them`() async throws {
        let folder = try Folder()
        let context = try self.context(folder)
        let names = context.parallelize(["most", "the other", "nobody"], partitions: 2).map { Pair($0, $0.count) }
        let pairs = self.pairs(context)
        let own = Self.expected.count - 2
        let joined = try await names.join(pairs, partitions: 2).collect()
        #expect(joined.count == Self.count - own)
        #expect(joined.allSatisfy { $0.value.key == $0.key.count })
        #expect(
            joined.filter { $0.key == "most" }.map(\.value.value).sorted() == Self.expected["most"]?.sorted()
        )
        #expect(try await pairs.join(names, partitions: 2).count() == Self.count - own)
        #expect(try await names.leftOuterJoin(pairs, partitions: 2).count() == Self.count - own + 1)
        #expect(try await names.rightOuterJoin(pairs, partitions: 2).count() == Self.count)
        #expect(try await pairs.leftOuterJoin(names, partitions: 2).count() == Self.count)
        let outer = try await names.fullOuterJoin(pairs, partitions: 2).collect()
        #expect(outer.count == Self.count + 1)
        #expect(outer.filter { $0.value.value == nil }.map(\.key) == ["nobody"])
        #expect(outer.filter { $0.value.key == nil }.count == own)
    }

    @Test func `a group is a value`() throws {
        let group: Group = [3, 1, 2]
        #expect(group == Group([3, 1, 2]) && group != [3, 1] && group.hashValue == Group([3, 1, 2]).hashValue)
        #expect(group.count == 3 && group.first == 3 && !group.isEmpty && Group<Int>([]).isEmpty)
        #expect("\(group)" == "[3, 1, 2]" && group.sorted() == [1, 2, 3] && group.reduce(0, +) == 6)
        let codec = Codec<Pair<String, Group<Int>>>()
        #expect(try codec.decode(codec.encode(Pair("a", group))) == Pair("a", group))
        struct Odd: Codable, Hashable, Sendable {
            var number: Int
        }
        let general = Codec<Group<Odd>>()
        let odds: Group = [Odd(number: 1), Odd(number: 3)]
        #expect(try general.decode(general.encode(odds)) == odds)
    }
}
