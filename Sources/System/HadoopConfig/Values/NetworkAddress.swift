/// A host and a port as a property names them.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address; IPv6 without brackets.
    package var host: String
    /// 0 lets a server take any free one.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `host`, `[v6]:port`, `[v6]` or, as some old files have it, `scheme://host:port/`.
    /// - Returns: nil unless the host has only characters of names and addresses and the port is one.
    package init?(_ text: String, defaultPort: Int) {
        var authority = Substring(text)
        if let scheme = authority.firstRange(of: "://") {
            authority = authority[scheme.upperBound...]
        }
        if authority.hasSuffix("/") {
            authority = authority.dropLast()
        }
        var host = authority
        var port = defaultPort
        if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<close]
            let rest = authority[authority.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if !rest.isEmpty {
                guard let number = Self.port(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = authority.firstIndex(of: ":") {
            // More colons are an IPv6 address without brackets, whose end could be a port as well: not a number, so nil.
            host = authority[..<colon]
            guard let number = Self.port(authority[authority.index(after: colon)...]) else { return nil }
            port = number
        }
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        self.init(host: String(host), port: port)
    }

    private static func port(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(digits).map(Int.init)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    /// True of 0.0.0.0 and ::, which mean every address of the machine.
    package var isWildcard: Bool { self.host == "0.0.0.0" || self.host == "::" || self.host == "0:0:0:0:0:0:0:0" }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}

extension ValueForm where Value == NetworkAddress {
    package static func address(defaultPort: Int) -> Self {
        Self(
            accepted: "host:port with a port from 0 to 65535 (\(defaultPort) when only a host stands there; IPv6 in [])"
        ) {
            NetworkAddress($0, defaultPort: defaultPort)
        }
    }
}

extension ValueForm where Value == String {
    /// A host's name or address, without a port.
    package static var host: Self {
        Self(accepted: "a host name or an IP address, without a port") { text in
            guard let address = NetworkAddress(text.contains(":") ? "[\(text)]" : text, defaultPort: 0) else {
                return nil
            }
            return address.host
        }
    }
}
