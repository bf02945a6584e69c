/// Splits an identifier at its underscores and reads decimal fields, by grammar and without Foundation.
///
/// Identifiers from outside pass through here before they touch a path, a table or a log line.
struct IdentifierFields {
    private var fields: [Substring]
    private var next = 0

    /// - Returns: nil when `text` is longer than any identifier, or does not begin with `prefix` as its first field.
    init?(_ text: String, prefix: String) {
        guard text.utf8.count <= Self.lengthMaximum else { return nil }
        self.fields = text.split(separator: "_", omittingEmptySubsequences: false)
        guard self.fields.first.map(String.init) == prefix else { return nil }
        self.next = 1
    }

    /// The longest identifier: a container's, with every number at its widest, is under 100 bytes.
    private static let lengthMaximum = 128

    var remaining: Int { self.fields.count - self.next }

    /// Reads an optional field `e<digits>`, the epoch of a container id.
    mutating func epochIfPresent() -> Int64?? {
        guard self.next < self.fields.count, self.fields[self.next].first == "e" else { return .some(nil) }
        guard let value = Self.decimal(self.fields[self.next].dropFirst()) else { return nil }
        self.next += 1
        return .some(value)
    }

    mutating func int64() -> Int64? {
        guard self.next < self.fields.count, let value = Self.decimal(self.fields[self.next]) else { return nil }
        self.next += 1
        return value
    }

    mutating func int32() -> Int32? {
        self.int64().flatMap(Int32.init(exactly:))
    }

    /// Digits only: `Int64("+5")` would let a sign through.
    private static func decimal(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return nil
        }
        return Int64(text)
    }
}

/// `number` in decimal, filled up with zeros to `width` digits; wider numbers grow past it, as in Hadoop.
func zeroPadded(_ number: Int64, width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
