internal import Glibc

/// Small files, whole.
enum FileBytes {
    static func all(of path: String) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(path, "cannot be read", errno) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }

    /// Where a symbolic link leads.
    static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Writes a file that only its owner may read.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure(path, "cannot be made", errno) }
        defer { close(descriptor) }
        try self.write(bytes, to: descriptor, path)
    }

    /// A new folder of this process's own below TMPDIR.
    static func makeTemporaryFolder(_ name: String) throws -> String {
        let pattern = "\(ExecutorEnvironment.variable("TMPDIR") ?? "/tmp")/\(name)-XXXXXX"
        var template = Array(pattern.utf8CString)
        guard let folder = unsafe mkdtemp(&template).map({ unsafe String(cString: $0) }) else {
            throw FileFailure(pattern, "cannot be made; TMPDIR names another place", errno)
        }
        return folder
    }

    /// Writes all bytes to an open file.
    static func write(_ bytes: some Collection<UInt8>, to descriptor: Int32, _ path: String) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileFailure(path, "cannot be written", errno) }
            rest = rest.dropFirst(count)
        }
    }
}

/// What a person at the terminal, or a container's log, is told.
enum StandardError {
    static func write(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
