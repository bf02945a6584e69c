internal import CLinux
internal import Glibc
internal import Staging

/// A file system that folders are written to. Calls block.
protocol OutputPlace: Sendable {
    func exists(_ path: String) throws -> Bool
    /// Makes a folder and those above it; done if it is there.
    func makeFolder(_ path: String) throws
    /// A new file.
    /// - Parameter scratch: where it may be kept until it is finished.
    func newFile(_ path: String, _ scratch: BlockPlaces) throws -> any OutputFile
    func rename(_ path: String, to target: String) throws
    /// Removes a file or a whole folder; done if there is none.
    func remove(_ path: String) throws
}

/// A file that is being written.
protocol OutputFile: AnyObject {
    func write(_ bytes: [UInt8]) throws
    /// Writes what is left; the file is there, whole, when this returns.
    func finish() throws
}

enum WritablePlaces {
    /// Those of `Transfers` that can be written to, and in which a file can be given another name.
    private static let schemes = ["webhdfs", "swebhdfs", "hdfs", "s3", "s3a", "s3n"]

    /// The place of an absolute name.
    /// - Throws: `HeddleError` where nothing can be written there.
    static func place(of name: String) throws -> any OutputPlace {
        guard let scheme = FileSources.scheme(of: name), scheme != "file" else { return LocalOutputPlace() }
        guard self.schemes.contains(scheme) else {
            throw HeddleError.graph(
                "\(name) cannot be written: folders are written to file, \(self.schemes.joined(separator: ", "))"
            )
        }
        return RemoteOutputPlace(access: try FileAccess.current)
    }
}

// MARK: - This machine's folders

struct LocalOutputPlace: OutputPlace {
    func exists(_ path: String) throws -> Bool {
        var status = stat()
        return unsafe lstat(LocalFileSource.path(of: path), &status) == 0
    }

    func makeFolder(_ path: String) throws {
        let path = LocalFileSource.path(of: path)
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard unsafe mkdir(made, 0o777) == 0 || errno == EEXIST else {
                throw FileFailure(made, "cannot be made", errno)
            }
        }
    }

    func newFile(_ path: String, _ scratch: BlockPlaces) throws -> any OutputFile {
        try FileWriter(LocalFileSource.path(of: path))
    }

    func rename(_ path: String, to target: String) throws {
        guard unsafe Glibc.rename(LocalFileSource.path(of: path), LocalFileSource.path(of: target)) == 0 else {
            throw FileFailure(path, "cannot be renamed to \(target)", errno)
        }
    }

    func remove(_ path: String) throws {
        if let failure = TreeRemoval.remove(LocalFileSource.path(of: path)).failures.first { throw failure }
    }
}

/// Writes a new file of this machine.
final class FileWriter: OutputFile {
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

// MARK: - Folders of other machines

struct RemoteOutputPlace: OutputPlace {
    let access: FileAccess

    func exists(_ path: String) throws -> Bool { try RemoteFileSource().find(path) != nil }

    func makeFolder(_ path: String) throws {
        try self.access.transfers.makeDirectory(RemoteFileSource.location(of: path), user: self.access.user)
    }

    func newFile(_ path: String, _ scratch: BlockPlaces) throws -> any OutputFile {
        try SentFile(path, self.access, scratch)
    }

    func rename(_ path: String, to target: String) throws {
        let (from, to) = (try RemoteFileSource.location(of: path), try RemoteFileSource.location(of: target))
        try self.access.transfers.rename(from, to: to, user: self.access.user)
    }

    func remove(_ path: String) throws {
        try self.access.transfers.delete(RemoteFileSource.location(of: path), user: self.access.user)
    }
}

/// Kept in a file without a name until it is whole, then sent.
private final class SentFile: OutputFile {
    private let path: String
    private let access: FileAccess
    private let folder: String
    private let descriptor: Int32

    init(_ path: String, _ access: FileAccess, _ scratch: BlockPlaces) throws {
        self.path = path
        self.access = access
        self.folder = scratch.candidates()[0]
        self.descriptor = try BlockPlaces.open(in: self.folder)
    }

    deinit { close(self.descriptor) }

    func write(_ bytes: [UInt8]) throws {
        do {
            try FileBytes.write(bytes, to: self.descriptor, self.folder)
        } catch {
            throw FileFailure(
                self.path,
                "has no room to be kept until it is sent (spark.local.dir names other folders): \(error)"
            )
        }
    }

    func finish() throws {
        let target = try RemoteFileSource.location(of: self.path)
        try self.access.transfers.upload("/proc/self/fd/\(self.descriptor)", to: target, user: self.access.user)
    }
}
