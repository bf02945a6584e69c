package import Staging

/// Lines as `hadoop fs -ls` writes them: mode, copies, owner, group, size, time, name.
package enum FileListing {
    /// - Parameter user: whose files are those of a store that knows no owners, as S3.
    package static func text(_ found: [(name: String, entry: FileStatus)], user: String, isHuman: Bool) -> String {
        let rows = found.map { name, entry in
            [
                Self.mode(entry), entry.kind == .directory ? "-" : "\(entry.replication ?? 1)",
                entry.owner ?? user, entry.group ?? user, Self.size(entry.length ?? 0, isHuman),
                entry.modificationTime.map(HadoopFormat.fileTime) ?? "-", ProgressLine.printable(name),
            ]
        }
        func width(_ column: Int) -> Int { rows.map { $0[column].count }.max() ?? 0 }
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
        let widths = (1...4).map(width)
        return rows.map { row in
            [
                row[0], HadoopFormat.column(row[1], max(3, widths[0])), padded(row[2], widths[1]),
                padded(row[3], widths[2]), HadoopFormat.column(row[4], max(10, widths[3])), row[5], row[6],
            ].joined(separator: " ") + "\n"
        }.joined()
    }

    private static func mode(_ entry: FileStatus) -> String {
        let mode = entry.permission ?? (entry.kind == .directory ? 0o777 : 0o666)
        var text = entry.kind == .directory ? "d" : "-"
        for shift in [6, 3, 0] {
            let bits = mode >> UInt16(shift)
            text += bits & 4 != 0 ? "r" : "-"
            text += bits & 2 != 0 ? "w" : "-"
            let isSticky = shift == 0 && mode & 0o1000 != 0
            text += bits & 1 != 0 ? (isSticky ? "t" : "x") : (isSticky ? "T" : "-")
        }
        return text
    }

    private static func size(_ bytes: Int64, _ isHuman: Bool) -> String {
        guard isHuman, bytes >= 1024 else { return "\(bytes)" }
        // Hadoop's letters: `1.5 K`.
        return String(ProgressLine.size(bytes).dropLast(2))
    }
}
