import Foundation
import Glibc
import Staging

/// The folder of a cluster on this machine: everything that it writes is below it, and only its user can enter it.
package struct ClusterDirectory: Sendable, Hashable {
    /// Absolute, without links.
    package let path: String

    /// - Throws: when the name would not survive in a configuration file or in a list of folders.
    package init(_ path: String) throws(CommandFailure) {
        guard path.hasPrefix("/"), !path.contains("${"), !path.contains(","), !path.contains("\n") else {
            throw CommandFailure(
                "The cluster's folder must be an absolute path without commas, line ends and '${': \(path)"
            )
        }
        self.path = path
    }

    /// The folder that a user gets who names none: below XDG_RUNTIME_DIR, which the system empties at log-out, or below
    /// the home folder.
    package static func standard(environment: [String: String]) throws(CommandFailure) -> ClusterDirectory {
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            return try ClusterDirectory(runtime + "/heddle/cluster")
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw CommandFailure("Neither XDG_RUNTIME_DIR nor HOME is set: name the cluster's folder with --directory.")
        }
        return try ClusterDirectory(home + "/.heddle/cluster")
    }

    package var configuration: String { self.path + "/conf" }
    package var stateStore: String { self.path + "/rm-state" }
    package func node(_ number: Int) -> String { self.path + "/nodes/\(number)" }
    package func log(_ daemon: String) -> String { self.path + "/logs/\(daemon).log" }

    private var marker: String { self.path + "/cluster" }
    private var processes: String { self.path + "/processes" }
    private var confDirNote: String { self.path + "/conf-dir" }

    /// What the folder remembers of its cluster; nil for a folder without one.
    package var plan: ClusterPlan? {
        (try? String(contentsOfFile: self.marker, encoding: .utf8)).flatMap(ClusterPlan.init(text:))
    }

    /// Makes the folder, with mode 0700.
    /// - Throws: when it holds something that is no cluster, or belongs to somebody else.
    package func create() throws {
        if !FileManager.default.fileExists(atPath: self.marker),
            let contents = try? FileManager.default.contentsOfDirectory(atPath: self.path), !contents.isEmpty
        {
            throw CommandFailure(
                "\(self.path) is not empty and holds no cluster: name another folder with --directory."
            )
        }
        try Self.makePrivateFolder(self.path)
        var status = stat()
        guard unsafe lstat(self.path, &status) == 0, status.st_uid == geteuid() else {
            throw CommandFailure("\(self.path) belongs to another user: name another folder with --directory.")
        }
        guard unsafe chmod(self.path, 0o700) == 0 else { throw CommandFailure(systemError("chmod", self.path)) }
        for folder in ["logs", "tmp", "nodes"] { try Self.makePrivateFolder("\(self.path)/\(folder)") }
    }

    package func remember(_ plan: ClusterPlan, configuration: String) throws {
        try Self.write(plan.text, to: self.marker)
        try Self.write(configuration + "\n", to: self.confDirNote)
    }

    /// Where the clients' configuration was written.
    package var rememberedConfiguration: String {
        (try? String(contentsOfFile: self.confDirNote, encoding: .utf8))?.split(separator: "\n").first.map(String.init)
            ?? self.configuration
    }

    package func remember(_ records: [DaemonRecord]) throws {
        try Self.write(records.map(\.text).joined(), to: self.processes)
    }

    package var records: [DaemonRecord] {
        guard let text = try? String(contentsOfFile: self.processes, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { DaemonRecord(text: String($0)) }
    }

    /// Removes the folder with everything in it, if it is a cluster's.
    package func remove() throws {
        guard FileManager.default.fileExists(atPath: self.marker) else { return }
        // The marker goes last: what an interrupted removal leaves is still known for a cluster's.
        for name in try FileManager.default.contentsOfDirectory(atPath: self.path) where name != "cluster" {
            try FileManager.default.removeItem(atPath: "\(self.path)/\(name)")
        }
        try FileManager.default.removeItem(atPath: self.path)
        // The standard folder's parent was made for it: it goes too, unless something else is in it.
        let parent = URL(filePath: self.path).deletingLastPathComponent()
        if ["heddle", ".heddle"].contains(parent.lastPathComponent) { unsafe rmdir(parent.path) }
    }

    /// Forgets the processes and keeps everything else.
    package func forgetProcesses() throws {
        try? FileManager.default.removeItem(atPath: self.processes)
    }

    static func makePrivateFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandFailure("Cannot make the folder \(path): \(error.localizedDescription)")
        }
    }

    /// Writes a whole file that only its user can read, by renaming it into place.
    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        do {
            let file = try OwnedDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
            let bytes = Array(text.utf8)
            try unsafe bytes.withUnsafeBytes { try unsafe file.write($0, path: temporary) }
        } catch {
            unsafe unlink(temporary)
            throw CommandFailure("\(error)")
        }
        guard unsafe rename(temporary, path) == 0 else { throw CommandFailure(systemError("rename", path)) }
    }
}

/// `Cannot open /x: No such file or directory`, from errno.
func systemError(_ call: String, _ subject: String, _ code: Int32 = errno) -> String {
    "Cannot \(call) \(subject): \(unsafe String(cString: strerror(code)))"
}
