import ClusterModel
import Glibc
import HadoopProtos
import ModelConversion
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// Disks that are full: a clear error for who needs room, nothing half-done left, and all well again when there is room.
@Suite(.timeLimit(.minutes(3)), .enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
struct FullDiskTests {
    @Test(arguments: ["input.bin", "input.tar"])
    func `a resource that finds no room fails with the system's words and leaves nothing`(name: String) async throws {
        try await withSmallDisk("local") { node, _ in
            let source = "\(node.folder)/\(name)"
            _ = unsafe system(
                "cd '\(node.folder)' && head -c 8388608 /dev/urandom > input.bin && tar -cf input.tar input.bin"
            )
            let resource = LocalResourceProto.file(source, kind: name == "input.tar" ? .archive : .file)
            try await node.start([node.request(2, ["sleep 1000"])])
            try await eventually { node.daemon.snapshot.containers.first?.state == .running }
            try await node.start([node.request(1, ["true"], resources: [.named("input", resource)])])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.invalid.code)
            #expect(status.diagnostics.contains("file:\(source)"), "\(status.diagnostics)")
            #expect(status.diagnostics.contains("No space left on device"), "\(status.diagnostics)")
            #expect(status.diagnostics.contains("\(node.folder)/local/"), "\(status.diagnostics)")
            try await eventually { directoryEntries("\(node.folder)/local/usercache/root/filecache").isEmpty }
            #expect(openFiles(below: node.folder).isEmpty)
            // Neither a container that ran nor one that comes is disturbed.
            #expect(try await node.run(3, "exit 0").exitStatus == 0)
            #expect(node.daemon.snapshot.container(TestNode.container(2))?.state == .running)
        }
    }

    @Test(arguments: ["local", "logs"])
    func `a launch without room says what is full, and works once there is room`(directory: String) async throws {
        try await withSmallDisk(directory) { node, disk in
            #expect(try await node.run(1, "exit 0").exitStatus == 0)
            try disk.fill()
            let status = try await node.run(2, "exit 0")
            #expect(status.exitStatus == ContainerExitStatus.invalid.code)
            #expect(status.diagnostics.contains("Exception from container-launch."), "\(status.diagnostics)")
            #expect(status.diagnostics.contains("No space left on device"), "\(status.diagnostics)")
            let place = directory == "local" ? node.workDirectory(2) : node.logDirectory(2)
            #expect(status.diagnostics.contains("\(place)/"), "\(status.diagnostics)")
            try await eventually { unsafe access(node.workDirectory(2), F_OK) != 0 }
            disk.empty()
            #expect(try await node.run(3, "exit 0").exitStatus == 0)
        }
    }

    @Test func `a container whose record finds no room runs all the same, and leaves no half of one`() async throws {
        let surviving = ["yarn.nodemanager.recovery.enabled": "true", "yarn.nodemanager.recovery.supervised": "true"]
        try await withSmallDisk("recovery", surviving) { node, disk in
            let folder = "\(node.folder)/recovery/containers"
            let goOn = "until [ -e <LOG_DIR>/go ]; do sleep 0.02; done"
            // Its record is larger than the room that is left, of which it takes what there is.
            try disk.fill(butFor: 1)
            let large = String(repeating: "x", count: 100_000)
            let environment = Dictionary(uniqueKeysWithValues: (0..<10).map { ("LARGE\($0)", large) })
            let request = node.request(1, [goOn], environment: environment)
            try await node.start([request])
            try await eventually { node.daemon.snapshot.containers.first?.state == .running }
            #expect(directoryEntries(folder).isEmpty)
            disk.empty()
            try ContainerFixture.write("", to: "\(node.logDirectory(1))/go")
            #expect(try await node.end(of: 1).exitStatus == 0)
            // What became of it is no record without what it was.
            #expect(directoryEntries(folder).isEmpty)
            #expect(try await node.run(2, "exit 3").exitStatus == 3)
            #expect(directoryEntries(folder) == ["\(TestNode.container(2)).json"])
        }
    }

    @Test func `a container that fills the disk of its logs keeps its exit code and harms no other`() async throws {
        try await withSmallDisk("logs") { node, _ in
            let waiting = "touch ready; until [ -e go ]; do sleep 0.02; done; exit 5"
            try await node.start([node.request(1, [waiting])])
            try await eventually { unsafe access("\(node.workDirectory(1))/ready", F_OK) == 0 }
            try await node.start([node.request(2, ["yes > <LOG_DIR>/stdout 2> errors; exit 7"])])
            let status = try await node.end(of: 2)
            #expect(status.exitStatus == 7)
            #expect(status.diagnostics.contains("Exit code: 7"))
            #expect(node.daemon.snapshot.container(TestNode.container(1))?.state == .running)
            try ContainerFixture.write("", to: "\(node.workDirectory(1))/go")
            #expect(try await node.end(of: 1).exitStatus == 5)
        }
    }

    @Test(arguments: ["local", "logs"])
    func `a full disk makes the node unhealthy, room makes it healthy again`(directory: String) async throws {
        let properties = [
            "yarn.nodemanager.disk-health-checker.interval-ms": "20",
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "90",
        ]
        try await withSmallDisk(directory, properties) { node, disk in
            func health() -> NodeHealthStatusProto? {
                node.resourceManager.read { $0.heartbeats.last?.nodeStatus.nodeHealthStatus }
            }
            try await node.start([node.request(1, ["sleep 1000"])])
            try await eventually { node.daemon.snapshot.containers.first?.state == .running }
            try disk.fill()
            try await eventually { health()?.isNodeHealthy == false }
            let report = try #require(health()?.healthReport)
            #expect(report.contains("1/1 \(directory == "local" ? "local" : "log")-dirs"), "\(report)")
            #expect(report.contains("\(disk.path) : used space above threshold of 90.0%"), "\(report)")
            let refused = try await node.run(2, "exit 0")
            #expect(refused.exitStatus == ContainerExitStatus.disksFailed.code)
            #expect(refused.diagnostics.contains("\(disk.path) : used space above threshold"), "\(refused.diagnostics)")
            #expect(node.daemon.snapshot.container(TestNode.container(1))?.state == .running)
            disk.empty()
            try await eventually { health()?.isNodeHealthy == true }
            #expect(health()?.healthReport.isEmpty == true)
            #expect(try await node.run(3, "exit 0").exitStatus == 0)
        }
    }

    @Test func `with one of two disks full the node stays healthy and uses the other`() async throws {
        let folder = try ContainerFixture.makeFolder()
        let roomy = try SmallDisk(at: folder, mebibytes: 256)
        defer {
            roomy.unmount()
            ContainerFixture.remove(folder)
        }
        let disk = try SmallDisk(at: "\(folder)/first", mebibytes: 4)
        defer { disk.unmount() }
        try disk.fill()
        let properties = [
            "yarn.nodemanager.local-dirs": "\(folder)/first,\(folder)/second",
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "90",
        ]
        let node = try await TestNode(properties, folder: folder)
        let heartbeat = try #require(node.resourceManager.read { $0.heartbeats.last })
        #expect(heartbeat.nodeStatus.nodeHealthStatus.isNodeHealthy)
        #expect(heartbeat.nodeStatus.nodeHealthStatus.healthReport.contains("1/2 local-dirs"))
        for number in [Int64(1), 2, 3] {
            let status = try await node.run(number, "pwd > <LOG_DIR>/pwd; echo \\$LOCAL_DIRS > <LOG_DIR>/folders")
            #expect(status.exitStatus == 0, "\(status.diagnostics)")
            #expect(node.log(number, "pwd")?.hasPrefix("\(folder)/second/") == true)
            #expect(node.log(number, "folders")?.contains("\(folder)/first") == false)
        }
        try await node.stop(keepsFolder: true)
    }

    @Test func `a disk that fills up between two checks gets no containers and no downloads`() async throws {
        let folder = try ContainerFixture.makeFolder()
        let roomy = try SmallDisk(at: folder, mebibytes: 48)
        defer {
            roomy.unmount()
            ContainerFixture.remove(folder)
        }
        // Larger than the other, so that it is the one with the most room at the only check.
        let disk = try SmallDisk(at: "\(folder)/first", mebibytes: 64)
        defer { disk.unmount() }
        let properties = [
            "yarn.nodemanager.local-dirs": "\(folder)/first,\(folder)/second",
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "90",
        ]
        let node = try await TestNode(properties, folder: folder)
        try disk.fill(butFor: 2)
        try ContainerFixture.write("content", to: "\(folder)/input")
        for number in [Int64(1), 2, 3] {
            let resources = [StringLocalResourceMapProto.named("input\(number)", .file("\(folder)/input"))]
            let command = "pwd > <LOG_DIR>/pwd; readlink -f input\(number) >> <LOG_DIR>/pwd"
            try await node.start([node.request(number, [command], resources: resources)])
            let status = try await node.end(of: number)
            #expect(status.exitStatus == 0, "\(status.diagnostics)")
            let places = try #require(node.log(number, "pwd")).split(separator: "\n")
            #expect(places.count == 2 && places.allSatisfy { $0.hasPrefix("\(folder)/second/") }, "\(places)")
        }
        try await node.stop(keepsFolder: true)
    }
}
