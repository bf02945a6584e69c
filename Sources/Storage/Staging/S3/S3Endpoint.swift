/// Where a bucket's requests go.
struct S3Endpoint: Sendable, Hashable {
    /// `https://bucket.s3.eu-west-1.amazonaws.com`
    let origin: String
    /// As it stands in the Host header: with a port only if that is not the scheme's own.
    let host: String
    /// Before every path: the bucket, in the path style.
    let pathPrefix: String
    let region: String
    let usesTLS: Bool

    init(bucket: String, _ settings: S3Settings.Bucket) throws(TransferFailure) {
        // The name becomes part of a host or a path, so nothing but what buckets are named with.
        let isName =
            (1...255).contains(bucket.utf8.count) && bucket != "." && bucket != ".."
            && bucket.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isName else { throw TransferFailure("\"\(bucket)\" is no name of a bucket") }
        let region = settings.region ?? Self.region(of: settings.endpoint) ?? "us-east-1"
        var rest = (settings.endpoint ?? "s3.\(region).\(AWSText.domain(of: region))")[...]
        var usesTLS = settings.usesTLS
        for (prefix, isSecure) in [("https://", true), ("http://", false)] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
            usesTLS = isSecure
        }
        while rest.last == "/" { rest.removeLast() }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        let isLiteral = rest.hasPrefix("[")
        let port = isLiteral ? Self.port(after: rest) : parts.count == 2 ? Int(parts[1]) : nil
        let name = isLiteral ? String(rest.prefix { $0 != "]" }) + "]" : String(parts.first ?? "")
        let isDefault = port == nil || port == (usesTLS ? 443 : 80)
        // A certificate's star covers one word; names of old buckets are no host names; nor is a number's part one.
        let isWord = bucket.utf8.allSatisfy { byte in
            byte != UInt8(ascii: "_") && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                && (byte != UInt8(ascii: ".") || !usesTLS)
        }
        let isNumber = isLiteral || name.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        let usesPath = settings.usesPathStyle || !isWord || isNumber
        let whole = usesPath ? name : "\(bucket).\(name)"
        // The checks of hosts and ports are those of every address.
        _ = try HTTPAddress(ResourceLocation(scheme: "http", host: whole, port: port, path: "/"))
        guard parts.count <= 2 || isLiteral, port != nil || parts.count == 1 || isLiteral else {
            throw TransferFailure("fs.s3a.endpoint \"\(settings.endpoint ?? "")\" is not of the form host or host:port")
        }
        self.host = isDefault ? whole : "\(whole):\(port ?? 0)"
        self.origin = "\(usesTLS ? "https" : "http")://\(self.host)"
        self.pathPrefix = usesPath ? "/\(bucket)" : ""
        self.region = region
        self.usesTLS = usesTLS
    }

    private static func port(after literal: Substring) -> Int? {
        literal.split(separator: "]").last.flatMap { $0.hasPrefix(":") ? Int($0.dropFirst()) : nil }
    }

    /// The region is the word before `amazonaws`: `s3.eu-west-1.amazonaws.com`, `s3.dualstack.eu-west-1.amazonaws.com`,
    /// `s3.cn-north-1.amazonaws.com.cn`, `vpce-1.s3.eu-west-1.vpce.amazonaws.com`.
    private static func region(of endpoint: String?) -> String? {
        let host = (endpoint ?? "").split(separator: "/").last?.prefix { $0 != ":" } ?? ""
        let words = host.split(separator: ".").filter { $0 != "vpce" }
        guard let end = words.firstIndex(of: "amazonaws"), end >= 2 else { return nil }
        let services = ["s3", "s3-fips", "dualstack"]
        let word = words[end - 1]
        guard !services.contains(String(word)), services.contains(String(words[end - 2])) else { return nil }
        return String(word)
    }
}
