/// The target of a request line: path and query, checked and decoded.
package struct WebTarget: Sendable {
    package var rawPath: String
    package var rawQuery: String?
    package var segments: [String]
    package var query: WebQuery

    /// - Throws: `RESTFailure` 400 for a target that is no absolute path, is longer than any of ours, or whose percent
    ///   signs do not decode to text.
    package init(_ target: String) throws(RESTFailure) {
        guard target.utf8.count <= Self.bytesMaximum else {
            throw .http(414, "The request line is longer than the \(Self.bytesMaximum) bytes that are accepted.")
        }
        guard target.utf8.first == UInt8(ascii: "/") else {
            throw .http(400, "The request must name a path that begins with a slash.")
        }
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        let path = target[..<(mark ?? target.endIndex)]
        let query = mark.map { target[target.utf8.index(after: $0)...] }
        self.rawPath = String(path)
        self.rawQuery = query.map { String($0) }
        self.segments = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            guard let segment = percentDecoded(Substring(part), plusIsBlank: false), Self.isPlain(segment) else {
                throw .http(400, "The path does not decode to text.")
            }
            self.segments.append(segment)
        }
        self.query = try WebQuery(query ?? "")
    }

    /// Long enough for a list of every state, type and tag there is.
    private static let bytesMaximum = 16 << 10

    /// A decoded slash, dot-dot or NUL would mean another path than the one that was written.
    private static func isPlain(_ segment: String) -> Bool {
        segment != "." && segment != ".." && !segment.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }
}

/// The parameters behind the question mark, in their order.
package struct WebQuery: Sendable {
    private var items: [(name: String, value: String)] = []

    /// - Throws: `RESTFailure` 400 when a percent sign does not decode to text, or for more parameters than any call has.
    package init(_ text: Substring) throws(RESTFailure) {
        for item in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sign = item.firstIndex(of: UInt8(ascii: "="))
            let value = sign.map { item[item.index(after: $0)...] } ?? item[item.endIndex...]
            guard let name = percentDecoded(Substring(item[..<(sign ?? item.endIndex)]), plusIsBlank: true),
                let value = percentDecoded(Substring(value), plusIsBlank: true)
            else { throw .http(400, "The query does not decode to text.") }
            guard self.items.count < Self.itemsMaximum else {
                throw .http(400, "The query has more than \(Self.itemsMaximum) parameters.")
            }
            self.items.append((name, value))
        }
    }

    private static let itemsMaximum = 256

    /// The first value of that name; nil when it is absent or empty.
    package func first(_ name: String) -> String? {
        self.items.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value of that name, each split at its commas, without blanks and empty ones.
    package func list(_ name: String) -> [String] {
        self.items.filter { $0.name == name }
            .flatMap { $0.value.split(separator: ",").map { String(trimmed($0)) }.filter { !$0.isEmpty } }
    }

    package func contains(_ name: String) -> Bool { self.items.contains { $0.name == name } }
}

/// - Returns: nil when a percent sign is not followed by two hexadecimal digits, or the bytes are no UTF-8.
package func percentDecoded(_ text: Substring, plusIsBlank: Bool) -> String? {
    func isCoded(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "%") || plusIsBlank && byte == UInt8(ascii: "+") }
    guard text.utf8.contains(where: isCoded) else { return String(text) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                return nil
            }
            bytes.append(high << 4 | low)
        case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}

/// Every byte but letters, digits and `-._~` as `%XX`.
package func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
        }
    }
    return encoded
}

private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
