import Glibc
import HadoopConfig
import Settings
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(1))) struct HealthTests {
    let folder: String

    init() throws {
        self.folder = try ContainerFixture.makeFolder()
    }

    private func settings(_ properties: KeyValuePairs<String, String>) throws -> NodeManagerDaemonSettings {
        var configuration = Configuration(properties)
        configuration.set("yarn.nodemanager.local-dirs", self.folder, source: "test")
        configuration.set("yarn.nodemanager.log-dirs", self.folder, source: "test")
        return try NodeManagerDaemonSettings(configuration)
    }

    private func script(_ text: String, timeout: String = "20000") throws -> HealthScript {
        let path = "\(self.folder)/check.sh"
        try ContainerFixture.write("#!/bin/bash\n\(text)\n", to: path)
        #expect(unsafe chmod(path, 0o755) == 0)
        let settings = try self.settings([
            "yarn.nodemanager.health-checker.scripts": "mine", "yarn.nodemanager.health-checker.mine.path": path,
            "yarn.nodemanager.health-checker.mine.opts": "first,second",
            "yarn.nodemanager.health-checker.mine.timeout-ms": timeout,
        ])
        return HealthScript(settings: try #require(settings.healthScripts.first))
    }

    @Test func `a folder that is writable and has room is good`() throws {
        var check = DiskCheck(
            settings: try self.settings([
                "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "100"
            ]).disks
        )
        let result = check.check([self.folder])
        #expect(result.isHealthy && result.problems.isEmpty)
        #expect(result.good == [self.folder])
        #expect(result.freeBytes.count == 1 && result.freeBytes[0] > 0)
        ContainerFixture.remove(self.folder)
    }

    @Test func `missing, wrong and full folders are named, and too few good ones are not healthy`() throws {
        let file = "\(self.folder)/file"
        try ContainerFixture.write("x", to: file)
        let missing = "\(self.folder)/missing"
        var check = DiskCheck(
            settings: try self.settings([
                "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "100",
                "yarn.nodemanager.disk-health-checker.min-healthy-disks": "0.5",
            ]).disks
        )
        let result = check.check([self.folder, file, missing])
        #expect(result.good == [self.folder])
        #expect(result.problems == ["\(file) : Not a directory", "\(missing) : Cannot be read"])
        #expect(!result.isHealthy)
        var strict = DiskCheck(
            settings: try self.settings([
                "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "0"
            ]).disks
        )
        let full = strict.check([self.folder])
        #expect(full.good.isEmpty && !full.isHealthy)
        #expect(full.problems.first?.contains("used space above threshold of 0.0%") == true)
        ContainerFixture.remove(self.folder)
    }

    /// Runs a test on a file system of four mebibytes.
    private func withSmallDisk(
        _ properties: KeyValuePairs<String, String>,
        _ body: (SmallDisk, inout DiskCheck) throws -> Void
    ) throws {
        let disk = try SmallDisk(at: "\(self.folder)/disk", mebibytes: 4)
        defer {
            disk.unmount()
            ContainerFixture.remove(self.folder)
        }
        var check = DiskCheck(settings: try self.settings(properties).disks)
        try body(disk, &check)
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
    func `a disk that was too full is good again below the lower mark only`() throws {
        try self.withSmallDisk([
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "90",
            "yarn.nodemanager.disk-health-checker.disk-utilization-watermark-low-per-disk-percentage": "40",
        ]) { disk, check in
            try disk.fill(butFor: 2)
            #expect(check.check([disk.path]).problems.isEmpty)
            try disk.fill()
            #expect(check.check([disk.path]).problems == ["\(disk.path) : used space above threshold of 90.0%"])
            disk.empty()
            try disk.fill(butFor: 2)
            #expect(check.check([disk.path]).problems == ["\(disk.path) : used space above threshold of 40.0%"])
            disk.empty()
            #expect(check.check([disk.path]).problems.isEmpty)
            try disk.fill(butFor: 2)
            #expect(check.check([disk.path]).problems.isEmpty)
        }
    }

    @Test func `what a file system keeps for its administrator is not counted, as df counts`() {
        ContainerFixture.remove(self.folder)
        var space = statvfs()
        #expect(DiskCheck.usedPercent(space) == 0)
        space.f_blocks = 1_000
        space.f_bfree = 700
        space.f_bavail = 100
        #expect(DiskCheck.usedPercent(space) == 75)
        space.f_bfree = 600
        space.f_bavail = 0
        #expect(DiskCheck.usedPercent(space) == 100)
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
    func `a disk without the least room, or that cannot be written to, is named`() throws {
        try self.withSmallDisk([
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "100",
            "yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb": "3",
        ]) { disk, check in
            #expect(check.check([disk.path]).problems.isEmpty)
            try disk.fill(butFor: 2)
            #expect(check.check([disk.path]).problems == ["\(disk.path) : free space below limit of 3MB"])
            disk.empty()
            try disk.makeReadOnly()
            #expect(check.check([disk.path]).problems == ["\(disk.path) : Directory is not writable"])
        }
    }

    @Test func `only a line that starts with ERROR makes a node unhealthy, not the exit code`() throws {
        #expect(try self.script("echo fine; echo ' ERROR not at the start'; exit 3").run() == .healthy)
        #expect(
            try self.script("echo fine; echo \"ERROR $1 $2\"; echo more").run() == .unhealthy("ERROR first second")
        )
        ContainerFixture.remove(self.folder)
    }

    @Test func `a script that hangs or talks without end is ended at its time limit`() throws {
        let hanging = "echo $$ > \(self.folder)/process; sleep 1000"
        #expect(try self.script(hanging, timeout: "300").run() == .unhealthy("Node health script timed out"))
        let process = try #require(number(in: "\(self.folder)/process"))
        #expect(!isAlive(process))
        #expect(try self.script("yes", timeout: "300").run() == .unhealthy("Node health script timed out"))
        ContainerFixture.remove(self.folder)
    }
}
