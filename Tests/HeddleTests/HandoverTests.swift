import EngineLink
import Synchronization
import TestSupport
import Testing

@testable import EngineCore
@testable import Heddle

private let mapped = (0..<4).map { _ in Counter() }

private final class Counter: Sendable {
    let count = Atomic(0)
}

/// Executors that leave give what their map tasks wrote to the service of their node.
@Suite(.timeLimit(.minutes(3))) struct HandoverTests {
    private static let count = 20_000
    private static let expected = (0..<10).map { key in (0..<Self.count).filter { $0 % 10 == key }.reduce(0, +) }

    private func sums(_ context: HeddleContext, place: Int) -> RDD<Pair<Int, Int>> {
        context.range(0, Self.count, partitions: 4).map(with: place) { place, number in
            mapped[place].count.wrappingAdd(1, ordering: .relaxed)
            return Pair(number % 10, number)
        }.groupByKey(partitions: 3).mapValues { $0.reduce(0, +) }
    }

    private func sorted(_ dataset: RDD<Pair<Int, Int>>) async throws -> [Int] {
        try await dataset.collect().sorted { $0.key < $1.key }.map(\.value)
    }

    /// In memory, and in files since there is next to no memory.
    @Test(arguments: [0, 1]) func `what executors wrote is served when they have left`(place: Int) async throws {
        let folder = try Folder()
        let executors = ExecutorsHere(folder)
        let context = try executors.context()
        let service = try ShuffleServiceHere(folder, secret: executors.secret)
        let properties = place == 1 ? ["spark.executor.memory": "1m"] : [:]
        for number in 1...2 { try executors.add(number, properties: properties, service: service) }
        let sums = self.sums(context, place: place)
        #expect(try await self.sorted(sums) == Self.expected)
        context.driver.tell(.executorDraining(ExecutorID(1)))
        try await eventually("the first has left") { executors[1] == nil }
        #expect(try await self.sorted(sums) == Self.expected)
        context.driver.tell(.executorDraining(ExecutorID(2)))
        try await eventually("the second has left") { executors[2] == nil }
        try executors.add(3, properties: properties, service: service)
        #expect(try await self.sorted(sums) == Self.expected)
        #expect(mapped[place].count.load(ordering: .relaxed) == Self.count)
        context.stop()
        service.stop()
    }

    @Test func `without a service it is computed again`() async throws {
        let place = 2
        let folder = try Folder()
        let executors = ExecutorsHere(folder)
        let context = try executors.context()
        let service = try ShuffleServiceHere(folder, secret: executors.secret)
        let off = ["spark.shuffle.service.enabled": "false"]
        for number in 1...2 { try executors.add(number, properties: off, service: service) }
        let sums = self.sums(context, place: place)
        #expect(try await self.sorted(sums) == Self.expected)
        context.driver.tell(.executorDraining(ExecutorID(1)))
        try await eventually("it has left") { executors[1] == nil }
        #expect(try await self.sorted(sums) == Self.expected)
        #expect(mapped[place].count.load(ordering: .relaxed) > Self.count)
        context.stop()
        service.stop()
    }

    @Test func `what cannot be handed over is computed again`() async throws {
        let place = 3
        let folder = try Folder()
        let executors = ExecutorsHere(folder)
        let context = try executors.context()
        let service = try ShuffleServiceHere(folder, secret: executors.secret)
        // A file stands where the folder would be.
        try folder.write(OutputHandover.folderName, "")
        for number in 1...2 { try executors.add(number, service: service) }
        let sums = self.sums(context, place: place)
        #expect(try await self.sorted(sums) == Self.expected)
        context.driver.tell(.executorDraining(ExecutorID(1)))
        try await eventually("it has left") { executors[1] == nil }
        #expect(try await self.sorted(sums) == Self.expected)
        #expect(mapped[place].count.load(ordering: .relaxed) > Self.count)
        context.stop()
        service.stop()
    }

    @Test func `a node says where its service is`() {
        let good = ["NM_AUX_SERVICE_heddle_shuffle": "AAAdFw==", "LOCAL_DIRS": "/a,/b"]
        #expect(ShuffleService { good[$0] } == ShuffleService(port: 7447, folders: ["/a", "/b"]))
        for text in ["", "AAAdFw", "AAAA", "AAAAAA==", "AQAAAA==", "?"] {
            #expect(ShuffleService { $0 == "LOCAL_DIRS" ? "/a" : text } == nil, "\(text)")
        }
        #expect(ShuffleService { $0 == "LOCAL_DIRS" ? nil : "AAAdFw==" } == nil)
    }

    @Test func `a file that is handed over says where each partition is`() throws {
        let folder = try Folder()
        let frames = [
            [TextBuffer(copying: Array("one".utf8))], [], [TextBuffer(copying: Array(repeating: 7, count: 500))],
        ]
        let output = ShuffleOutput(file: nil, runs: [], frames: frames, sizes: [3, 0, 500])
        let key = ShuffleStore.Key(shuffle: Digest(of: [1]), mapTask: 5)
        let handover = OutputHandover([folder.path], executor: 9, compresses: true)
        try handover.write(output, as: key)
        let path = "heddle-shuffle/9/\(Digest(of: [1]))-5"
        let file = try #require(HandedOverFile(folder.path(path)))
        #expect(file.offsets.count == 4 && file.offsets[0] == 0 && file.offsets[1] == 19)
        #expect(file.offsets[2] == 19 && file.offsets[3] < 500)
        #expect(try Array(folder.read(path).suffix(8)) == Array("HDLSHUF1".utf8))
        #expect(try folder.names("heddle-shuffle/9").count == 1)
        for partition in 0..<3 {
            var cursor = SegmentCursor(try #require(file.segment(partition)))
            var found: [[UInt8]] = []
            while let frame = try cursor.next() { found.append(frame.array) }
            #expect(found == frames[partition].map(\.array))
        }
        // Again: it takes the place of the first.
        try handover.write(output, as: key)
        #expect(try folder.names("heddle-shuffle/9").count == 1)
    }
}
