import ClusterModel
import Foundation
import Glibc
import HadoopProtos
import HadoopWire
import ModelConversion
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// Whole NodeManagers that aggregate into a folder.
@Suite(.timeLimit(.minutes(3))) struct LogAggregationDaemonTests {
    private static let package = "org.apache.hadoop.yarn.server.nodemanager.containermanager.logaggregation."

    private func settings(_ root: String, _ more: [String: String] = [:]) -> [String: String] {
        [
            "yarn.log-aggregation-enable": "true", "yarn.nodemanager.remote-app-log-dir": "file://\(root)/remote",
            "yarn.nodemanager.recovery.enabled": "true", "yarn.nodemanager.recovery.supervised": "true",
        ].merging(more) { $1 }
    }

    private func remote(_ root: String) -> String {
        "\(root)/remote/root/bucket-logs-tfile/0007/\(TestNode.application)"
    }

    private func end(_ node: TestNode) {
        node.resourceManager.order { $0.applicationsToCleanup = [TestNode.application.proto] }
    }

    private func heard(_ node: TestNode, _ status: LogAggregationStatusProto) -> Bool {
        node.resourceManager.read { content in
            content.heartbeats.contains { heartbeat in
                heartbeat.logAggregationReportsForApps.contains { $0.logAggregationStatus == status }
            }
        }
    }

    /// `container file` of every log in the remote folder, and in how many files they are.
    private func logs(_ root: String) throws -> (names: [String], files: [String]) {
        let files = directoryEntries(self.remote(root)).sorted()
        var names: [String] = []
        for file in files {
            let content = FileBytes(
                Array(try Data(contentsOf: URL(fileURLWithPath: "\(self.remote(root))/\(file)")))
            )
            let log = try TFileExpansion.plainForm(of: content).map { try AggregatedLog($0) } ?? AggregatedLog(content)
            names += log.entries.map { "\($0.container.suffix(1)) \($0.name)" }
        }
        return (names, files)
    }

    private struct FileBytes: TFileSource {
        let content: [UInt8]
        var length: Int64 { Int64(self.content.count) }

        init(_ content: [UInt8]) {
            self.content = content
        }

        func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
            Array(self.content[Int(offset)..<Int(offset) + count])
        }
    }

    @Test func `what a container token says of logs is done`() async throws {
        let root = try ContainerFixture.makeFolder()
        defer { ContainerFixture.remove(root) }
        let node = try await TestNode(
            self.settings(root, ["yarn.nodemanager.log-aggregation.compression-type": "gz"])
        )
        var context = LogAggregationContextProto()
        context.includePattern = "^std"
        context.logAggregationPolicyClassName = Self.package + "FailedContainerLogAggregationPolicy"
        let script = "echo a > <LOG_DIR>/stdout; echo b > <LOG_DIR>/other; exit "
        try await node.start([
            node.request(1, [script + "0"], logs: context), node.request(2, [script + "3"], logs: context),
        ])
        for number in [1, 2] as [Int64] { _ = try await node.end(of: number) }
        self.end(node)
        try await eventually { self.heard(node, .logSucceeded) }
        let found = try self.logs(root)
        #expect(found.names == ["2 stdout"])
        #expect(found.files == [node.daemon.node.id.description.replacingOccurrences(of: ":", with: "_")])
        try await eventually { !FileManager.default.fileExists(atPath: node.logDirectory(2)) }
        try await node.stop()
    }

    @Test func `complete files leave a running container`() async throws {
        let root = try ContainerFixture.makeFolder()
        defer { ContainerFixture.remove(root) }
        let node = try await TestNode(
            self.settings(
                root,
                [
                    "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds": "1",
                    "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds.min": "1",
                ]
            )
        )
        var context = LogAggregationContextProto()
        context.rolledLogsIncludePattern = "\\.[0-9]$"
        context.rolledLogsExcludePattern = ""
        let script =
            "echo a > <LOG_DIR>/log; echo b > <LOG_DIR>/log.1; while [ ! -e <LOG_DIR>/go ]; do sleep 0.02; done"
        try await node.start([node.request(1, [script], logs: context)])
        try await eventually { (try? self.logs(root).names) == ["1 log.1"] }
        try await eventually { node.log(1, "log.1") == nil }
        #expect(node.log(1, "log") != nil)
        #expect(!node.resourceManager.isComplete(TestNode.container(1)))
        try ContainerFixture.write("", to: "\(node.logDirectory(1))/go")
        _ = try await node.end(of: 1)
        self.end(node)
        try await eventually { self.heard(node, .logSucceeded) }
        let found = try self.logs(root)
        #expect(found.names.filter { $0 == "1 log.1" }.count == 1)
        #expect(found.names.contains("1 log"))
        #expect(found.files.count == 2)
        try await node.stop()
    }

    @Test func `an upload that was cut off begins anew, and what it left goes`() async throws {
        let root = try ContainerFixture.makeFolder()
        defer { ContainerFixture.remove(root) }
        // The first cannot upload: a file is where the remote folder belongs.
        try ContainerFixture.write("", to: "\(root)/remote")
        let first = try await TestNode(self.settings(root))
        try await first.start([first.request(1, ["echo a > <LOG_DIR>/stdout"])])
        _ = try await first.end(of: 1)
        self.end(first)
        try await eventually { self.heard(first, .logRunningWithFailure) }
        let stored = directoryEntries("\(first.folder)/recovery/applications")
        #expect(stored == ["\(TestNode.application).json"])
        try await first.stop(keepsFolder: true)
        _ = unsafe unlink("\(root)/remote")
        // What a kill leaves behind: a file not wholly written here, and one not wholly uploaded there.
        let spool = "\(first.folder)/local/nmPrivate/\(TestNode.application).logs"
        try ContainerFixture.write("half", to: spool)
        try FileManager.default.createDirectory(atPath: self.remote(root), withIntermediateDirectories: true)
        let name = first.daemon.node.id.description.replacingOccurrences(of: ":", with: "_")
        try ContainerFixture.write("half", to: "\(self.remote(root))/\(name).tmp")
        let second = try await TestNode(
            self.settings(root),
            folder: first.folder,
            port: Int(first.daemon.node.id.port)
        )
        try await eventually { self.heard(second, .logSucceeded) }
        let found = try self.logs(root)
        #expect(found.names.contains("1 stdout"))
        #expect(found.files == [name])
        #expect(!FileManager.default.fileExists(atPath: spool))
        try await eventually { directoryEntries("\(first.folder)/recovery/applications").isEmpty }
        try await eventually { !FileManager.default.fileExists(atPath: second.logDirectory(1)) }
        try await second.stop()
    }

    @Test func `spool files of a killed NodeManager go also when nothing is to be uploaded`() async throws {
        let folder = try ContainerFixture.makeFolder()
        try FileManager.default.createDirectory(
            atPath: "\(folder)/local/nmPrivate",
            withIntermediateDirectories: true
        )
        let spool = "\(folder)/local/nmPrivate/application_1_0001.logs"
        try ContainerFixture.write("half", to: spool)
        let node = try await TestNode(["yarn.nodemanager.recovery.enabled": "true"], folder: folder)
        #expect(!FileManager.default.fileExists(atPath: spool))
        try await node.stop()
    }
}
