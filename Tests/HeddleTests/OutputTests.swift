import Foundation
import Synchronization
import Testing

@testable import Heddle

private enum Runs {
    static let failing = Atomic(0)
    static let computing = Atomic(0)
}

private struct Unlucky: Error {}

@Suite struct OutputTests {
    private let context: HeddleContext
    private let folder: Folder

    init() throws {
        self.context = try HeddleContext(master: "local[2,3]")
        self.folder = try Folder()
    }

    @Test func `lines are written, one file for each partition, and read again`() async throws {
        let path = self.folder.path("out")
        try await self.context.parallelize(["a", "b", "c"], partitions: 2).saveAsTextFile(path)
        #expect(try self.folder.names("out") == ["_SUCCESS", "part-00000", "part-00001"])
        #expect(try self.folder.read("out/part-00001") == Array("b\nc\n".utf8))
        #expect(try await self.context.textFile(path).collect() == ["a", "b", "c"])
        try await self.context.range(0, 3, partitions: 1).map { Text("\($0)\u{0}") }
            .saveAsTextFile(self.folder.path("bytes"))
        #expect(try self.folder.read("bytes/part-00000") == Array("0\u{0}\n1\u{0}\n2\u{0}\n".utf8))
    }

    @Test func `a folder of a place that nobody can write to is refused`() async throws {
        let error = await #expect(throws: HeddleError.self) {
            try await self.context.parallelize(["a"]).saveAsTextFile("http://h/out")
        }
        #expect(error?.description.contains("http://h/out cannot be written") == true)
        try await self.context.parallelize(["a"]).saveAsTextFile("file://" + self.folder.path("by-scheme"))
        #expect(try self.folder.names("by-scheme").contains("_SUCCESS"))
    }

    @Test func `lines are compressed`() async throws {
        let path = self.folder.path("packed")
        let numbers = self.context.range(0, 200_000, partitions: 2)
        try await numbers.saveAsTextFile(path, compression: .gzip)
        #expect(try self.folder.names("packed") == ["_SUCCESS", "part-00000.gz", "part-00001.gz"])
        #expect(try self.folder.read("packed/part-00000.gz").count < 300_000)
        #expect(try await self.context.textFile(path).map { Int(String($0)) ?? -1 }.sum() == 19_999_900_000)
    }

    @Test func `a folder that exists is refused and stays as it is`() async throws {
        try self.folder.write("out/mine", "mine")
        let error = await #expect(throws: HeddleError.self) {
            try await self.context.parallelize(["a"]).saveAsTextFile(self.folder.path("out"))
        }
        #expect(error?.description.contains("exists already") == true)
        #expect(try self.folder.names("out") == ["mine"])
    }

    @Test func `a run that failed leaves nothing, a job that failed no folder`() async throws {
        let numbers = self.context.range(0, 40_000, partitions: 2)
        try await numbers.map { number -> Int in
            if number == 15_000 && Runs.failing.wrappingAdd(1, ordering: .relaxed).newValue < 3 { throw Unlucky() }
            return number
        }.saveAsTextFile(self.folder.path("retried"))
        #expect(try self.folder.names("retried") == ["_SUCCESS", "part-00000", "part-00001"])
        let read = try await self.context.textFile(self.folder.path("retried")).map { Int(String($0)) ?? -1 }
        #expect(try await read.sum() == 799_980_000)
        await #expect(throws: HeddleError.self) {
            try await numbers.map { number -> Int in
                if number == 39_999 { throw Unlucky() }
                return number
            }.saveAsTextFile(self.folder.path("failed"))
        }
        #expect(try self.folder.names() == ["retried"])
    }

    @Test func `elements of any type are written and read again`() async throws {
        let path = self.folder.path("objects")
        let pairs = self.context.range(0, 100_000, partitions: 3).map { Pair("n\($0)", [Double($0)]) }
        try await pairs.saveAsObjectFile(path)
        let again = try await self.context.objectFile(path, of: Pair<String, [Double]>.self)
        #expect(again.partitionCount == 3)
        #expect(try await again.collect() == pairs.collect())
        let other = try await self.context.objectFile(path, of: Int.self)
        let error = await #expect(throws: HeddleError.self) { try await other.count() }
        #expect(error?.description.contains("holds elements of type Pair<String, Array<Double>>, not Int") == true)
    }

    @Test func `object files that are cut, changed or unfinished are told`() async throws {
        let path = self.folder.path("objects")
        try await self.context.range(0, 1000, partitions: 1).saveAsObjectFile(path)
        let whole = try self.folder.read("objects/part-00000")
        for count in [0, 5, 20, whole.count / 2, whole.count - 1] {
            try self.folder.write("objects/part-00000", whole.prefix(count))
            let numbers = try await self.context.objectFile(path, of: Int.self)
            await #expect(throws: HeddleError.self) { try await numbers.count() }
        }
        var changed = whole
        changed[whole.count / 2] ^= 1
        try self.folder.write("objects/part-00000", changed)
        let numbers = try await self.context.objectFile(path, of: Int.self)
        let error = await #expect(throws: HeddleError.self) { try await numbers.count() }
        #expect(error?.description.contains("is damaged") == true)
        try FileManager.default.removeItem(atPath: self.folder.path("objects/_SUCCESS"))
        await #expect(throws: HeddleError.self) { try await self.context.objectFile(path, of: Int.self) }
    }

    @Test func `a checkpoint knows nothing of what it was computed from`() async throws {
        let numbers = self.context.range(0, 10, partitions: 2).map { number in
            Runs.computing.wrappingAdd(1, ordering: .relaxed)
            return Pair(number % 3, number)
        }.partitionBy(2)
        let nowhere = await #expect(throws: HeddleError.self) { try await numbers.checkpoint() }
        #expect(nowhere?.description.contains("setCheckpointDir") == true)
        try self.context.setCheckpointDir(self.folder.path("checkpoints"))
        let kept = try await numbers.checkpoint()
        #expect(kept.node.parents.isEmpty)
        #expect(Runs.computing.load(ordering: .relaxed) == 10)
        #expect(try await kept.reduceByKey { $0 + $1 }.values().sum() == 45)
        #expect(try await kept.checkpoint().count() == 10)
        #expect(Runs.computing.load(ordering: .relaxed) == 10)
    }
}
