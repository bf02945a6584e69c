import ClusterModel
import Foundation
import Glibc
import HadoopProtos
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// The cache of resources over restarts of the NodeManager.
@Suite(.timeLimit(.minutes(3))) struct CacheRecoveryTests {
    private static func properties(targetMiB: Int) -> [String: String] {
        [
            "yarn.nodemanager.recovery.enabled": "true", "yarn.nodemanager.recovery.supervised": "true",
            "yarn.nodemanager.localizer.cache.target-size-mb": "\(targetMiB)",
            "yarn.nodemanager.localizer.cache.cleanup.interval-ms": "20",
        ]
    }

    /// What is stored of the cache, by the name of its file.
    private func stored(_ folder: String) -> [String: StoredResource] {
        var found: [String: StoredResource] = [:]
        for name in directoryEntries("\(folder)/recovery/resources") where name.hasSuffix(".json") {
            guard let data = FileManager.default.contents(atPath: "\(folder)/recovery/resources/\(name)"),
                let resource = try? JSONDecoder().decode(StoredResource.self, from: data)
            else { continue }
            found[String(resource.localPath.split(separator: "/").last ?? "")] = resource
        }
        return found
    }

    /// A NodeManager localizes a file of that name for a container, as `input`, and stops.
    private static func leave(_ name: String, holding text: String) async throws
        -> (folder: String, port: Int, resource: StringLocalResourceMapProto)
    {
        let node = try await TestNode(Self.properties(targetMiB: 100))
        let path = "\(node.folder)/\(name)"
        try ContainerFixture.write(text, to: path)
        let resource = StringLocalResourceMapProto.named("input", .file(path))
        try await node.start([node.request(1, ["cat input > /dev/null"], resources: [resource])])
        #expect(try await node.end(of: 1).exitStatus == 0)
        let port = Int(node.daemon.node.id.port)
        try await node.stop(keepsFolder: true)
        return (node.folder, port, resource)
    }

    @Test func `after a restart goes what was not used for longest before it`() async throws {
        let first = try await TestNode(Self.properties(targetMiB: 100))
        let folder = first.folder
        for name in ["a", "b"] {
            try ContainerFixture.write(String(repeating: name, count: 1 << 20), to: "\(folder)/\(name)")
        }
        for (number, name) in [(1, "a"), (2, "b"), (3, "a")] as [(Int64, String)] {
            let resource = StringLocalResourceMapProto.named("input", .file("\(folder)/\(name)"))
            try await first.start([first.request(number, ["cat input > /dev/null"], resources: [resource])])
            #expect(try await first.end(of: number).exitStatus == 0)
        }
        try await eventually("the later use is stored") {
            let stored = self.stored(folder)
            guard let a = stored["a"]?.lastUse, let b = stored["b"]?.lastUse else { return false }
            return a > b
        }
        let port = Int(first.daemon.node.id.port)
        try await first.stop(keepsFolder: true)

        let second = try await TestNode(Self.properties(targetMiB: 1), folder: folder, port: port)
        try await eventually("the older one goes") { self.stored(folder).keys.sorted() == ["a"] }
        let cache = "\(folder)/local/usercache/root/filecache"
        try await eventually("its folder, too") { directoryEntries(cache).count == 1 }
        let left = try #require(self.stored(folder)["a"])
        #expect(unsafe access(left.localPath, F_OK) == 0)
        try await second.stop()
    }

    @Test func `what a crash left between disk and record goes, and its numbers are given again`() async throws {
        let (folder, port, resource) = try await Self.leave("kept", holding: "kept")
        let local = "\(folder)/local"
        let planted = [
            "filecache/2", "filecache/3_tmp", "usercache/root/filecache/2", "usercache/root/filecache/9_tmp",
            "usercache/root/appcache/application_1_0099",
            "nmPrivate/application_1_0099/container_1_0099_01_000001",
        ]
        for name in planted {
            try FileManager.default.createDirectory(
                atPath: "\(local)/\(name)/below",
                withIntermediateDirectories: true
            )
        }
        let second = try await TestNode(Self.properties(targetMiB: 100), folder: folder, port: port)
        for name in planted { #expect(unsafe access("\(local)/\(name)", F_OK) != 0, "\(name)") }
        try await eventually("what was set aside is deleted") { !directoryEntries(local).contains("deleted") }
        #expect(self.stored(folder).keys.sorted() == ["kept"])
        try ContainerFixture.write("new", to: "\(folder)/new")
        let other = StringLocalResourceMapProto.named("other", .file("\(folder)/new"))
        try await second.start([second.request(2, ["cat input other > <LOG_DIR>/out"], resources: [resource, other])])
        #expect(try await second.end(of: 2).exitStatus == 0)
        #expect(second.log(2, "out") == "keptnew")
        try await second.stop()
    }

    @Test func `what was localized before the machine's last start is localized anew, since it may have lost bytes`()
        async throws
    {
        let (folder, port, resource) = try await Self.leave("input", holding: "whole")

        // As after a loss of power: the record came to the disk, the file's bytes did not.
        var stored = try #require(self.stored(folder)["input"])
        #expect(stored.machineStart == machineStart())
        #expect(unsafe truncate(stored.localPath, 0) == 0)
        stored.machineStart = "an earlier one"
        try JSONEncoder().encode(stored)
            .write(to: URL(fileURLWithPath: "\(folder)/recovery/resources/\(stored.ticket).json"))

        let second = try await TestNode(Self.properties(targetMiB: 100), folder: folder, port: port)
        #expect(self.stored(folder).isEmpty)
        try await second.start([second.request(2, ["cat input > <LOG_DIR>/out"], resources: [resource])])
        #expect(try await second.end(of: 2).exitStatus == 0)
        #expect(second.log(2, "out") == "whole")
        #expect(self.stored(folder)["input"]?.machineStart == machineStart())
        try await second.stop()
    }
}
