import Foundation

/// An answer recorded from Apache's own daemons. The folder stands beside the repository.
enum Golden {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "The recorded answers must be in \(self.path)" }
    }

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "../shared/goldens").standardizedFileURL

    static func text(_ name: String) throws -> String {
        let file = Self.folder.appending(path: name)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { throw Missing(path: file.path) }
        return text
    }
}
