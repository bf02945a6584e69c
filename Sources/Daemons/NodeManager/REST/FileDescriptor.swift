#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An open file or folder, closed with its last reference. Names are opened below a folder, never followed as links.
final class FileDescriptor: Sendable {
    /// For the system's own calls, as long as this is kept.
    let number: Int32

    private init(number: Int32) {
        self.number = number
    }

    deinit {
        close(self.number)
    }

    struct Status: Sendable {
        var isRegular: Bool
        var size: Int64
        /// Milliseconds since the epoch.
        var modified: Int64
        /// The user whose it is.
        var owner: UInt32
        /// What tells it from another file that has come to its name.
        var identity: Identity

        struct Identity: Sendable, Hashable {
            var device: UInt64
            var inode: UInt64
        }

        fileprivate init(_ status: stat) {
            self.isRegular = status.st_mode & S_IFMT == S_IFREG
            self.size = Int64(status.st_size)
            self.modified = Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
            self.owner = status.st_uid
            self.identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        }
    }

    static func openRoot(_ path: String) -> FileDescriptor? {
        let number = unsafe openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return number < 0 ? nil : FileDescriptor(number: number)
    }

    static func open(_ name: String, in folder: FileDescriptor, flags: Int32) -> FileDescriptor? {
        let number = unsafe openat(folder.number, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY)
        return number < 0 ? nil : FileDescriptor(number: number)
    }

    var status: Status? {
        var status = stat()
        guard unsafe fstat(self.number, &status) == 0 else { return nil }
        return Status(status)
    }

    func status(of name: String) -> Status? {
        var status = stat()
        guard unsafe fstatat(self.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return Status(status)
    }

    /// - Returns: false when it is still there.
    func remove(_ name: String) -> Bool {
        unsafe unlinkat(self.number, name, 0) == 0 || errno == ENOENT
    }

    func entryNames(upTo maximum: Int) -> [String] {
        // The stream closes its descriptor, so it gets one of its own.
        let copy = unsafe openat(self.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = unsafe fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while names.count < maximum, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    func read(at offset: Int64, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = unsafe max(0, pread(self.number, buffer.baseAddress, count, off_t(offset)))
        }
    }
}
