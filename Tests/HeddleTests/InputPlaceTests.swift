import TestSupport
import Testing

@testable import EngineCore
@testable import Heddle
@testable import Staging

/// Tasks run where their input lies, as far as its file system says where that is.
@Suite(.timeLimit(.minutes(2))) struct InputPlaceTests {
    private func split(_ range: Range<Int64>) -> FileSplit {
        FileSplit(
            file: SourceFile(name: "webhdfs://h:1/f", length: 1000),
            start: range.lowerBound,
            end: range.upperBound
        )
    }

    @Test func `a split's machines are those that hold most of it`() {
        let blocks = [
            FileBlock(range: 0..<400, hosts: ["a", "b", "c"]), FileBlock(range: 400..<800, hosts: ["b", "d", "e"]),
        ]
        #expect(self.split(0..<400).hosts(blocks) == ["a", "b", "c"])
        #expect(self.split(300..<700).hosts(blocks) == ["b", "d", "e"])
        #expect(self.split(800..<900).hosts(blocks) == [])
        #expect(self.split(0..<1000).hosts([]) == [])
    }

    @Test func `a task's machines are found behind what is computed in it, and not behind a shuffle`() throws {
        let context = try HeddleContext(master: "local[1]")
        let step = Step("textFile", at: SourceSite(#fileID, #line), TextFileSource.self) { try TextFileSource.open($0) }
        let slices = SplitSlices(slices: [[1], [2]], hosts: [["a", "b"], ["c"]])
        let lines = RDD<Text>(context.source(step, splits: slices), context)
        let numbers = context.parallelize([Text("1")], partitions: 1)
        let all = numbers.union(lines.map { $0 })
        let action = Step("count", at: SourceSite(#fileID, #line), CountAction<Text>.self) {
            try CountAction<Text>.open($0)
        }
        func hosts(_ node: Node, _ tasks: Range<Int>) -> [[[String]]] {
            StageBuilder(action: action, on: node).stages.map { stage in
                stage.hosts(of: stage.shuffle == nil ? tasks : 0..<stage.taskCount)
            }
        }
        #expect(hosts(all.node, 0..<3) == [[[], ["a", "b"], ["c"]]])
        #expect(hosts(all.node, 2..<3) == [[["c"]]])
        #expect(hosts(all.distinct(partitions: 2).node, 0..<2) == [[[], ["a", "b"], ["c"]], []])
        #expect(hosts(numbers.node, 0..<1) == [[]])
        // The same lines elsewhere are the same dataset.
        let moved = SplitSlices(slices: slices.slices, hosts: [])
        #expect(context.source(step, splits: moved).identity == lines.node.identity)
    }

    /// A file of ten lines whose blocks lie on two machines, in an order that no chance would hit.
    private static let order = [2, 2, 1, 1, 2, 1, 2, 2, 2, 1]
    private static let line = Array("0123456789\n".utf8)

    private static func answer(_ request: LoopbackServer.Request) -> [UInt8] {
        let length = Self.line.count * Self.order.count
        func number(_ name: String) -> Int? {
            request.path.split(whereSeparator: { "?&".contains($0) }).first { $0.hasPrefix("\(name)=") }
                .flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        if request.path.contains("op=GETFILEBLOCKLOCATIONS") {
            let blocks = Self.order.enumerated().map { place, host in
                #"{"cachedHosts":[],"corrupt":false,"hosts":["node\#(host).example"],"length":\#(Self.line.count),"#
                    + #""names":["127.0.0.\#(host):9866"],"offset":\#(place * Self.line.count),"storageTypes":["DISK"]}"#
            }
            let text = #"{"BlockLocations":{"BlockLocation":[\#(blocks.joined(separator: ","))]}}"#
            return LoopbackServer.ok(Array(text.utf8))
        }
        if request.path.contains("op=OPEN") {
            let all = Array(repeatElement(Self.line, count: Self.order.count).joined())
            let start = number("offset") ?? 0
            return LoopbackServer.ok(Array(all[start..<min(all.count, start + (number("length") ?? all.count))]))
        }
        let text =
            #"{"FileStatus":{"type":"FILE","length":\#(length),"modificationTime":1700000000123,"#
            + #""permission":"644","owner":"alice","pathSuffix":""}}"#
        return LoopbackServer.ok(Array(text.utf8))
    }

    @Test func `tasks that read WebHDFS run on the machines that hold the blocks`() async throws {
        let server = try LoopbackServer { Self.answer($0) }
        defer { server.close() }
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context(["spark.locality.wait": "1h"])
        for number in 1...2 { try executors.add(number, host: "127.0.0.\(number)") }
        defer { context.stop() }
        let path = "webhdfs://127.0.0.1:\(server.port)/f"
        let lines = try await context.textFile(path, partitions: Self.order.count)
        #expect(lines.node.hosts.first == ["node2.example", "127.0.0.2"])
        let places = try await lines.map { _ in TaskScope.current?.executor.shuffles.executor ?? -1 }.collect()
        #expect(places == Self.order)
    }
}
