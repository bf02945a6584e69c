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

    private func hosts(_ range: Range<Int64>, _ blocks: [FileBlock]) -> [String] {
        let split = self.split(range)
        return FileSplit.hosts(of: [split], [split.file: blocks])
    }

    @Test func `a split's machines are those that hold most of it`() {
        let blocks = [
            FileBlock(range: 0..<400, hosts: ["a", "b", "c"]), FileBlock(range: 400..<800, hosts: ["b", "d", "e"]),
        ]
        #expect(self.hosts(0..<400, blocks) == ["a", "b", "c"])
        #expect(self.hosts(300..<700, blocks) == ["b", "d", "e"])
        #expect(self.hosts(800..<900, blocks) == [])
        #expect(self.hosts(0..<1000, []) == [])
    }

    @Test func `the machines of several files are those that hold most of them together`() {
        func file(_ name: String, _ length: Int64, _ hosts: [String]) -> (SourceFile, [FileBlock]) {
            (SourceFile(name: name, length: length), [FileBlock(range: 0..<length, hosts: hosts)])
        }
        let files = [file("f", 300, ["a"]), file("g", 200, ["b"]), file("h", 200, ["b", "c"]), file("i", 100, ["d"])]
        let blocks = Dictionary(uniqueKeysWithValues: files)
        let splits = files.map { FileSplit(all: $0.0) }
        #expect(FileSplit.hosts(of: splits, blocks) == ["a", "b", "c"])
        #expect(FileSplit.hosts(of: Array(splits.dropFirst(2)), blocks) == ["b", "c", "d"])
        #expect(FileSplit(all: SourceFile(name: "x", length: -1)).end == 0)
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

    // MARK: - Whole files

    /// A folder of ten files, each on one of two machines.
    private struct Shelf: Sendable {
        var files: [(name: String, content: [UInt8])]

        func answer(_ request: LoopbackServer.Request) -> [UInt8] {
            func status(_ number: Int, _ suffix: String) -> String {
                #"{"type":"FILE","length":\#(self.files[number].content.count),"modificationTime":1700000000123,"#
                    + #""permission":"644","owner":"alice","pathSuffix":"\#(suffix)"}"#
            }
            let path = request.path.prefix { $0 != "?" }
            if request.path.contains("op=LISTSTATUS") {
                let all = self.files.indices.map { status($0, self.files[$0].name) }.joined(separator: ",")
                return LoopbackServer.ok(Array(#"{"FileStatuses":{"FileStatus":[\#(all)]}}"#.utf8))
            }
            guard let number = self.files.firstIndex(where: { path.hasSuffix("/\($0.name)") }) else {
                let folder =
                    #"{"FileStatus":{"type":"DIRECTORY","length":0,"modificationTime":1,"permission":"755","#
                    + #""owner":"alice","pathSuffix":""}}"#
                return LoopbackServer.ok(Array(folder.utf8))
            }
            if request.path.contains("op=GETFILEBLOCKLOCATIONS") {
                guard number < InputPlaceTests.order.count else {
                    return LoopbackServer.ok(Array(#"{"BlockLocations":{"BlockLocation":[]}}"#.utf8))
                }
                let host = InputPlaceTests.order[number]
                let block =
                    #"{"cachedHosts":[],"corrupt":false,"hosts":["node\#(host).example"],"#
                    + #""length":\#(self.files[number].content.count),"names":["127.0.0.\#(host):9866"],"offset":0,"#
                    + #""storageTypes":["DISK"]}"#
                return LoopbackServer.ok(Array(#"{"BlockLocations":{"BlockLocation":[\#(block)]}}"#.utf8))
            }
            if request.path.contains("op=OPEN") {
                return LoopbackServer.ok(InputPlaceTests.part(of: self.files[number].content, request))
            }
            return LoopbackServer.ok(Array(#"{"FileStatus":\#(status(number, ""))}"#.utf8))
        }
    }

    private static func part(of all: [UInt8], _ request: LoopbackServer.Request) -> [UInt8] {
        func number(_ name: String) -> Int? {
            request.path.split(whereSeparator: { "?&".contains($0) }).first { $0.hasPrefix("\(name)=") }
                .flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        let start = number("offset") ?? 0
        return Array(all[start..<min(all.count, start + (number("length") ?? all.count))])
    }

    enum WholeKind: CaseIterable, Sendable {
        case texts
        case bytes
        case objects
        case checkpoint
    }

    /// The files of a folder as `saveAsObjectFile` writes it.
    private static func objects() async throws -> [(name: String, content: [UInt8])] {
        let folder = try Folder()
        let context = try HeddleContext(master: "local[1]")
        defer { context.stop() }
        try await context.parallelize(Array(0..<Self.order.count), partitions: Self.order.count)
            .saveAsObjectFile("\(folder.path)/o")
        let names = (0..<Self.order.count).map { "part-0000\($0)" } + ["_SUCCESS"]
        return try names.map { ($0, try FileBytes.all(of: "\(folder.path)/o/\($0)")) }
    }

    @Test(arguments: WholeKind.allCases) func `whole files are read on the machines that hold them, too`(
        kind: WholeKind
    ) async throws {
        var files = (0..<Self.order.count).map { (name: "f\($0)", content: Self.line) }
        if kind == .objects || kind == .checkpoint { files = try await Self.objects() }
        let shelf = Shelf(files: files)
        let server = try LoopbackServer { shelf.answer($0) }
        defer { server.close() }
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context(["spark.locality.wait": "1h"])
        for number in 1...2 { try executors.add(number, host: "127.0.0.\(number)") }
        defer { context.stop() }
        let path = "webhdfs://127.0.0.1:\(server.port)/d"
        let hosts: [[String]]
        let places: [Int]
        switch kind {
        case .texts:
            let all = try await context.wholeTextFiles(path, partitions: Self.order.count)
            hosts = all.node.hosts
            places = try await all.map { _ in TaskScope.current?.executor.shuffles.executor ?? -1 }.collect()
        case .bytes:
            let all = try await context.binaryFiles(path, partitions: Self.order.count)
            hosts = all.node.hosts
            places = try await all.map { _ in TaskScope.current?.executor.shuffles.executor ?? -1 }.collect()
        case .objects:
            let all = try await context.objectFile(path, of: Int.self)
            hosts = all.node.hosts
            places = try await all.map { _ in TaskScope.current?.executor.shuffles.executor ?? -1 }.collect()
        case .checkpoint:
            // What a checkpoint goes on with, which keeps how keys are spread.
            let all = try await context.source(
                Step("checkpoint", at: SourceSite(#fileID, #line), ObjectSource<Int>.self) {
                    try ObjectSource<Int>.open($0)
                },
                splits: context.parts(of: path)
            )
            hosts = all.keeping(all).hosts
            places = Self.order
        }
        #expect(hosts.first == ["node2.example", "127.0.0.2"])
        #expect(hosts.count == Self.order.count)
        #expect(places == Self.order)
    }
}
