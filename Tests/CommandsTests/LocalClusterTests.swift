import ClusterModel
import Foundation
import HadoopConfig
import HadoopProtos
import NodeManagerCore
import Settings
import Testing

@testable import Commands

@Suite struct `The plan of a cluster on this machine` {
    private let plan = ClusterPlan(nodes: 3, memoryMiB: 4096, vcores: 4, firstPort: 20_800)

    @Test func `is remembered and read back`() {
        #expect(ClusterPlan(text: self.plan.text) == self.plan)
        #expect(ClusterPlan(text: "nodes=3\n") == nil)
        #expect(ClusterPlan(text: self.plan.text.replacing("nodes=3", with: "nodes=1000")) == nil)
    }

    @Test func `gives every node an address of its own and no port twice`() {
        let addresses = self.plan.addresses.map { "\($0.host):\($0.port)" }
        #expect(addresses.count == 5 + 3 * 4)
        #expect(Set(addresses).count == addresses.count)
        #expect(self.plan.host(ofNode: 1) == "127.0.0.2")
    }

    @Test func `starts looking for ports where the folder says, below the ephemeral ones`() {
        for folder in ["/a", "/b", "/run/user/1000/heddle/cluster"] {
            let port = ClusterPlan.preferredFirstPort(directory: folder)
            #expect(port == ClusterPlan.preferredFirstPort(directory: folder))
            #expect((20_000..<31_200).contains(port))
            #expect((20_000..<31_200).contains(ClusterPlan.nextFirstPort(after: port)))
        }
        #expect(ClusterPlan.nextFirstPort(after: 31_192) == 20_000)
    }

    @Test(arguments: [("8g", 8192), ("512m", 512), ("2048", 2048), ("1GiB", 1024), ("1t", 1_048_576)])
    func `reads amounts of memory`(_ text: String, _ expected: Int) {
        #expect(ClusterPlan.memoryMiB(text) == expected)
    }

    @Test(arguments: ["", "g", "0", "-1", "8x", "99999999999999999999", "9999999t"])
    func `refuses what is no amount of memory`(_ text: String) {
        #expect(ClusterPlan.memoryMiB(text) == nil)
    }
}

@Suite struct `The files of a cluster on this machine` {
    private static func folder() throws -> URL {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "heddle-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private static func write(_ files: [(name: String, text: String)], to folder: URL) throws {
        for file in files { try Data(file.text.utf8).write(to: folder.appending(path: file.name)) }
    }

    @Test func `name the addresses of the plan to clients, and both daemons accept them`() throws {
        let plan = ClusterPlan(nodes: 2, memoryMiB: 4096, vcores: 4, firstPort: 20_800)
        let directory = try ClusterDirectory("/tmp/a & b")
        let files = ClusterFiles(plan: plan, directory: directory, runsAsRoot: true)
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }

        try Self.write(files.clientFolder, to: folder)
        let clientConfiguration = try Configuration.load(directory: folder.path)
        let client = try ClientSettings(clientConfiguration)
        #expect(client.resourceManagers.map(\.client.port) == [20_800])
        #expect(client.resourceManagers.map(\.client.host) == ["127.0.0.1"])
        let manager = try ResourceManagerDaemonSettings(clientConfiguration)
        #expect(manager.recoveryEnabled)
        #expect(manager.stateStorePath == "/tmp/a & b/rm-state")

