import Crypto

/// AWS's Signature Version 4: what is signed is made here, byte for byte, and nowhere else. Pure: the time is an argument.
struct SigV4: Sendable, Hashable {
    struct Keys: Sendable, Hashable {
        var access: String
        var secret: String
        /// Of temporary credentials.
        var sessionToken: String?
    }

    /// A request in the parts that the signature covers.
    struct Subject: Sendable, Hashable {
        var method: String
        /// Decoded.
        var path: String
        /// Decoded names and values, in any order.
        var query: [(name: String, value: String)] = []
        var headers: [HTTPRequest.Header]
        /// SHA-256 of the body in hexadecimal digits, or `UNSIGNED-PAYLOAD`.
        var payloadHash: String

        static func == (left: Subject, right: Subject) -> Bool { left.canonical == right.canonical }
        func hash(into hasher: inout Hasher) { hasher.combine(self.canonical) }
    }

    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    var keys: Keys
    var region: String
    var service: String

    /// - Parameter time: `20150830T123600Z`.
    /// - Returns: the value of the Authorization header.
    func authorization(_ subject: Subject, at time: String) -> String {
        "AWS4-HMAC-SHA256 Credential=\(self.keys.access)/\(self.scope(time)), SignedHeaders=\(subject.signedHeaders), "
            + "Signature=\(self.signature(of: self.stringToSign(subject, at: time), at: time))"
    }

    func stringToSign(_ subject: Subject, at time: String) -> String {
        let hash = Hexadecimal.text(SHA256.hash(data: Array(subject.canonical.utf8)))
        return "AWS4-HMAC-SHA256\n\(time)\n\(self.scope(time))\n\(hash)"
    }

    func signature(of stringToSign: String, at time: String) -> String {
        var key = Array("AWS4\(self.keys.secret)".utf8)
        for word in [String(time.prefix(8)), self.region, self.service, "aws4_request"] {
            key = Self.authenticate(word, key)
        }
        return Hexadecimal.text(Self.authenticate(stringToSign, key))
    }

    private func scope(_ time: String) -> String { "\(time.prefix(8))/\(self.region)/\(self.service)/aws4_request" }

    private static func authenticate(_ text: String, _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }

    /// A moment as the signature writes it.
    /// - Parameter seconds: since 1970.
    static func time(_ seconds: Int64) -> String {
        let days = Int((seconds >= 0 ? seconds : seconds - 86_399) / 86_400)
        let rest = Int(seconds) - days * 86_400
        // The civil calendar in eras of 400 years that begin in March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let number = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (number <= 2 ? 1 : 0)
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = padded(year, 4) + padded(number, 2) + padded(dayOfYear - (153 * month + 2) / 5 + 1, 2)
        return "\(date)T\(padded(rest / 3600, 2))\(padded(rest / 60 % 60, 2))\(padded(rest % 60, 2))Z"
    }
}

extension SigV4.Subject {
    /// The canonical request.
    var canonical: String {
        let headers = self.canonicalHeaders.map { "\($0.name):\($0.value)\n" }.joined()
        return [
            self.method, Self.encoded(self.path), self.canonicalQuery, headers, self.signedHeaders, self.payloadHash,
        ]
        .joined(separator: "\n")
    }

    /// The query as it is signed and sent: encoded, then sorted by name and value as bytes.
    var canonicalQuery: String {
        let pairs = self.query.map { (name: URIText.encoded($0.name), value: URIText.encoded($0.value)) }
        let sorted = pairs.sorted { left, right in
            left.name == right.name
                ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
                : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    static func encoded(_ path: String) -> String {
        path.isEmpty ? "/" : URIText.encodedStrictly(path)
    }

    var signedHeaders: String { self.canonicalHeaders.map(\.name).joined(separator: ";") }

    /// Names in lower case and order; values of one name in the order they came, spaces in a row as one.
    private var canonicalHeaders: [HTTPRequest.Header] {
        var found: [HTTPRequest.Header] = []
        for header in self.headers {
            let name = header.name.lowercased()
            let value = header.value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
                .joined(separator: " ")
            if let index = found.firstIndex(where: { $0.name == name }) {
                found[index].value += ",\(value)"
            } else {
                found.append(HTTPRequest.Header(name: name, value: value))
            }
        }
        return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The path without `.`, `..` and doubled slashes, as every service but S3 signs it.
    static func normalized(_ path: String) -> String {
        var kept: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part == ".." {
                _ = kept.popLast()
            } else {
                kept.append(part)
            }
        }
        let whole = "/" + kept.joined(separator: "/")
        let endsInFolder = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
        return endsInFolder && whole != "/" ? whole + "/" : whole
    }
}
