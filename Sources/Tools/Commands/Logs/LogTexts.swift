/// The lines of Hadoop's `yarn logs` around logs and in its tables.
enum LogTexts {
    static func title(container: String, node: String) -> String { "Container: \(container) on \(node)" }

    /// What stands before a log.
    /// - Parameter isLocal: it is still on its node.
    static func head(title: String, file: String, length: Int64, changed: String, isLocal: Bool) -> String {
        """
        \(title)
        LogAggregationType: \(isLocal ? "LOCAL" : "AGGREGATED")
        \(String(repeating: "=", count: title.utf8.count))
        LogType:\(file)
        LogLastModifiedTime:\(changed)
        LogLength:\(length)
        LogContents:

        """
    }

    static func aggregatedFoot(file: String) -> String {
        let end = "End of LogType:\(file)"
        return "\n\(end)\n\(Self.stars(end))\n\n"
    }

    /// - Parameter container: nil when it has ended.
    static func localFoot(file: String, running container: String?) -> String {
        let end = "End of LogType:\(file)"
        let hint =
            container.map { "This log file belongs to a running container (\($0)) and so may not be complete." } ?? ""
        return "\n\(end).\(hint)\n\(Self.stars(end))\n\n"
    }

    /// As many as Java counts characters.
    private static func stars(_ end: String) -> String { String(repeating: "*", count: end.utf16.count + 50) }

    /// The head of a container's table of files.
    static func tableHead(title: String) -> String {
        let rule = String(repeating: "=", count: title.utf8.count)
        return "\(title)\n\(rule)\n"
            + Self.row("LogFile", "LogLength", "LastModificationTime", "LogAggregationType")
            + "\(rule)\(rule)\n"
    }

    static func row(_ file: String, _ length: String, _ changed: String, _ kind: String) -> String {
        HadoopFormat.row([file, length, changed, kind], widths: [30, 30, 30, 30])
    }
}