        try Self.write(files.nodeFolder(2), to: folder)
        let node = try NodeManagerDaemonSettings(try Configuration.load(directory: folder.path))
        #expect(node.containerManager.port == plan.nodePort)
        #expect(node.shufflePort == plan.nodeShufflePort)
        #expect(plan.addresses.contains { $0.host == plan.host(ofNode: 2) && $0.port == plan.nodeShufflePort })
        #expect(node.identity.allowsRoot)
        #expect(node.core.logSizeLimit == LogSizeLimit(folderBytes: 1_000_000_000, totalBytes: 10_000_000_000))
        #expect(node.logMonitorInterval == .seconds(5))
    }

    @Test func `the folder refuses names that a configuration cannot carry`() {
        for path in ["relative", "/a,b", "/${x}", "/a\nb"] {
            #expect(throws: CommandFailure.self) { try ClusterDirectory(path) }
        }
    }

    @Test func `a folder with other things in it is not taken, and never removed`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let precious = folder.appending(path: "precious")
        try Data("x".utf8).write(to: precious)
        let directory = try ClusterDirectory(folder.path)
        #expect(throws: CommandFailure.self) { try directory.create() }
        try directory.remove()
        #expect(FileManager.default.fileExists(atPath: precious.path))
    }

    @Test func `a made folder is private and goes with everything in it`() throws {
        let above = try Self.folder()
        defer { try? FileManager.default.removeItem(at: above) }
        let folder = above.appending(path: "deep/cluster")
        let directory = try ClusterDirectory(folder.path)
        try directory.create()
        try directory.remember(
            ClusterPlan(nodes: 1, memoryMiB: 1, vcores: 1, firstPort: 20_000),
            configuration: directory.configuration
        )
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder.path) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let isFolder = ["logs", "tmp", "nodes"].contains(name)
            #expect(try mode("\(folder.path)/\(name)") == (isFolder ? 0o700 : 0o600), "\(name)")
        }
        try directory.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
}

@Suite struct `Processes of a cluster` {
    @Test func `a record is told from another process with the same number by its start time`() throws {
        let status = try #require(ProcessStatus(getpid()))
        let record = DaemonRecord(name: "nodemanager-1", process: getpid(), startTime: status.startTime)
        #expect(record.isAlive)
        #expect(DaemonRecord(text: record.text.trimmingCharacters(in: .newlines)) == record)
        #expect(!DaemonRecord(name: "x", process: getpid(), startTime: status.startTime + 1).isAlive)
    }

    @Test func `a program's name may hold brackets and spaces`() {
        let fields = Array(repeating: "0", count: 18).joined(separator: " ")
        #expect(ProcessStatus(text: "1 (a) Z (b)) S \(fields) 77 5")?.startTime == 77)
        #expect(ProcessStatus(text: "1 (a)) Z \(fields) 77 5")?.isZombie == true)
        #expect(ProcessStatus(text: "garbage") == nil)
        #expect(DaemonRecord(text: "rm 1 5") == nil)
        #expect(DaemonRecord(text: "rm x 5") == nil)
    }

    @Test func `paths are quoted for a shell only when they need it`() {
        #expect(shellQuoted("/run/user/0/conf") == "/run/user/0/conf")
        #expect(shellQuoted("/a b/it's") == "'/a b/it'\\''s'")
    }
}

@Suite struct `Filters of lists` {
    @Test func `live applications are meant without states, and ALL means all`() throws {
        #expect(
            try ApplicationFilter(types: [], states: [], tags: []).states == [.submitted, .accepted, .running]
        )
        #expect(try ApplicationFilter(types: [], states: ["running", "all"], tags: []).states.count == 8)
        let filter = try ApplicationFilter(types: ["spark"], states: ["failed", "NEW"], tags: ["A", "A"])
        #expect(filter.states == [.new, .failed])
        #expect(filter.request.applicationTypes == ["SPARK"])
        #expect(filter.request.applicationTags == ["a"])
    }

    @Test func `an unknown state is refused with the list of known ones`() {
        let error = #expect(throws: CommandFailure.self) {
            try ApplicationFilter(types: [], states: ["foo"], tags: [])
        }
        #expect(
            error?.description
                == "The application state foo is invalid.\nThe valid application state can be one of the following: "
                + "ALL,NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING,FINISHED,FAILED,KILLED"
        )
        #expect(throws: CommandFailure.self) { try NodeOperations.states(["foo"], all: false) }
    }
}

@Suite struct `The folder of a cluster` {
    @Test(.enabled(if: geteuid() == 0, "only root makes devices"))
    func `says that the disk is full, and leaves nothing`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-full-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Where the file is first written stands a device that is always full: Linux's 1:7.
        try #require(unsafe mknod("\(folder)/workers.new", S_IFCHR | 0o600, 1 << 8 | 7) == 0)
        let failure = #expect(throws: CommandFailure.self) {
            try ClusterDirectory.write("localhost\n", to: "\(folder)/workers")
        }
        #expect(failure?.description.contains("\(folder)/workers.new: No space left on device") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
