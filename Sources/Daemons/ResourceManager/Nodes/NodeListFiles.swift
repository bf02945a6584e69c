import Foundation
import ResourceManagerCore

/// The files that name which hosts may take part (`yarn.resourcemanager.nodes.include-path`) and which may not
/// (`exclude-path`): names separated by blanks or line ends, `#` begins a comment.
struct NodeListFiles: Sendable {
    var includePath: String?
    var excludePath: String?

    struct Unreadable: Error, CustomStringConvertible {
        var path: String
        var reason: String

        var description: String { "The node list \(self.path) cannot be read: \(self.reason)." }
    }

    /// Reads both files now. An include file without a name admits every host, as in Hadoop.
    /// - Throws: `Unreadable` for a file that is configured and not there.
    func read() throws(Unreadable) -> ResourceManagerCore.NodeLists {
        let included = try self.includePath.map { path throws(Unreadable) in try Self.names(in: path) } ?? []
        let excluded = try self.excludePath.map { path throws(Unreadable) in try Self.names(in: path) } ?? []
        return ResourceManagerCore.NodeLists(included: included.isEmpty ? nil : included, excluded: excluded)
    }

    /// A list of 100,000 hosts has a few megabytes.
    private static let lengthMaximum = 64 << 20

    private static func names(in path: String) throws(Unreadable) -> Set<String> {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            bytes = try handle.read(upToCount: Self.lengthMaximum + 1) ?? Data()
        } catch {
            throw Unreadable(path: path, reason: error.localizedDescription)
        }
        guard bytes.count <= Self.lengthMaximum else {
            throw Unreadable(path: path, reason: "it has more than \(Self.lengthMaximum) bytes")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.first(where: { !$0.isWhitespace }) != "<" else {
            throw Unreadable(path: path, reason: "it is XML; write one host name a line")
        }
        var names: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.prefix { $0 != "#" }
            names.formUnion(content.split(whereSeparator: \.isWhitespace).map(String.init))
        }
        return names
    }
}
