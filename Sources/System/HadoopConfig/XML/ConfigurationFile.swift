import Glibc

/// An open file of a configuration folder: a regular one, not larger than it may be.
struct ConfigurationFile: ~Copyable {
    let path: String
    /// Tells files apart whatever names lead to them.
    let identity: FileIdentity
    /// What `stat` said; reading stops at the limit even if the file has grown since.
    let byteCount: Int
    private let descriptor: Int32
    private let limit: Int
    private var bytesRead = 0

    struct FileIdentity: Hashable, Sendable {
        var device: UInt
        var inode: UInt
    }

    enum OpenFailure: Error, Sendable {
        case missing
        case unusable(String)
    }

    /// - Parameter limit: bytes that may be read in all.
    init(path: String, limit: Int) throws(OpenFailure) {
        // Not blocking, so that a pipe in a file's place cannot hold a daemon's start.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw code == ENOENT ? .missing : .unusable("cannot be opened: \(unsafe String(cString: strerror(code)))")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = Glibc.close(descriptor)
            throw .unusable("is not a regular file")
        }
        guard status.st_size <= limit else {
            _ = Glibc.close(descriptor)
            throw .unusable("has \(status.st_size) bytes; a configuration file may have \(limit)")
        }
        self.path = path
        self.identity = FileIdentity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
        self.limit = limit
    }

    deinit { _ = Glibc.close(self.descriptor) }

    /// Fills `buffer` from where the last call ended; 0 at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(XMLFailure) -> Int {
        var count = unsafe Glibc.read(self.descriptor, buffer.baseAddress, buffer.count)
        while count < 0, errno == EINTR {
            count = unsafe Glibc.read(self.descriptor, buffer.baseAddress, buffer.count)
        }
        guard count >= 0 else {
            throw XMLFailure(line: 0, message: "cannot be read: \(unsafe String(cString: strerror(errno)))")
        }
        self.bytesRead += count
        guard self.bytesRead <= self.limit else {
            throw XMLFailure(
                line: 0,
                message: "has more than the \(self.limit) bytes that a configuration file may have"
            )
        }
        return count
    }
}
