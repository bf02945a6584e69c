import ClusterModel
import Glibc
import Staging

/// The files by which a container is found again: who runs, and what the script ended with.
struct ContainerStateFiles: Sendable {
    /// Hadoop's own names, in the NodeManager's private folder of the container.
    let processFile: String
    let exitFile: String
    /// The value of `HEDDLE_CONTAINER_STATE` in every process of the container: unlike the id alone, no other
    /// NodeManager on this machine can have the same.
    let mark: String

    static let environmentName = "HEDDLE_CONTAINER_STATE"
    /// The supervisor writes less; anything longer is not its file.
    private static let sizeMaximum = 4096

    init(container: ContainerID, stateDirectory: String) {
        self.mark = "\(stateDirectory)/\(container)"
        self.processFile = "\(stateDirectory)/\(container).pid"
        self.exitFile = "\(stateDirectory)/\(container).pid.exitcode"
    }

    /// Who ran when the supervisor wrote the file; nil if there is none or it is from before the machine's last start.
    func readProcesses() -> (script: ProcessIdentity, supervisor: ProcessIdentity)? {
        guard let text = readSmallFile(self.processFile, maximum: Self.sizeMaximum) else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5, let script = Int32(fields[0]), let scriptStart = UInt64(fields[1]), script > 1,
            let supervisor = Int32(fields[2]), let supervisorStart = UInt64(fields[3]), supervisor > 1
        else { return nil }
        let boot = readSmallFile("/proc/sys/kernel/random/boot_id", maximum: 128)
        if let boot, fields[4] != "-", !boot.hasPrefix(fields[4]) { return nil }
        return (
            ProcessIdentity(number: script, startTicks: scriptStart),
            ProcessIdentity(number: supervisor, startTicks: supervisorStart)
        )
    }

    /// The exit code and the reason for it that the supervisor left; nil if it left none.
    func readExit() -> (code: Int32, message: String?)? {
        guard let text = readSmallFile(self.exitFile, maximum: Self.sizeMaximum) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = lines.first, let code = Int32(first) else { return nil }
        let rest = lines.count > 1 ? lines[1].split(separator: "\n").joined(separator: "\n") : ""
        return (code, rest.isEmpty ? nil : rest)
    }

    /// Removes what an earlier run of the same container left.
    func remove() {
        for path in [self.processFile, self.exitFile, "\(self.processFile).tmp", "\(self.exitFile).tmp"] {
            _ = unsafe unlink(path)
        }
    }
}

/// The text of a small file, such as those of /proc; nil if it cannot be read. What exceeds `maximum` is cut off.
func readSmallFile(_ path: String, maximum: Int) -> String? {
    readSmallFileBytes(path, maximum: maximum).map { String(decoding: $0, as: UTF8.self) }
}

/// The bytes of a small file; nil if it cannot be read. What exceeds `maximum` bytes is cut off.
func readSmallFileBytes(_ path: String, maximum: Int) -> [UInt8]? {
    guard let file = try? OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY) else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(maximum, 4096))
    while bytes.count < maximum {
        let count = unsafe chunk.withUnsafeMutableBytes { buffer in
            (try? unsafe file.read(into: buffer, path: path)) ?? -1
        }
        if count < 0 { return nil }
        if count == 0 { break }
        bytes.append(contentsOf: chunk.prefix(min(count, maximum - bytes.count)))
    }
    return bytes
}
