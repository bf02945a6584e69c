import BlockExchange
import TestSupport
import Testing

import struct Foundation.Data
import struct Foundation.URL

@testable import EngineCore
@testable import Heddle

private let mapped = (0..<8).map { _ in Counter() }

/// Executors that leave give what their map tasks wrote to the service of their node.
@Suite(.timeLimit(.minutes(3))) struct HandoverTests {
    private static let count = 20_000
    private static let expected = (0..<10).map { key in (0..<Self.count).filter { $0 % 10 == key }.reduce(0, +) }

    private func sums(_ context: HeddleContext, place: Int) -> RDD<Pair<Int, Int>> {
        context.range(0, Self.count, partitions: 4).map(with: place) { place, number in
            mapped[place].add()
            return Pair(number % 10, number)
        }.groupByKey(partitions: 3).mapValues { $0.reduce(0, +) }
    }

    private func sorted(_ dataset: RDD<Pair<Int, Int>>) async throws -> [Int] {
        try await dataset.collect().sorted { $0.key < $1.key }.map(\.value)
    }

    /// An application with two executors whose node has the service.
    private func withExecutors(
        _ properties: [String: String] = [:],
        prepare: (ShuffleServiceHere) throws -> Void = { _ in },
        _ body: (ExecutorsHere, HeddleContext, ShuffleServiceHere) async throws -> Void
    ) async throws {
        let folder = try Folder()
        let service = try await ShuffleServiceHere(folder)
        try prepare(service)
        let executors = ExecutorsHere(folder)
        let context = try executors.context()
        for number in 1...2 { try executors.add(number, properties: properties, service: service) }
        let result = await Result.of { try await body(executors, context, service) }
        context.stop()
        await service.stop()
        try result.get()
    }

    private func leave(_ number: Int, _ executors: ExecutorsHere, _ context: HeddleContext) async throws {
        context.driver.tell(.executorDraining(ExecutorID(number)))
        try await eventually("executor \(number) has left") { executors[number] == nil }
    }

    /// In memory, and in files since there is next to no memory.
    @Test(arguments: [[:], ["spark.executor.memory": "1m"]])
    func `what executors wrote is served when they have left`(properties: [String: String]) async throws {
        let mapped = properties.isEmpty ? mapped[0] : mapped[1]
        try await self.withExecutors(properties) { executors, context, service in
            let sums = self.sums(context, place: properties.isEmpty ? 0 : 1)
            #expect(try await self.sorted(sums) == Self.expected)
            try await self.leave(1, executors, context)
            #expect(try await self.sorted(sums) == Self.expected)
            try await self.leave(2, executors, context)
            try executors.add(3, properties: properties, service: service)
            #expect(try await self.sorted(sums) == Self.expected)
            #expect(mapped.value == Self.count)
        }
    }

    @Test func `where the service is not to be used it is computed again`() async throws {
        try await self.withExecutors(["spark.shuffle.service.enabled": "false"]) { executors, context, _ in
            try await self.expectComputedAgain(executors, context, place: 2)
        }
    }

    @Test func `what cannot be handed over is computed again`() async throws {
        // A file stands where the folder would be.
        let prepare = { (service: ShuffleServiceHere) in
            try Data().write(to: URL(fileURLWithPath: "\(service.folder)/\(ShuffleLayout.folderName)"))
        }
        try await self.withExecutors(prepare: prepare) { executors, context, _ in
            try await self.expectComputedAgain(executors, context, place: 3)
        }
    }

    enum Damage: CaseIterable {
        case changed, cut

        func strike(_ path: String) throws {
            switch self {
            case .changed: try Folder.change(path) { $0 ^ 0x11 }
            case .cut: try Folder.cut(path, to: 100)
            }
        }
    }

    /// Each reads from the other over the network.
    @Test(arguments: Damage.allCases) func `what other executors wrote is computed again where it is damaged`(
        damage: Damage
    ) async throws {
        let place = damage == .changed ? 4 : 5
        try await self.withExecutors(["spark.executor.memory": "1m"]) { executors, context, service in
            let sums = self.sums(context, place: place)
            #expect(try await self.sorted(sums) == Self.expected)
            let files = Folder.openFiles(below: service.root)
            #expect(files.count >= 2)
            // Not all: where a stage finds its input damaged again and again, the job fails (`spark.stage.maxConsecutiveAttempts`).
            for file in files.prefix(2) { try damage.strike(file) }
            #expect(try await self.sorted(sums) == Self.expected)
            #expect(mapped[place].value > Self.count)
        }
    }

    @Test(arguments: Damage.allCases) func `what was handed over is computed again where it is damaged`(
        damage: Damage
    ) async throws {
        let place = damage == .changed ? 6 : 7
        try await self.withExecutors { executors, context, service in
            let sums = self.sums(context, place: place)
            #expect(try await self.sorted(sums) == Self.expected)
            for number in 1...2 { try await self.leave(number, executors, context) }
            #expect(mapped[place].value == Self.count)
            let files = try service.files
            #expect(files.count == 4)
            for file in files.prefix(2) { try damage.strike(file) }
            try executors.add(3, service: service)
            #expect(try await self.sorted(sums) == Self.expected)
            #expect(mapped[place].value > Self.count)
        }
    }

    private func expectComputedAgain(_ executors: ExecutorsHere, _ context: HeddleContext, place: Int) async throws {
        let sums = self.sums(context, place: place)
        #expect(try await self.sorted(sums) == Self.expected)
        try await self.leave(1, executors, context)
        #expect(try await self.sorted(sums) == Self.expected)
        #expect(mapped[place].value > Self.count)
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
        let digest = Digest(of: [1])
        let handover = OutputHandover([folder.path], executor: 9, compresses: true)
        // A second time it takes the place of the first.
        for _ in 0..<2 { try handover.write(output, as: ShuffleStore.Key(shuffle: digest, mapTask: 5)) }
        #expect(try folder.names("heddle-shuffle/9/\(digest)") == ["5"])
        let bytes = try folder.read("heddle-shuffle/9/\(digest)/5")
        let layout = try #require(ShuffleLayout(footer: bytes.suffix(16), size: Int64(bytes.count)))
        #expect(layout.partitionCount == 3)
        for partition in 0..<3 {
            let place = try #require(layout.positions(of: partition))
            let positions = Array(bytes[Int(place.lowerBound)..<Int(place.upperBound)])
            let segment = try #require(layout.segment(positions))
            var reader = ByteReader(
                TextBuffer(copying: Array(bytes[Int(segment.lowerBound)..<Int(segment.upperBound)]))
            )
            var found: [[UInt8]] = []
            while !reader.isAtEnd {
                let head = try FrameHead(&reader)
                let stored = TextBuffer(copying: try (0..<head.storedBytes).map { _ in try reader.readByte() })
                found.append(try head.open(stored).array)
            }
            #expect(found == frames[partition].map(\.array))
        }
    }
}

extension Result where Failure == any Error {
    /// What a closure gives or throws.
    fileprivate static func of(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

extension TextBuffer {
    fileprivate var array: [UInt8] { unsafe self.withUnsafeBytes { unsafe Array($0) } }
}
