import ClusterModel
import Foundation
import HadoopWire
import NodeManagerCore
import Staging
import Testing

@testable import NodeManager

struct LogAggregatorTests {
    private struct Content: TFileSource {
        var bytes: [UInt8]
        var length: Int64 { Int64(self.bytes.count) }

        func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
            Array(self.bytes[Int(offset)..<Int(offset) + count])
        }
    }

    private static let application = ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 12_345)
    private static let order = LogAggregationOrder(
        application: Self.application,
        user: "alice",
        accessLists: [ApplicationAccessList(name: "VIEW_APP", list: "bob staff")]
    )

    private let root = FileManager.default.temporaryDirectory
        .appendingPathComponent("aggregator-\(UUID().uuidString)").path
    private var remoteFolder: String {
        "\(self.root)/remote/alice/bucket-logs-tfile/2345/\(Self.application)"
    }

    private func container(_ sequence: Int64) -> ContainerID {
        ContainerID(
            attempt: ApplicationAttemptID(application: Self.application, number: 1),
            epoch: 0,
            sequence: sequence
        )
    }

    private func write(_ text: String, _ name: String, of sequence: Int64, disk: String) throws {
        let folder = "\(self.root)/\(disk)/\(Self.application)/\(self.container(sequence))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func aggregator(_ options: LogAggregator.Options = LogAggregator.Options()) throws -> LogAggregator {
        try FileManager.default.createDirectory(atPath: "\(self.root)/local", withIntermediateDirectories: true)
        return LogAggregator(
            node: "host1:45454",
            logDirectories: ["\(self.root)/disk1", "\(self.root)/disk2"],
            spoolDirectories: ["\(self.root)/missing", "\(self.root)/local"],
            folders: try RemoteLogFolders("file://\(self.root)/remote", suffix: "logs"),
            transfers: Transfers(),
            options: options
        )
    }

    private func problem(_ input: Input) -> String? {
        guard case .logsAggregated(Self.application, let outcome) = input else { return "\(input)" }
        return outcome.problem
    }

    private func permission(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test
    func `Logs of all disks stand in one file in Hadoop's place with Hadoop's modes, and a second upload replaces it`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        try self.write("out 1\n", "stdout", of: 1, disk: "disk1")
        try self.write("err 1\n", "stderr", of: 1, disk: "disk1")
        try self.write("out 2\n", "stdout", of: 2, disk: "disk2")
        let secret = "\(self.root)/secret"
        try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
        try FileManager.default.createSymbolicLink(
            atPath: "\(self.root)/disk1/\(Self.application)/\(self.container(1))/link",
            withDestinationPath: secret
        )
        for _ in 0..<2 {
            #expect(self.problem(await (try self.aggregator()).aggregate(Self.order)) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: self.remoteFolder) == ["host1_45454"])
        }
        let path = "\(self.remoteFolder)/host1_45454"
        let file = Content(bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        let log = try AggregatedLog(file)
        #expect(log.owner == "alice")
        #expect(log.accessLists.map { "\($0.name) \($0.list)" } == ["VIEW_APP bob staff"])
        let names = log.entries.map { "\($0.container) \($0.name)" }
        #expect(
            names == [
                "\(self.container(1)) stderr", "\(self.container(1)) stdout", "\(self.container(2)) stdout",
            ]
        )
        let texts = log.entries.map { entry in
            String(
                decoding: entry.extents.flatMap { file.bytes[Int($0.lowerBound)..<Int($0.upperBound)] },
                as: UTF8.self
            )
        }
        #expect(texts == ["err 1\n", "out 1\n", "out 2\n"])
        #expect(try self.permission(path) == 0o640)
        #expect(try self.permission(self.remoteFolder) == 0o770)
        #expect(try self.permission("\(self.root)/remote") == 0o1777)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(self.root)/local/nmPrivate").isEmpty)
    }

    private func outcome(_ input: Input) throws -> LogAggregationOutcome {
        guard case .logsAggregated(Self.application, let outcome) = input else {
            throw TransferFailure("\(input)")
        }
        return outcome
    }

    /// `container file` of each log in a remote file.
    private func names(in file: String) throws -> [String] {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(self.remoteFolder)/\(file)")))
        return try AggregatedLog(Content(bytes: bytes)).entries.map { "\($0.container.suffix(1)) \($0.name)" }
    }

    private func files(of sequence: Int64) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: "\(self.root)/disk1/\(Self.application)/\(self.container(sequence))"
        ).sorted()
    }

    private var remoteNames: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: self.remoteFolder)) ?? []).sorted()
    }

    @Test
    func `Patterns and the policy say which files are uploaded`() async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        for name in ["stdout", "stderr", "gc.log", "core.17"] {
            try self.write("x", name, of: 1, disk: "disk1")
            try self.write("x", name, of: 2, disk: "disk1")
        }
        var order = Self.order
        order.context.includePattern = "std|log"
        order.context.excludePattern = "^gc\\."
        order.skipped = [self.container(2)]
        let outcome = try self.outcome(await (try self.aggregator()).aggregate(order))
        #expect(outcome.problem == nil)
        #expect(outcome.remark.isEmpty)
        #expect(try self.names(in: "host1_45454") == ["1 stderr", "1 stdout"])
        order.context.includePattern = "nothing"
        try FileManager.default.removeItem(atPath: self.remoteFolder)
        #expect(self.problem(await (try self.aggregator()).aggregate(order)) == nil)
        #expect(self.remoteNames.isEmpty)
    }

    @Test(arguments: ["(?!gc).*", "(a|b)\\1", "[", "a{1,9999}"])
    func `A pattern that is not understood keeps no log back and is named`(pattern: String) async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        try self.write("x", "stdout", of: 1, disk: "disk1")
        var order = Self.order
        order.context.includePattern = pattern
        order.context.excludePattern = pattern
        let outcome = try self.outcome(await (try self.aggregator()).aggregate(order))
        #expect(outcome.problem == nil)
        #expect(outcome.remark.contains("include_pattern"))
        #expect(outcome.remark.contains("exclude_pattern"))
        #expect(try self.names(in: "host1_45454") == ["1 stdout"])
        order.running = [self.container(1)]
        order.context = LogAggregationContext()
        order.context.rolledIncludePattern = pattern
        order.stamp = Timestamp(milliseconds: 7)
        let rolled = try self.outcome(await (try self.aggregator()).aggregate(order))
        #expect(rolled.remark.contains("rolled_logs_include_pattern"))
        #expect(rolled.uploaded.isEmpty)
    }

    @Test
    func `A pattern that takes Java years is answered at once`() async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        let name = String(repeating: "a", count: 200)
        try self.write("x", name, of: 1, disk: "disk1")
        var order = Self.order
        order.context.includePattern = "^(a+)+$|^(a|aa)*b"
        #expect(self.problem(await (try self.aggregator()).aggregate(order)) == nil)
        #expect(try self.names(in: "host1_45454") == ["1 \(name)"])
    }

    @Test
    func `Rolled files go while the container runs, each once, and what is still written to stays`() async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        for name in ["stderr", "stderr.1", "stderr.2"] { try self.write("x", name, of: 1, disk: "disk1") }
        try self.write("x", "stdout", of: 2, disk: "disk1")
        var order = Self.order
        order.context.rolledIncludePattern = "\\.[0-9]+$"
        order.running = [self.container(1)]
        order.stamp = Timestamp(milliseconds: 1_000)
        let aggregator = try self.aggregator()
        let first = try self.outcome(await aggregator.aggregate(order))
        // The second container has ended: all of it goes.
        #expect(try self.names(in: "host1_45454_1000") == ["1 stderr.1", "1 stderr.2", "2 stdout"])
        try self.write("xy", "stderr.2", of: 1, disk: "disk1")
        await aggregator.delete(first.uploaded)
        #expect(try self.files(of: 1) == ["stderr", "stderr.2"])
        #expect(try self.files(of: 2).isEmpty)
        order.uploaded = first.uploaded
        order.stamp = Timestamp(milliseconds: 2_000)
        let second = try self.outcome(await aggregator.aggregate(order))
        #expect(try self.names(in: "host1_45454_2000") == ["1 stderr.2"])
        #expect(second.uploaded.map(\.name) == ["stderr.2"])
        // Nobody deleted it: it is known, and the rest goes at the end.
        order.uploaded = second.uploaded
        order.running = nil
        order.stamp = Timestamp(milliseconds: 3_000)
        _ = try self.outcome(await aggregator.aggregate(order))
        #expect(try self.names(in: "host1_45454_3000") == ["1 stderr"])
        #expect(self.remoteNames == ["host1_45454_1000", "host1_45454_2000", "host1_45454_3000"])
    }

    @Test
    func `No more rolled files of a node are kept than configured`() async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        var options = LogAggregator.Options()
        options.rolledFilesMaximum = 2
        let aggregator = try self.aggregator(options)
        for stamp in [9, 10, 11] as [Int64] {
            try self.write("x\(stamp)", "stdout", of: 1, disk: "disk1")
            var order = Self.order
            order.stamp = Timestamp(milliseconds: stamp)
            #expect(self.problem(await aggregator.aggregate(order)) == nil)
        }
        #expect(self.remoteNames == ["host1_45454_10", "host1_45454_11"])
    }

    @Test
    func `An application that left no log folder leaves no file`() async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        #expect(self.problem(await (try self.aggregator()).aggregate(Self.order)) == nil)
        #expect(!FileManager.default.fileExists(atPath: self.remoteFolder))
    }

    @Test
    func `A remote folder that cannot be made is a problem with its name`() async throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        try self.write("out\n", "stdout", of: 1, disk: "disk1")
        try Data().write(to: URL(fileURLWithPath: "\(self.root)/remote"))
        let problem = try #require(self.problem(await (try self.aggregator()).aggregate(Self.order)))
        #expect(problem.contains("\(self.root)/remote"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(self.root)/local/nmPrivate").isEmpty)
    }

    @Test
    func `A remote log folder is a URL`() throws {
        let folders = try RemoteLogFolders("webhdfs://stage:14000/logs/", suffix: "x")
        #expect(folders.root == ResourceLocation(scheme: "webhdfs", host: "stage", port: 14_000, path: "/logs"))
        let found = folders.candidates(user: "u", application: "application_1_0007", number: 7).map(\.path)
        #expect(
            found == [
                "/logs/u/bucket-x-tfile/0007/application_1_0007", "/logs/u/x-tfile/application_1_0007",
                "/logs/u/x/application_1_0007",
            ]
        )
        for text in ["/logs", "webhdfs://host:x/logs", "logs", "webhdfs://host"] {
            #expect(throws: TransferFailure.self) { try RemoteLogFolders(text, suffix: "logs") }
        }
    }
}
