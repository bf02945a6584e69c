import Foundation

/// A folder for one benchmark, removed with the value's last use.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        self.path =
            FileManager.default.temporaryDirectory.appendingPathComponent("heddle-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: self.path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self.file(name)))
    }
}

/// Says on standard error why nothing is measured, and ends.
func complain(_ text: String) -> Never {
    FileHandle.standardError.write(Data("HeddleBench: \(text)\n".utf8))
    exit(1)
}
