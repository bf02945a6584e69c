import ClusterModel
import Glibc
import Staging
import TestSupport
import Testing

@testable import NodeManager

/// A folder of its own, a launcher and the real supervisor, for tests that run containers.
final class ContainerFixture: Sendable {
    let folder: String
    let watch: ProcessWatch
    let launcher: ContainerProcessLauncher

    init() throws {
        self.folder = try Self.makeFolder()
        self.watch = try ProcessWatch()
        self.launcher = ContainerProcessLauncher(
            supervisorPath: try Self.supervisor(),
            watch: self.watch,
            killPatience: .seconds(2)
        )
    }

    deinit {
        self.watch.close()
        Self.remove(self.folder)
    }

    /// Writes the script and describes a container that runs it.
    func specification(_ script: String, sequence: Int64 = 1) throws -> ContainerProcessSpecification {
        let container = Self.container(sequence)
        let work = "\(self.folder)/work-\(sequence)"
        let state = "\(self.folder)/private-\(sequence)"
        for directory in [work, state] { _ = unsafe mkdir(directory, 0o755) }
        try Self.write("#!/bin/bash\n\(script)\n", to: "\(work)/launch_container.sh")
        return ContainerProcessSpecification(
            container: container,
            workDirectory: work,
            script: "\(work)/launch_container.sh",
            environment: ["PATH": "/usr/bin:/bin", "FROM_OUTSIDE": "a b"],
            standardOutput: "\(work)/stdout",
            standardError: "\(work)/stderr",
            stateDirectory: state
        )
    }

    static func container(_ sequence: Int64) -> ContainerID {
        ContainerID(
            attempt: ApplicationAttemptID(
                application: ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 7),
                number: 1
            ),
            epoch: 0,
            sequence: sequence
        )
    }

    /// The program is built beside the tests.
    static func supervisor() throws -> String {
        var directory = try #require(CommandLine.arguments.first)
        if let link = unsafe realpath("/proc/self/exe", nil) {
            directory = unsafe String(cString: link)
            unsafe free(link)
        }
        let candidates = CommandLine.arguments.filter { $0.hasSuffix(".xctest") } + [directory]
        for candidate in candidates {
            let parts = candidate.split(separator: "/", omittingEmptySubsequences: false)
            let path = "\(parts.dropLast().joined(separator: "/"))/heddle-supervisor"
            if unsafe access(path, X_OK) == 0 { return path }
        }
        throw MissingSupervisor(looked: candidates)
    }

    struct MissingSupervisor: Error {
        var looked: [String]
    }

    static func makeFolder() throws -> String { try makeTemporaryFolder() }

    static func write(_ text: String, to path: String) throws {
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        let bytes = Array(text.utf8)
        unsafe try bytes.withUnsafeBytes { unsafe try file.write($0, path: path) }
    }

    static func read(_ path: String) -> String? { readSmallFile(path, maximum: 1 << 20) }

    static func remove(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in directoryEntries(path) { self.remove("\(path)/\(name)") }
            _ = unsafe rmdir(path)
        } else {
            _ = unsafe unlink(path)
        }
    }
}

/// The number that a script wrote to a file.
func number(in path: String) -> Int32? {
    ContainerFixture.read(path).flatMap { Int32($0.filter { $0 != "\n" }) }
}

func isAlive(_ process: Int32) -> Bool {
    ProcessStatus.read(process).map { !$0.hasEnded } ?? false
}
