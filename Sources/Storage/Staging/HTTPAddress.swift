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
        self.url = "\(location.scheme)://\(host)\(port)\(Self.encoded(path))"
        let parts = location.userInfo?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.user = parts?.first.map(String.init)
        self.password = parts.flatMap { $0.count > 1 ? String($0[1]) : nil }
    }

    /// A call of WebHDFS on a path of `webhdfs:` or `swebhdfs:`.
    /// - Parameter path: nil for the location's own.
    init(
        webHDFS location: ResourceLocation,
        path: String? = nil,
        operation: String,
        user: String
    ) throws(TransferFailure) {
        var call = location
        call.scheme = location.scheme == "swebhdfs" ? "https" : "http"
        // HDFS's own ports, where the client names none.
        call.port = location.port ?? (location.scheme == "swebhdfs" ? 9_871 : 9_870)
        let file = path ?? location.path
        call.path = "/webhdfs/v1" + (file.hasPrefix("/") ? file : "/\(file)")
        call.userInfo = nil
        let address = try HTTPAddress(call)
        let name = Self.encoded(user).replacing("&", with: "%26").replacing("+", with: "%2B")
        self.location = location
        self.url = "\(address.url)?op=\(operation)&user.name=\(name)"
        self.user = nil
        self.password = nil
    }

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

    /// The path with everything but letters, digits and the marks a path may hold as %XX: it arrives decoded.
    private static func encoded(_ path: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/!$&'()*+,;=:@".utf8)
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
