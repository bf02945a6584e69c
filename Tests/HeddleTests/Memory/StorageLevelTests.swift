import Testing

@testable import Heddle

/// How often elements were computed: globals are no captures, and here all tasks share a process. Each test has a place.
private let computed = (0..<16).map { _ in Counter() }

@Suite(.timeLimit(.minutes(2))) struct StorageLevelTests {
    private static let levels: [StorageLevel] = [
        .memoryOnly, .memoryAndDisk, .diskOnly, .memoryOnlySerialized, .memoryAndDiskSerialized,
    ]
    private static let count = 40_000

    private func numbers(_ context: HeddleContext, place: Int) -> RDD<String> {
        context.range(0, Self.count, partitions: 8).map(with: place) { place, number in
            computed[place].add()
            return "the number \(number) as a text"
        }
    }

    private static let expected = (0..<Self.count).map { "the number \($0) as a text" }

    private func context(memory: String?, _ folder: Folder) throws -> HeddleContext {
        var properties = ["spark.local.dir": folder.path]
        properties["spark.driver.memory"] = memory
        return try HeddleContext(master: "local[2]", properties: properties)
    }

    private func count(_ place: Int) -> Int { computed[place].value }

    @Test(arguments: zip(Self.levels, 0..<5)) func `with room every level computes once`(
        level: StorageLevel,
        place: Int
    ) async throws {
        let folder = try Folder()
        let context = try self.context(memory: nil, folder)
        let kept = self.numbers(context, place: place).persist(level)
        for _ in 0..<3 { #expect(try await kept.collect() == Self.expected) }
        #expect(self.count(place) == Self.count)
        let executor = try #require(context.local?.executor)
        #expect((executor.places.fileCount > 0) == (level == .diskOnly))
        #expect((executor.memory.used.blocks > 0) == level.usesMemory)
        kept.unpersist()
        #expect(executor.memory.used.blocks == 0)
        #expect(try await kept.count() == Self.count)
        #expect(self.count(place) == 2 * Self.count)
    }

    /// About 3 MB of elements and 300 KiB of memory: the disk takes the rest, or it is computed again.
    @Test(arguments: zip(Self.levels, 5..<10)) func `without room the disk takes what the level lets it have`(
        level: StorageLevel,
        place: Int
    ) async throws {
        let folder = try Folder()
        let context = try self.context(memory: "1m", folder)
        let kept = self.numbers(context, place: place).persist(level)
        for _ in 0..<3 { #expect(try await kept.collect() == Self.expected) }
        let executor = try #require(context.local?.executor)
        #expect(executor.memory.used.blocks <= executor.settings.limit)
        if level.usesDisk {
            #expect(self.count(place) == Self.count)
            #expect(executor.places.fileCount > 0)
        } else {
            #expect(self.count(place) > Self.count)
            #expect(executor.places.fileCount == 0)
        }
    }

    @Test func `a dataset that is used pushes out one that is not, to disk where its level says so`() async throws {
        let folder = try Folder()
        let context = try HeddleContext(
            master: "local[1]",
            properties: ["spark.driver.memory": "20m", "spark.local.dir": folder.path]
        )
        let executor = try #require(context.local?.executor)
        let (first, second) = (
            self.numbers(context, place: 10).persist(.memoryAndDisk),
            self.numbers(context, place: 11).map { $0 + "!" }.persist(.memoryAndDisk)
        )
        #expect(try await first.count() == Self.count)
        #expect(executor.places.fileCount == 0)
        #expect(try await second.count() == Self.count)
        #expect(executor.places.fileCount > 0)
        #expect(try await first.collect() == Self.expected)
        #expect(try await second.collect() == Self.expected.map { $0 + "!" })
        #expect(self.count(10) == Self.count && self.count(11) == Self.count)
    }

    @Test func `what cannot be written is kept in memory all the same`() async throws {
        let context = try HeddleContext(master: "local[2]")
        let boxes = context.range(0, 100, partitions: 2).map { NumberBox($0) }.cache()
        #expect(try await boxes.map { $0.number }.sum() == 4_950)
        #expect(try await boxes.map { $0.number }.sum() == 4_950)
    }
}

/// Nothing that could be written.
final class NumberBox: Sendable {
    let number: Int

    init(_ number: Int) { self.number = number }
}
