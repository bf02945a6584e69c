/// Where a resource is: Hadoop's URLProto, with the text that Hadoop's diagnostics give it.
package struct ResourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// In lower case; "file" if the client left it out.
    package var scheme: String
    package var host: String
    /// nil for none, which is -1 on the wire.
    package var port: Int?
    /// The decoded path, as it stands in URLProto.file.
    package var path: String
    /// `name:password` for http; never part of `description`.
    package var userInfo: String?

    package init(scheme: String, host: String = "", port: Int? = nil, path: String, userInfo: String? = nil) {
        self.scheme = scheme.isEmpty ? "file" : scheme.lowercased()
        self.host = host
        self.port = port.flatMap { $0 > 0 ? $0 : nil }
        self.path = path
        self.userInfo = userInfo
    }

    /// Reads a URL whose path is absolute and not encoded, as Hadoop's paths are: `webhdfs://host:port/a b`.
    /// - Returns: nil for anything else.
    package init?(url text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = String(text[..<colon])
        var rest = text[text.index(after: colon)...]
        var (host, port) = ("", nil as Int?)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let authority = rest.prefix { $0 != "/" }
            rest = rest[authority.endIndex...]
            host = String(authority)
            // An IPv6 address has colons of its own, and brackets.
            if let last = authority.lastIndex(of: ":"), !authority[last...].contains("]") {
                guard let number = Int(authority[authority.index(after: last)...]) else { return nil }
                (host, port) = (String(authority[..<last]), number)
            }
        }
        while rest.hasSuffix("/"), rest.count > 1 { rest = rest.dropLast() }
        guard !scheme.isEmpty, rest.hasPrefix("/") else { return nil }
        self.init(scheme: scheme, host: host, port: port, path: String(rest))
    }

    /// The last element of the path: what the local copy is called, and by what an archive's kind is known.
    /// nil if the path has none that could name a file.
    package var name: String? {
        guard let last = self.path.split(separator: "/").last.map(String.init) else { return nil }
        return last == "." || last == ".." || last.contains("\0") ? nil : last
    }

    /// As Hadoop writes paths: no empty authority, so `file:/tmp/x`.
    package var description: String {
        let authority = self.host.isEmpty ? "" : "//\(self.host)\(self.port.map { ":\($0)" } ?? "")"
        return "\(self.scheme):\(authority)\(self.path)"
    }
}
