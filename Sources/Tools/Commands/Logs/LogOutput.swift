import FoundationEssentials
import Glibc
import Staging

/// Where logs go: to standard output, or into a file for each container below a folder.
struct LogOutput: ~Copyable {
    /// The reader of standard output went away, which ends the command without a word.
    struct ReaderGone: Error {}

    private let folder: String?
    private struct Target: ~Copyable {
        let path: String
        let descriptor: OwnedDescriptor

        func write(_ bytes: [UInt8]) throws {
            try unsafe bytes.withUnsafeBytes { try unsafe self.descriptor.write($0, path: self.path) }
        }
    }

    private var target: Target?
    private var path = ""
    private var begun: Set<String> = []

    init(folder: String?) throws(LogRefusal) {
        self.folder = folder
        var status = stat()
        if let folder, unsafe stat(folder, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            throw LogRefusal("Invalid value for -out option. Please provide a directory.")
        }
    }

    /// What follows is of this container.
    /// - Parameters:
    ///   - node: `host_port`, the name of its folder.
    mutating func begin(container: String, node: String) throws {
        guard let folder else { return }
        let path = "\(folder)/\(node)/\(container)"
        if self.path == path { return }
        // A damaged or forged log file decides on both names.
        guard container.hasPrefix("container_"), !container.contains("/"), !node.contains("/"), node != "..",
            node != "."
        else {
            throw CommandFailure(
                "The aggregated log names a container \(container) on \(node), which is no container's id: the file is "
                    + "damaged, or was not written by a NodeManager. Nothing was written for it."
            )
        }
        try FileManager.default.createDirectory(atPath: "\(folder)/\(node)", withIntermediateDirectories: true)
        let isNew = self.begun.insert(path).inserted
        let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (isNew ? O_TRUNC : O_APPEND)
        self.target = Target(path: path, descriptor: try OwnedDescriptor.open(path, flags, mode: 0o640))
        self.path = path
    }

    mutating func write(_ text: String) throws { try self.write(Array(text.utf8)) }

    mutating func write(_ bytes: [UInt8]) throws {
        if self.folder != nil {
            try self.target?.write(bytes)
            return
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if errno == EPIPE { throw ReaderGone() }
                throw SystemError("write", "standard output")
            }
            rest = rest.dropFirst(count)
        }
    }
}
