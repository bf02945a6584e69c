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
        var last: String?
        for entry in entries {
            let head = "Container: \(entry.container) on \(file.name)"
            switch wish {
            case .nodes: break
            case .containers:
                if entry.container != last { writeText(head + "\n", to: STDOUT_FILENO) }
            case .files:
                if entry.container != last {
                    let rule = String(repeating: "=", count: head.utf8.count)
                    writeText("\(head)\n\(rule)\n", to: STDOUT_FILENO)
                }
                writeText("LogFile:\(entry.name) LogLength:\(entry.length) \(time)\n", to: STDOUT_FILENO)
            case .contents(let folder):
                if let folder {
                    let begins = entry.container != last
                    let target = try Self.file(of: entry, below: folder, node: file.name, begins: begins)
                    try self.write(entry, head, time, from: source, to: target.number)
                } else {
                    try self.write(entry, head, time, from: source, to: STDOUT_FILENO)
                }
            }
            last = entry.container
        }
        return entries.count
    }

    /// A container's file in the folder of its node: empty before its first log, then for appending.
    private static func file(
        of entry: AggregatedLog.Entry,
        below folder: String,
        node: String,
        begins: Bool
    ) throws -> OwnedDescriptor {
        // The remote file decides on this name; it may be anybody's.
        guard !entry.container.contains("/"), entry.container.hasPrefix("container_") else {
            throw CommandFailure("The aggregated logs name a container that is none: \(entry.container)")
        }
        try FileManager.default.createDirectory(atPath: "\(folder)/\(node)", withIntermediateDirectories: true)
        return try OwnedDescriptor.open(
            "\(folder)/\(node)/\(entry.container)",
            O_WRONLY | O_CREAT | O_NOFOLLOW | (begins ? O_TRUNC : O_APPEND),
            mode: 0o640
        )
    }

    private func write(
        _ entry: AggregatedLog.Entry,
        _ head: String,
        _ time: String,
        from source: OpenLogFile,
        to target: Int32
    ) throws {
        writeText(
            """
            \(head)
            LogAggregationType: AGGREGATED
            \(String(repeating: "=", count: head.utf8.count))
            LogType:\(entry.name)
            LogLastModifiedTime:\(time)
            LogLength:\(entry.length)
            LogContents:

            """,
            to: target
        )
        let step: Int64 = 1 << 20
        for place in entry.places(of: self.selection.part(of: entry.length)) {
            var offset = place.lowerBound
            while offset < place.upperBound {
                let bytes = try source.bytes(at: offset, count: Int(min(step, place.upperBound - offset)))
                writeBytes(bytes, to: target)
                offset += Int64(bytes.count)
            }
        }
        let end = "End of LogType:\(entry.name)"
        writeText("\n\(end)\n\(String(repeating: "*", count: end.utf8.count + 50))\n\n", to: target)
    }
}
