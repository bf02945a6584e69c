import ClusterModel
import Foundation
import HadoopProtos
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(2))) struct LogSizeMonitorTests {
    @Test
    func `A container that logs without end is ended, and one beside it is not`() async throws {
        try await withNode([
            "yarn.nodemanager.container-log-monitor.enable": "true",
            "yarn.nodemanager.container-log-monitor.interval-ms": "50",
            "yarn.nodemanager.container-log-monitor.dir-size-limit-bytes": "1000000",
        ]) { node in
            try await node.start([
                node.request(1, ["exec yes 0123456789 > <LOG_DIR>/endless"]),
                node.request(2, ["while [ ! -e <LOG_DIR>/go ]; do sleep 0.02; done"]),
            ])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.killedForExcessLogs.code)
            #expect(status.diagnostics.contains("Limit: 1000000"))
            #expect(status.diagnostics.contains("endless"))
            #expect(!node.resourceManager.isComplete(TestNode.container(2)))
            try ContainerFixture.write("", to: "\(node.logDirectory(2))/go")
            #expect(try await node.end(of: 2).exitStatus == 0)
        }
    }

    @Test
    func `Folders below are counted, links are not followed, and depth has an end`() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("sizes-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let container = TestNode.container(1)
        let folder = "\(root)/one/\(container.application)/\(container)"
        try FileManager.default.createDirectory(atPath: "\(folder)/a/b", withIntermediateDirectories: true)
        try Data(count: 100).write(to: URL(fileURLWithPath: "\(folder)/stdout"))
        try Data(count: 300).write(to: URL(fileURLWithPath: "\(folder)/a/b/deep"))
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/loop", withDestinationPath: folder)
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/big", withDestinationPath: "/proc/self/exe")
        var deep = folder
        for _ in 0..<40 { deep += "/d" }
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        try Data(count: 5_000).write(to: URL(fileURLWithPath: "\(deep)/far"))
        let logs = ContainerLogs(directories: ["\(root)/one", "\(root)/two"])
        let usage = logs.usage(of: container)
        #expect(usage.folders == [.init(path: folder, bytes: 400)])
        #expect(usage.largest == .init(path: "\(folder)/a/b/deep", bytes: 300))
        #expect(logs.usage(of: TestNode.container(2)).folders.isEmpty)
    }
}
