import ClusterModel
import Glibc
import Staging

/// The file by which a container is found again: who runs, and what the script ended with.
struct ContainerStateFile: Sendable {
    /// Hadoop's own name, in the NodeManager's private folder of the container.
    let path: String
    /// The value of `HEDDLE_CONTAINER_STATE` in every process of the container: unlike the id alone, no other
    /// NodeManager on this machine can have the same.
    let mark: String

    static let environmentName = "HEDDLE_CONTAINER_STATE"
    /// The supervisor writes less; anything longer is not its file.
    private static let sizeMaximum = 4096

    init(container: ContainerID, stateDirectory: String) {
        self.mark = "\(stateDirectory)/\(container)"
        self.path = "\(stateDirectory)/\(container).pid"
    }

    init(_ specification: ContainerProcessSpecification) {
        self.init(container: specification.container, stateDirectory: specification.stateDirectory)
    }

    /// The supervisor makes it before it starts anything.
    var exists: Bool { unsafe access(self.path, F_OK) == 0 }

    /// Who ran when the supervisor wrote it; nil if it did not or it is from before the machine's last start.
    func readProcesses() -> (script: ProcessIdentity, supervisor: ProcessIdentity)? {
        guard let fields = self.read()?.processes.split(separator: " "),
            fields.count == 5, let script = Int32(fields[0]), let scriptStart = UInt64(fields[1]), script > 1,
            let supervisor = Int32(fields[2]), let supervisorStart = UInt64(fields[3]), supervisor > 1
        else { return nil }
        if let start = machineStart(), fields[4] != "-", start != fields[4] { return nil }
        return (
            ProcessIdentity(number: script, startTicks: scriptStart),
            ProcessIdentity(number: supervisor, startTicks: supervisorStart)
        )
    }

    /// The exit code and the reason for it that the supervisor left; nil if it left none.
    func readExit() -> (code: Int32, message: String?)? {
        guard let lines = self.read()?.exit, let first = lines.first, let code = Int32(first) else { return nil }
        let message = lines.dropFirst().joined(separator: "\n")
        return (code, message.isEmpty ? nil : SupervisorProgram.explained(message[...]))
    }

    /// The first line says who runs, those below it how the script ended. What was not written yet is spaces.
    private func read() -> (processes: Substring, exit: [Substring])? {
        guard let text = readSmallFile(self.path, maximum: Self.sizeMaximum) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines[0], lines.dropFirst().filter { !$0.allSatisfy { $0 == " " } })
    }

    /// Removes what an earlier run of the same container left.
    func remove() {
        _ = unsafe unlink(self.path)
    }
}

/// Which of the machine's starts this is, as the kernel calls it (random(4), boot_id); nil if it does not say.
func machineStart() -> String? {
    readSmallFile("/proc/sys/kernel/random/boot_id", maximum: 128)?.split(separator: "\n").first.map(String.init)
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
