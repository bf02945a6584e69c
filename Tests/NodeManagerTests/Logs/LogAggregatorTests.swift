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

    private func aggregator() throws -> LogAggregator {
        try FileManager.default.createDirectory(atPath: "\(self.root)/local", withIntermediateDirectories: true)
        return LogAggregator(
            node: "host1:45454",
            logDirectories: ["\(self.root)/disk1", "\(self.root)/disk2"],
            spoolDirectories: ["\(self.root)/missing", "\(self.root)/local"],
            folders: try RemoteLogFolders("file://\(self.root)/remote", suffix: "logs"),
            transfers: Transfers()
        )
    }

    private func problem(_ input: Input) -> String? {
        guard case .logsAggregated(Self.application, let problem) = input else { return "\(input)" }
        return problem
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
