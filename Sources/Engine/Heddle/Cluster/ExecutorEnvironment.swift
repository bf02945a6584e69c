internal import EngineLink
internal import Glibc
internal import HadoopWire

/// The variables that make a process of a program an executor, and what they say.
struct ExecutorEnvironment: Sendable {
    static let executorName = "HEDDLE_EXECUTOR_ID"
    static let coresName = "HEDDLE_EXECUTOR_CORES"
    /// `HOST:PORT`.
    static let driverName = "HEDDLE_DRIVER"
    /// Where the executor's own ports listen and are found; the NodeManager's host where it is not set.
    static let hostName = "HEDDLE_EXECUTOR_HOST"
    static let nodeHostName = "NM_HOST"
    /// Hadoop's variable for a container's credentials file.
    static let tokensName = "HADOOP_TOKEN_FILE_LOCATION"

    var executor: Int
    var cores: Int
    var driverHost: String
    var driverPort: Int
    var host: String
    var secret: ApplicationSecret

    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    /// - Returns: nil where this process is no executor.
    /// - Throws: `Unusable` where it is meant to be one and what it needs is missing.
    init?(_ value: (String) -> String?) throws {
        guard let number = value(Self.executorName) else { return nil }
        guard let executor = Int(number), executor > 0 else {
            throw Unusable(description: "\(Self.executorName)=\(number) is no number of an executor")
        }
        guard let cores = Int(value(Self.coresName) ?? "1"), cores > 0 else {
            throw Unusable(description: "\(Self.coresName)=\(value(Self.coresName) ?? "") is no number of cores")
        }
        let driver = value(Self.driverName) ?? ""
        guard let colon = driver.lastIndex(of: ":"), let port = Int(driver[driver.index(after: colon)...]) else {
            throw Unusable(description: "\(Self.driverName)=\(driver) is not HOST:PORT")
        }
        guard let file = value(Self.tokensName) else {
            throw Unusable(description: "\(Self.tokensName) is not set: it names the file with the application's token")
        }
        guard let credentials = try? Credentials(bytes: FileBytes.all(of: file)),
            let secret = ApplicationSecret(credentials)
        else { throw Unusable(description: "\(file) holds no token of kind \(ApplicationSecret.kind)") }
        self.executor = executor
        self.cores = cores
        self.driverHost = String(driver[..<colon])
        self.driverPort = port
        self.host = value(Self.hostName) ?? value(Self.nodeHostName) ?? "127.0.0.1"
        self.secret = secret
    }

    /// Of this process.
    static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

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
        var rest = bytes[...]
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
