import FoundationEssentials
import Glibc
import HadoopWire
import Staging

/// What `heddle logs` writes: Hadoop's texts around the bytes of the logs.
struct LogReport: Sendable {
    enum Wish: Sendable {
        case nodes
        case containers
        case files
        /// nil: to standard output.
        case contents(folder: String?)
    }

    let logs: AggregatedLogs
    let owner: String
    let selection: LogSelection

    func write(_ wish: Wish) throws -> CommandResult {
        let id = self.logs.application
        guard let all = try self.logs.files(of: self.owner) else {
            return CommandResult(
                errors: "\(self.logs.folders.root) holds no logs of \(id), owned by \(self.owner)\n"
                    + "Log aggregation has not completed or is not enabled, or the owner is another: see -appOwner.\n",
                exitCode: CommandResult.refused
            )
        }
        let files = all.filter { self.selection.includes(nodeFile: $0.name) }
        if case .nodes = wish {
            let lines = files.map { $0.name + "\n" }
            return CommandResult(output: (["Nodes:\n"] + lines).joined())
        }
        var count = 0
        for file in files { count += try self.write(wish, file) }
        guard count > 0 else {
            return CommandResult(
                errors: "Can not find any log file matching the request for the application: \(id)\n",
                exitCode: CommandResult.refused
            )
        }
        return CommandResult()
    }

    /// - Returns: how many log files were meant.
    private func write(_ wish: Wish, _ file: AggregatedLogs.NodeFile) throws -> Int {
        let source = try self.logs.open(file)
        let entries = try AggregatedLog(source).entries.filter { try self.selection.includes($0) }
        let time = HadoopFormat.listTime(file.status.modificationTime ?? 0)
        var begun: Set<String> = []
        for entry in entries {
            let begins = begun.insert(entry.container).inserted
            let head = "Container: \(entry.container) on \(file.name)"
            switch wish {
            case .nodes: break
            case .containers:
                if begins { writeText(head + "\n", to: STDOUT_FILENO) }
            case .files:
                if begins {
                    let rule = String(repeating: "=", count: head.utf8.count)
                    writeText("\(head)\n\(rule)\n", to: STDOUT_FILENO)
                }
                writeText("LogFile:\(entry.name) LogLength:\(entry.length) \(time)\n", to: STDOUT_FILENO)
            case .contents(let folder):
                guard let folder else {
                    try self.write(entry, head, time, from: source) { writeBytes($0, to: STDOUT_FILENO) }
                    break
                }
                let path = try Self.path(of: entry, below: folder, in: file)
                let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (begins ? O_TRUNC : O_APPEND)
                let target = try OwnedDescriptor.open(path, flags, mode: 0o640)
                try self.write(entry, head, time, from: source) { bytes in
                    try unsafe bytes.withUnsafeBytes { try unsafe target.write($0, path: path) }
                }
            }
        }
        return entries.count
    }

    /// Where a container's logs go: a file of its name in the folder of its node, which is made.
    private static func path(
        of entry: AggregatedLog.Entry,
        below folder: String,
        in file: AggregatedLogs.NodeFile
    ) throws -> String {
        // The remote file decides on this name; it may be anybody's.
        guard !entry.container.contains("/"), entry.container.hasPrefix("container_") else {
            throw CommandFailure(
                "\(file.status.location) names a container \(entry.container), which is no container's id: "
                    + "the file is damaged, or was not written by a NodeManager. Nothing was written for it."
            )
        }
        try FileManager.default.createDirectory(atPath: "\(folder)/\(file.name)", withIntermediateDirectories: true)
        return "\(folder)/\(file.name)/\(entry.container)"
    }

    private func write(
        _ entry: AggregatedLog.Entry,
        _ head: String,
        _ time: String,
        from source: OpenLogFile,
        to put: ([UInt8]) throws -> Void
    ) throws {
        let header = """
            \(head)
            LogAggregationType: AGGREGATED
            \(String(repeating: "=", count: head.utf8.count))
            LogType:\(entry.name)
            LogLastModifiedTime:\(time)
            LogLength:\(entry.length)
            LogContents:

            """
        try put(Array(header.utf8))
        let step: Int64 = 1 << 20
        for place in entry.places(of: self.selection.part(of: entry.length)) {
            var offset = place.lowerBound
            while offset < place.upperBound {
                let bytes = try source.bytes(at: offset, count: Int(min(step, place.upperBound - offset)))
                try put(bytes)
                offset += Int64(bytes.count)
            }
        }
        let end = "End of LogType:\(entry.name)"
        try put(Array("\n\(end)\n\(String(repeating: "*", count: end.utf8.count + 50))\n\n".utf8))
    }
}
