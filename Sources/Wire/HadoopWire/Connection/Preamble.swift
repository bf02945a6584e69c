/// The first bytes of a connection: `hrpc`, version, service class, authentication.
package enum Preamble {
    /// The authentication byte.
    package enum Authentication: UInt8, Sendable, Hashable {
        /// The connection context comes next, and its user is believed.
        case none = 0x00
        /// SASL comes first.
        case sasl = 0xDF
    }

    /// What the first bytes turn out to be.
    package enum Finding: Sendable, Hashable {
        /// More bytes are needed to tell.
        case incomplete
        case complete(Authentication)
        /// Someone points a browser at the port.
        case http
        /// Not Hadoop IPC at all.
        case foreign
        case wrongVersion(UInt8)
        case unknownAuthentication(UInt8)
    }

    /// Looks at up to seven bytes; tells as soon as they allow.
    package static func find(in bytes: [UInt8]) -> Finding {
        let magic = bytes.prefix(4)
        if magic.elementsEqual("GET ".utf8) { return .http }
        let mayBecomeHTTP = "GET ".utf8.starts(with: magic)
        guard IPCProtocol.magic.starts(with: magic) || mayBecomeHTTP else { return .foreign }
        guard bytes.count >= 5 else { return .incomplete }
        guard bytes[4] == IPCProtocol.version else { return .wrongVersion(bytes[4]) }
        guard bytes.count >= IPCProtocol.preambleLength else { return .incomplete }
        guard let authentication = Authentication(rawValue: bytes[6]) else { return .unknownAuthentication(bytes[6]) }
        return .complete(authentication)
    }

    /// A client's preamble, with the default service class.
    package static func bytes(_ authentication: Authentication) -> [UInt8] {
        IPCProtocol.magic + [IPCProtocol.version, 0, authentication.rawValue]
    }

    /// What a browser is shown.
    static let httpAnswer: [UInt8] = Array(
        ("HTTP/1.1 404 Not Found\r\nContent-type: text/plain\r\nConnection: close\r\n\r\n"
            + "It looks like you are making an HTTP request to a Hadoop IPC port. "
            + "The web interface of this daemon has a port of its own.\r\n").utf8
    )
}
