/// The address that an ApplicationMaster registered for its own user interface.
package struct TrackingURL: Sendable, Hashable {
    package var scheme: String
    package var host: String
    package var port: Int
    /// Path that the rest of a request's path is put behind; without a slash at its end.
    package var basePath: String

    /// Reads `[scheme://]host[:port][/path]`, as ApplicationMasters write it.
    /// - Returns: nil for an empty one, `N/A`, and what is no address of a web server.
    package init?(_ text: String) {
        guard !text.isEmpty, text != "N/A", text.utf8.count <= Self.bytesMaximum,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        var rest = Substring(text)
        self.scheme = "http"
        if let range = text.firstRange(of: "://") {
            self.scheme = text[..<range.lowerBound].lowercased()
            rest = text[range.upperBound...]
        }
        guard self.scheme == "http" || self.scheme == "https" else { return nil }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else { return nil }
        var path = String(rest[end...].prefix { $0 != "?" && $0 != "#" })
        while path.hasSuffix("/") { path.removeLast() }
        self.basePath = path
        let defaultPort = self.scheme == "https" ? 443 : 80
        guard let (host, port) = Self.split(authority, defaultPort: defaultPort) else { return nil }
        self.host = host
        self.port = port
    }

    /// Longer than any browser takes.
    private static let bytesMaximum = 8 << 10

    private static func split(_ authority: Substring, defaultPort: Int) -> (host: String, port: Int)? {
        var host = authority
        var port = defaultPort
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let tail = authority[authority.index(after: close)...]
            if tail.first == ":" {
                guard let number = UInt16(tail.dropFirst()) else { return nil }
                port = Int(number)
            }
        } else if let colon = authority.lastIndex(of: ":") {
            guard let number = UInt16(authority[authority.index(after: colon)...]) else { return nil }
            host = authority[..<colon]
            port = Int(number)
        }
        return host.isEmpty || port == 0 ? nil : (String(host), port)
    }

    /// For a `Host` header.
    package var authority: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    /// The whole address.
    package var text: String { "\(self.scheme)://\(self.authority)\(self.basePath)/" }

    /// Where a redirect by this server leads a browser that came through the proxy: an address of the server's own
    /// becomes one below `prefix`, every other stays as it is. Spark redirects its first page so.
    package func behindProxy(_ location: String, prefix: String) -> String {
        let own = "\(self.scheme)://\(self.authority)\(self.basePath)"
        guard location.hasPrefix(own) else { return location }
        let rest = location.dropFirst(own.count)
        guard rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("?") else { return location }
        return rest.hasPrefix("/") ? "\(prefix)\(rest)" : "\(prefix)/\(rest)"
    }
}
