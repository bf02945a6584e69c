import Foundation
import HadoopHTTP
import ResourceManagerCore

/// The files that name which hosts may take part (`yarn.resourcemanager.nodes.include-path`) and which may not
/// (`exclude-path`): names separated by blanks or line ends, where `#` begins a comment; or, in a file whose name ends in
/// `.xml`, `<hosts>` with a `<host>` each that has a `<name>` (or several with commas) and perhaps a `<timeout>`, the
/// seconds that it may drain.
struct NodeListFiles: Sendable {
    var includePath: String?
    var excludePath: String?

    struct Unreadable: Error, CustomStringConvertible {
        var path: String
        var reason: String

        var description: String { "The node list \(self.path) cannot be read: \(self.reason)." }
    }

    /// Hosts, each with the seconds that it may drain where the file says so.
    private typealias Hosts = [String: Int64?]

    /// Reads both files now. An include file without a name admits every host, as in Hadoop.
    /// - Throws: `Unreadable` for a file that is configured and not there, and for one that is not what its name says.
    func read() throws(Unreadable) -> ResourceManagerCore.NodeLists {
        let included = try self.includePath.map { path throws(Unreadable) in try Self.hosts(in: path) } ?? [:]
        let excluded = try self.excludePath.map { path throws(Unreadable) in try Self.hosts(in: path) } ?? [:]
        return ResourceManagerCore.NodeLists(
            included: included.isEmpty ? nil : Set(included.keys),
            excluded: Set(excluded.keys),
            drainSeconds: excluded.compactMapValues { $0 }
        )
    }

    /// A list of 100,000 hosts has a few megabytes.
    private static let lengthMaximum = 64 << 20

    private static func hosts(in path: String) throws(Unreadable) -> Hosts {
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
        guard !path.hasSuffix(".xml") else { return try Self.listed(inXML: Array(bytes), path: path) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.first(where: { !$0.isWhitespace }) != "<" else {
            throw Unreadable(path: path, reason: "it is XML; write one host name a line, or let its name end in .xml")
        }
        var hosts: Hosts = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.prefix { $0 != "#" }
            for name in content.split(whereSeparator: \.isWhitespace) { hosts.updateValue(nil, forKey: String(name)) }
        }
        return hosts
    }

    private static func listed(inXML bytes: [UInt8], path: String) throws(Unreadable) -> Hosts {
        let root: RESTBody
        do {
            root = try RESTBody(xml: bytes)
        } catch {
            throw Unreadable(path: path, reason: "it is not well-formed: \(error)")
        }
        var hosts: Hosts = [:]
        for host in root.all("host") {
            var seconds: Int64?
            if let text = host.text("timeout")?.trimmingWhitespace, !text.isEmpty {
                guard let number = Int32(text) else {
                    throw Unreadable(path: path, reason: "\(text.prefix(64)) is no timeout; give whole seconds")
                }
                seconds = Int64(number)
            }
            for name in (host.text("name") ?? "").split(separator: ",").map(\.trimmingWhitespace) where !name.isEmpty {
                hosts.updateValue(seconds, forKey: name)
            }
        }
        return hosts
    }
}

extension StringProtocol {
    fileprivate var trimmingWhitespace: String { self.trimmingCharacters(in: .whitespacesAndNewlines) }
}
