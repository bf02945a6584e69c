/// `host:port` of a NodeManager's ContainerManagementProtocol: its name in the cluster.
package struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int32

    package init(host: String, port: Int32) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`.
    /// - Returns: nil unless the host has only letters, digits, `.`, `-`, `_`, `:` and brackets, and the port is a port.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        guard !host.isEmpty, host.utf8.count <= Self.hostLengthMaximum, host.utf8.allSatisfy(Self.isHostByte) else {
            return nil
        }
        self.init(host: String(host), port: Int32(port))
    }

    /// RFC 1035's limit for a name.
    private static let hostLengthMaximum = 255

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    package var description: String { "\(self.host):\(self.port)" }

    package static func < (left: NodeID, right: NodeID) -> Bool {
        (left.host, left.port) < (right.host, right.port)
    }
}
