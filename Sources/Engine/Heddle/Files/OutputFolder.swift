internal import CLinux
internal import Glibc
internal import Staging

/// A folder that an action writes, one file for each partition: the one place where the engine writes files.
///
/// Every run of a task writes a file of its own below `_temporary`. The driver, which knows the run of each partition that
/// counts, gives those files their names when all are there, and then writes `_SUCCESS`. So a run that failed, was slower
/// than another or still goes on somewhere leaves nothing behind, and a folder without `_SUCCESS` is not whole.
@usableFromInline struct OutputFolder {
    private static let temporaryName = "_temporary"
    private static let successName = "_SUCCESS"

    let path: String

    private var temporary: String { "\(self.path)/\(Self.temporaryName)" }

    // MARK: - The driver's part

    /// The path that a program's name for a folder means, in every process.
    /// - Throws: `HeddleError` for a name of another place than this machine.
    @usableFromInline static func path(of name: String) throws -> String {
        guard let scheme = FileSources.scheme(of: name), scheme != "file" else {
            return LocalFileSource.absolute(LocalFileSource.path(of: name))
        }
        throw HeddleError.graph(
            "\(name) cannot be written: folders are written to file systems that all machines see as their own, not over "
                + "\(scheme): name a path, or file:/path"
        )
    }

    /// Makes the folder.
    /// - Throws: `HeddleError` where something of its name is there already.
    init(making path: String) throws {
        self.path = path
        var status = stat()
        if unsafe lstat(path, &status) == 0 {
            throw HeddleError.graph("\(path) exists already: name another folder, or remove it first")
        }
        do {
            try Self.makeFolders(self.temporary)
        } catch {
            throw HeddleError.graph("\(error)")
        }
    }

    /// Gives the files that count their names.
    func commit(_ files: [WrittenFile]) throws {
        do {
            for file in files {
                let (from, to) = ("\(self.temporary)/\(file.temporaryName)", "\(self.path)/\(file.name)")
                guard unsafe rename(from, to) == 0 else { throw FileFailure(from, "cannot be renamed to \(to)", errno) }
            }
            try Self.remove(self.temporary)
            try FileWriter("\(self.path)/\(Self.successName)").finish()
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    /// Removes what a job that failed has written.
    func abort() { try? Self.remove(self.path) }

    // MARK: - A task's part

    init(opening path: String) { self.path = path }

    /// A file for one run of a task.
    func newFile(partition: Int, attempt: Int, suffix: String) throws -> (writer: FileWriter, file: WrittenFile) {
        let number = String(partition)
        let name = "part-" + String(repeating: "0", count: max(0, 5 - number.count)) + number + suffix
        // Runs of different attempts of a stage may have equal numbers.
        let chance = String(UInt64.random(in: 0 ... .max), radix: 16)
        let file = WrittenFile(name: name, temporaryName: "\(name).\(attempt).\(chance)")
        return (try FileWriter("\(self.temporary)/\(file.temporaryName)"), file)
    }

    // MARK: - Trees

    static func makeFolders(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard unsafe mkdir(made, 0o777) == 0 || errno == EEXIST else {
                throw FileFailure(made, "cannot be made", errno)
            }
        }
    }

    private static func remove(_ path: String) throws {
        if let failure = TreeRemoval.remove(path).failures.first { throw failure }
    }

    /// What a folder holds, in the order of the names' bytes.
    static func names(in path: String) throws -> [String] {
        guard let folder = unsafe opendir(path) else { throw FileFailure(path, "cannot be listed", errno) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { place in
                unsafe place.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// A file that a run of a task wrote.
struct WrittenFile: Codable, Hashable, Sendable {
    /// What it is to be called.
    var name: String
    var temporaryName: String
}

/// Writes a new file of this machine.
final class FileWriter {
    private let path: String
    private var descriptor: Int32
    private var waiting: [UInt8] = []
    private static let pieceBytes = 256 << 10

    init(_ path: String) throws {
        self.path = path
        self.descriptor = unsafe heddle_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard self.descriptor >= 0 else { throw FileFailure(path, "cannot be made", errno) }
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    func write(_ bytes: [UInt8]) throws {
        self.waiting += bytes
        if self.waiting.count >= Self.pieceBytes { try self.flush() }
    }

    /// Writes what is left, brings it to the disk and closes the file.
    func finish() throws {
        try self.flush()
        guard fsync(self.descriptor) == 0 else { throw FileFailure(self.path, "cannot be brought to disk", errno) }
        let result = close(self.descriptor)
        self.descriptor = -1
        guard result == 0 else { throw FileFailure(self.path, "cannot be written", errno) }
    }

    private func flush() throws {
        try FileBytes.write(self.waiting, to: self.descriptor, self.path)
        self.waiting.removeAll(keepingCapacity: true)
    }
}
