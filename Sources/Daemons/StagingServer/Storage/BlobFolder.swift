import CLinux
import ClusterModel
import Crypto
import Glibc
import NIOCore
import StagingCore

/// A file-system call of the server's own that failed.
struct StorageError: Error, CustomStringConvertible {
    var description: String

    init(_ what: String, _ path: String, code: Int32 = errno) {
        self.description = unsafe "cannot \(what) \(path): \(String(cString: strerror(code)))"
    }
}

/// A file of the server's, closed with its last user.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    /// - Parameter flags: of open(2).
    init(_ path: String, flags: Int32) throws(StorageError) {
        let descriptor = unsafe heddle_open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StorageError("open", path) }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(self.descriptor) }

    func size() throws(StorageError) -> Int64 {
        var status = stat()
        guard unsafe fstat(self.descriptor, &status) == 0 else { throw StorageError("examine", self.path) }
        return Int64(status.st_size)
    }

    /// Has the disk begin with a part that was written, without waiting. What goes wrong `sync` tells.
    func beginWriting(from offset: Int64, count: Int64) {
        _ = heddle_begin_writing(self.descriptor, offset, count)
    }

    func sync() throws(StorageError) {
        guard fsync(self.descriptor) == 0 else { throw StorageError("flush", self.path) }
    }

    /// Reads up to `count` bytes at `offset`; fewer only at the file's end.
    func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(StorageError) {
        var done = 0
        while done < count {
            var result = 0
            unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - done) { space in
                result = unsafe pread(self.descriptor, space.baseAddress, count - done, off_t(offset) + off_t(done))
                return max(0, result)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw StorageError("read", self.path) }
            if result == 0 { return }
            done += result
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(self.descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StorageError("write", self.path) }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }
}

/// Sizes in bytes.
struct DiskRoom: Hashable, Sendable {
    var capacity: Int64
    /// What an ordinary user may still fill.
    var free: Int64
}

/// Content by its SHA-256, each in a file that never changes, and the streams that are still being received.
///
/// Below the folder: `blobs/ab/ab12...`, `streams/`, and `removed/` for what is about to go. A stream becomes content by
/// one rename, after its bytes are on disk.
struct BlobFolder: Sendable {
    let path: String

    init(path: String) throws(StorageError) {
        self.path = path
        for folder in [path, "\(path)/blobs", "\(path)/streams", "\(path)/removed"] {
            try Self.makeFolder(folder)
        }
        for number in 0..<256 {
            let name = String(number, radix: 16)
            try Self.makeFolder("\(path)/blobs/\(name.utf8.count < 2 ? "0" : "")\(name)")
        }
        try Self.sync(folder: "\(path)/blobs")
        try Self.sync(folder: path)
    }

    private static func makeFolder(_ path: String) throws(StorageError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw StorageError("make", path) }
    }

    func path(of hash: ContentHash) -> String {
        "\(self.path)/blobs/\(hash.description.prefix(2))/\(hash.description)"
    }

    func path(of write: WriteID) -> String { "\(self.path)/streams/\(String(write.number, radix: 16))" }

    static func sync(folder: String) throws(StorageError) {
        try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY).sync()
    }

    /// The room on the disk that content is kept on.
    func room() throws(StorageError) -> DiskRoom {
        var status = statvfs()
        guard unsafe statvfs(self.path, &status) == 0 else { throw StorageError("examine", self.path) }
        let unit = Int64(clamping: status.f_frsize)
        return DiskRoom(
            capacity: Int64(clamping: status.f_blocks) * unit,
            free: Int64(clamping: status.f_bavail) * unit
        )
    }

    /// What the index needs to write down that something was removed, and the little that it holds besides.
    private static let indexRoom: Int64 = 4 << 20

    /// Small content goes into the index, which waits where the disk is full; whoever uploads is to hear of it.
    func checkRoom() throws(StorageError) {
        guard try self.room().free >= Self.indexRoom else { throw StorageError("write to", self.path, code: ENOSPC) }
    }

    /// Makes a received stream content. Nothing more is written if the content is there.
    func install(_ write: WriteID, as hash: ContentHash) throws(StorageError) {
        let source = self.path(of: write)
        let target = self.path(of: hash)
        if unsafe access(target, F_OK) == 0 {
            unsafe unlink(source)
            return
        }
        guard unsafe rename(source, target) == 0 else { throw StorageError("move to \(target)", source) }
    }

    /// Makes an installed content's name durable.
    func syncName(of hash: ContentHash) throws(StorageError) {
        try Self.sync(folder: "\(self.path)/blobs/\(hash.description.prefix(2))")
    }

    /// Takes content out of its place, at once.
    /// - Returns: where it is to be removed; nil if there is none.
    func setAside(_ hash: ContentHash) -> String? {
        let aside = "\(self.path)/removed/\(hash)"
        return unsafe rename(self.path(of: hash), aside) == 0 ? aside : nil
    }

    func discard(_ write: WriteID) { unsafe unlink(self.path(of: write)) }

    /// Names in one of the folders, sorted.
    func names(in folder: String) throws(StorageError) -> [String] {
        let path = "\(self.path)/\(folder)"
        guard let directory = unsafe opendir(path) else { throw StorageError("list", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The hash of a file's first bytes.
    static func hash(of file: OpenFile, length: Int64) throws(StorageError) -> ContentHash? {
        var hasher = SHA256()
        var offset: Int64 = 0
        var buffer = ByteBuffer()
        while offset < length {
            buffer.clear()
            try file.read(at: offset, count: Int(min(length - offset, 1 << 20)), into: &buffer)
            if buffer.readableBytes == 0 { break }
            offset += Int64(buffer.readableBytes)
            unsafe buffer.withUnsafeReadableBytes { unsafe hasher.update(bufferPointer: $0) }
        }
        return ContentHash(hasher.finalize())
    }
}

extension ContentHash {
    init?(_ digest: SHA256.Digest) {
        var text = ""
        for byte in digest {
            let digits = String(byte, radix: 16)
            text += digits.utf8.count < 2 ? "0\(digits)" : digits
        }
        self.init(text)
    }
}
