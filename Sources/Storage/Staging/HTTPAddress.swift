/// An http or https URL whose parts came from a client one by one: checked, encoded, and without its password.
struct HTTPAddress: Sendable, Hashable {
    let location: ResourceLocation
    /// What to ask for; holds no credentials.
    let url: String
    let user: String?
    let password: String?

    init(_ location: ResourceLocation) throws(TransferFailure) {
        guard Self.isHost(location.host) else {
            throw TransferFailure("Resource \(location) names no host that could be asked")
        }
        if let port = location.port, port > 65_535 {
            throw TransferFailure("Resource \(location) has port \(port); ports end at 65535")
        }
        self.location = location
        let host = location.host.contains(":") && !location.host.hasPrefix("[") ? "[\(location.host)]" : location.host
        let port = location.port.map { ":\($0)" } ?? ""
        let path = location.path.hasPrefix("/") ? location.path : "/\(location.path)"
        self.url = "\(location.scheme)://\(host)\(port)\(URIText.encodedPath(path))"
        let parts = location.userInfo?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.user = parts?.first.map(String.init)
        self.password = parts.flatMap { $0.count > 1 ? String($0[1]) : nil }
    }

    /// A call of WebHDFS on a path of `webhdfs:` or `swebhdfs:`.
    /// - Parameter token: a delegation token, which says who calls instead of the name.
    init(
        webHDFS location: ResourceLocation,
        operation: String,
        user: String,
        token: String? = nil,
        parameters: [(String, String)] = []
    ) throws(TransferFailure) {
        var call = location
        call.scheme = location.scheme == "swebhdfs" ? "https" : "http"
        call.port = location.port ?? Self.webHDFSPort(of: location.scheme)
        call.path = "/webhdfs/v1" + (location.path.hasPrefix("/") ? location.path : "/\(location.path)")
        call.userInfo = nil
        let address = try HTTPAddress(call)
        let words = [("op", operation)] + parameters + [token.map { ("delegation", $0) } ?? ("user.name", user)]
        self.location = location
        self.url = "\(address.url)?" + words.map { "\($0.0)=\(URIText.encoded($0.1))" }.joined(separator: "&")
        self.user = nil
        self.password = nil
    }

    /// `host:port` of a WebHDFS server, as tokens name it.
    static func webHDFSService(of location: ResourceLocation) -> String {
        "\(location.host.lowercased()):\(location.port ?? Self.webHDFSPort(of: location.scheme))"
    }

    /// HDFS's own ports, where the client names none.
    static func webHDFSPort(of scheme: String) -> Int { scheme == "swebhdfs" ? 9_871 : 9_870 }

    /// A name, an IPv4 address, or an IPv6 address with or without brackets: nothing that could end the host's part.
    private static func isHost(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.count <= 255
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
                default: false
                }
            }
    }
}

/// Percent-encoding (RFC 3986, section 2).
enum URIText {
    private static let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
    private static let path = URIText.unreserved.union("/!$&'()*+,;=:@".utf8)
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Everything but letters, digits and `-._~` as %XX: safe in every part, and what signatures of AWS are made of.
    static func encoded(_ text: String) -> String { Self.encoded(text, keeping: Self.unreserved) }

    /// A decoded path with everything but letters, digits and the marks that a path may hold as %XX.
    static func encodedPath(_ path: String) -> String { Self.encoded(path, keeping: Self.path) }

    /// A decoded path with nothing kept but unreserved marks and slashes.
    static func encodedStrictly(_ path: String) -> String {
        Self.encoded(path, keeping: Self.unreserved.union("/".utf8))
    }

    /// nil for what no encoding gives.
    static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2,
                let pair = Hexadecimal.bytes(String(decoding: rest.prefix(2), as: UTF8.self)), let value = pair.first
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func encoded(_ text: String, keeping plain: Set<UInt8>) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
