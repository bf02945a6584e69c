import TestSupport
import Testing

@testable import Heddle

/// How often elements were computed, for each test in a place of its own.
private let computed = (0..<16).map { _ in Counter() }

/// Partitions that an executor reads from another one, and copies of them.
@Suite(.timeLimit(.minutes(3))) struct KeptElsewhereTests {
    private static let partitions = 4
    private static let count = 20_000
    private static let expected = (0..<Self.count).map { "the number \($0) as a text" }
    private static let replicated: [StorageLevel] = [
        .memoryOnly2, .memoryAndDisk2, .diskOnly2, .memoryOnlySerialized2, .memoryAndDiskSerialized2,
    ]

    private func numbers(_ context: HeddleContext, place: Int) -> RDD<String> {
        context.range(0, Self.count, partitions: Self.partitions).map(with: place) { place, number in
            computed[place].add()
            return "the number \(number) as a text"
        }
    }

    private func count(_ place: Int) -> Int { computed[place].value }

    private func keys(of kept: RDD<String>) -> [BlockStore.Key] {
        (0..<Self.partitions).map { BlockStore.Key(dataset: kept.node.identity, partition: $0) }
    }

    private func keptCount(_ executor: Executor?, _ kept: RDD<String>) -> Int {
        self.keys(of: kept).count { executor?.blocks.block($0) != nil }
    }

    @Test(arguments: zip(Self.replicated, 0..<5))
    func `when an executor is lost nothing that another keeps is computed again`(
        level: StorageLevel,
        place: Int
    ) async throws {
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context()
        for number in 1...2 { try executors.add(number) }
        let kept = self.numbers(context, place: place).persist(level)
        #expect(try await kept.collect() == Self.expected)
        for number in 1...2 {
            try await eventually("executor \(number) keeps everything") {
                self.keptCount(executors[number], kept) == Self.partitions
            }
        }
        let second = try #require(executors[2])
        #expect((second.memory.used.blocks > 0) == level.usesMemory)
        #expect(self.count(place) == Self.count)
        executors.lose(1)
        #expect(try await kept.collect() == Self.expected)
        #expect(self.count(place) == Self.count)
        // One that comes has copies made for it.
        try executors.add(3)
        try await eventually("another keeps everything") { self.keptCount(executors[3], kept) == Self.partitions }
        kept.unpersist()
        try await eventually("nothing is kept") {
            second.memory.used.blocks == 0 && self.keptCount(second, kept) + self.keptCount(executors[3], kept) == 0
        }
        context.stop()
    }

    @Test(arguments: zip([StorageLevel.memoryOnly, .diskOnly, .memoryOnlySerialized], 5..<8))
    func `a task that does not run where its partition is kept fetches it`(
        level: StorageLevel,
        place: Int
    ) async throws {
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context(["spark.locality.wait": "0"])
        try executors.add(1)
        let kept = self.numbers(context, place: place).persist(level)
        #expect(try await kept.count() == Self.count)
        // With one task at a time on the first, the other has the rest.
        try executors.add(2, cores: Self.partitions)
        #expect(try await kept.map { $0 }.collect() == Self.expected)
        #expect(self.count(place) == Self.count)
        #expect(self.keptCount(executors[2], kept) == 0)
        context.stop()
    }

    @Test func `what cannot be fetched is computed`() async throws {
        let place = 8
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context(["spark.locality.wait": "0"])
        try executors.add(1)
        let kept = self.numbers(context, place: place).persist(.memoryOnly)
        #expect(try await kept.count() == Self.count)
        executors.silence(1)
        try executors.add(2, cores: Self.partitions)
        #expect(try await kept.map { $0 }.collect() == Self.expected)
        #expect(self.count(place) > Self.count)
        context.stop()
    }

    /// It comes in several answers and lies in a file meanwhile.
    @Test func `a large partition is fetched in pieces`() async throws {
        let executors = ExecutorsHere(try Folder())
        let properties = ["spark.locality.wait": "0", "spark.shuffle.compress": "false"]
        let context = try executors.context(properties)
        try executors.add(1, properties: properties)
        let kept = context.range(0, 3_000_000, partitions: 1).persist(.memoryOnly2)
        #expect(try await kept.count() == 3_000_000)
        try executors.add(2, properties: properties)
        let block = BlockStore.Key(dataset: kept.node.identity, partition: 0)
        try await eventually("the copy") { executors[2]?.blocks.block(block) != nil }
        executors.lose(1)
        #expect(try await kept.sum() == 3_000_000 * 2_999_999 / 2)
        context.stop()
    }

    @Test func `a copy that has no room is done without, or goes to disk where its level says so`() async throws {
        let folder = try Folder()
        let executors = ExecutorsHere(folder)
        let context = try executors.context()
        try executors.add(1)
        let memory = context.range(0, 1_000_000, partitions: 1).persist(.memoryOnly2)
        let disk = context.range(0, 1_000_000, partitions: 1).map { $0 + 1 }.persist(.memoryAndDisk2)
        #expect(try await memory.count() == 1_000_000)
        #expect(try await disk.count() == 1_000_000)
        try executors.add(2, properties: ["spark.executor.memory": "1m"])
        let block = BlockStore.Key(dataset: disk.node.identity, partition: 0)
        try await eventually("the copy on disk") { executors[2]?.blocks.block(block) != nil }
        // Copies are made one after the other, the first dataset's first.
        #expect(executors[2]?.blocks.block(BlockStore.Key(dataset: memory.node.identity, partition: 0)) == nil)
        #expect(executors[2]?.memory.used.blocks == 0)
        #expect((executors[2]?.places.fileCount ?? 0) > 0)
        #expect(try await memory.count() == 1_000_000)
        context.stop()
    }

    @Test func `an empty partition is kept twice, too`() async throws {
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context()
        for number in 1...2 { try executors.add(number) }
        let kept = context.range(0, 10, partitions: 1).filter { $0 > 10 }.persist(.memoryAndDisk2)
        #expect(try await kept.count() == 0)
        let block = BlockStore.Key(dataset: kept.node.identity, partition: 0)
        try await eventually("both keep it") { (1...2).allSatisfy { executors[$0]?.blocks.block(block) != nil } }
        executors.lose(1)
        #expect(try await kept.count() == 0)
        context.stop()
    }
}
