/// Reads JSON (RFC 8259) strictly and within `BodyLimits`.
struct JSONBodyReader {
    private let bytes: [UInt8]
    private var next = 0
    private var members = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func read(_ bytes: [UInt8]) throws(BodyError) -> RESTBody {
        var reader = JSONBodyReader(bytes)
        reader.skipBlanks()
        guard reader.peek() == UInt8(ascii: "{") else { throw reader.error("expected an object") }
        let object = try reader.object(depth: 1)
        reader.skipBlanks()
        guard reader.next == bytes.count else { throw reader.error("more after the end of the object") }
        return object
    }

    private func error(_ reason: String) -> BodyError { BodyError(offset: self.next, reason: reason) }

    private func peek() -> UInt8? { self.next < self.bytes.count ? self.bytes[self.next] : nil }

    private mutating func skipBlanks() {
        while let byte = self.peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.next += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws(BodyError) {
        self.skipBlanks()
        guard self.peek() == byte else { throw self.error("expected \(Unicode.Scalar(byte))") }
        self.next += 1
    }

    /// True, and past the byte, when it is the next one.
    private mutating func take(_ byte: UInt8) -> Bool {
        self.skipBlanks()
        guard self.peek() == byte else { return false }
        self.next += 1
        return true
    }

    private mutating func object(depth: Int) throws(BodyError) -> RESTBody {
        guard depth <= BodyLimits.depthMaximum else { throw self.error("nested too deep") }
        try self.expect(UInt8(ascii: "{"))
        var members: [RESTBody.Member] = []
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            self.skipBlanks()
            let name = try self.string()
            try self.expect(UInt8(ascii: ":"))
            for value in try self.values(depth: depth) {
                self.members += 1
                guard self.members <= BodyLimits.membersMaximum else { throw self.error("too many members") }
                members.append(RESTBody.Member(name: name, value: value))
            }
        } while self.take(UInt8(ascii: ","))
        try self.expect(UInt8(ascii: "}"))
        return .object(members)
    }

    /// The values of a member: several for an array, none for null.
    private mutating func values(depth: Int) throws(BodyError) -> [RESTBody] {
        guard depth <= BodyLimits.depthMaximum else { throw self.error("nested too deep") }
        self.skipBlanks()
        guard let first = self.peek() else { throw self.error("the body ends early") }
        switch first {
        case UInt8(ascii: "{"): return [try self.object(depth: depth + 1)]
        case UInt8(ascii: "\""): return [.text(try self.string())]
        case UInt8(ascii: "["): return try self.array(depth: depth + 1)
        case UInt8(ascii: "t"): return [.text(try self.word("true"))]
        case UInt8(ascii: "f"): return [.text(try self.word("false"))]
        case UInt8(ascii: "n"):
            _ = try self.word("null")
            return []
        default: return [.text(try self.number())]
        }
    }

    private mutating func array(depth: Int) throws(BodyError) -> [RESTBody] {
        try self.expect(UInt8(ascii: "["))
        var values: [RESTBody] = []
        if self.take(UInt8(ascii: "]")) { return values }
        repeat {
            values += try self.values(depth: depth)
            guard values.count <= BodyLimits.membersMaximum else { throw self.error("too many members") }
        } while self.take(UInt8(ascii: ","))
        try self.expect(UInt8(ascii: "]"))
        return values
    }

    private mutating func word(_ word: String) throws(BodyError) -> String {
        guard self.bytes[self.next...].starts(with: word.utf8) else { throw self.error("expected a value") }
        self.next += word.utf8.count
        return word
    }

    /// The number's own text: who needs it knows its type.
    private mutating func number() throws(BodyError) -> String {
        let start = self.next
        _ = self.take(UInt8(ascii: "-"), orNone: true)
        let isZero = self.peek() == UInt8(ascii: "0")
        let digits = self.digits()
        guard digits > 0, !isZero || digits == 1 else { throw self.error("expected a value") }
        if self.take(UInt8(ascii: "."), orNone: true), self.digits() == 0 { throw self.error("expected a digit") }
        if self.take(UInt8(ascii: "e"), orNone: true) || self.take(UInt8(ascii: "E"), orNone: true) {
            if !self.take(UInt8(ascii: "+"), orNone: true) { _ = self.take(UInt8(ascii: "-"), orNone: true) }
            if self.digits() == 0 { throw self.error("expected a digit") }
        }
        return String(decoding: self.bytes[start..<self.next], as: UTF8.self)
    }

    /// Like `take(_:)`, without passing over blanks.
    private mutating func take(_ byte: UInt8, orNone: Bool) -> Bool {
        guard self.peek() == byte else { return false }
        self.next += 1
        return true
    }

    private mutating func digits() -> Int {
        let start = self.next
        while let byte = self.peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { self.next += 1 }
        return self.next - start
    }

    private mutating func string() throws(BodyError) -> String {
        guard self.peek() == UInt8(ascii: "\"") else { throw self.error("expected a string") }
        self.next += 1
        var text: [UInt8] = []
        while let byte = self.peek() {
            self.next += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw self.error("a string that is no UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try self.escape(into: &text)
            case 0..<0x20: throw self.error("a control character in a string")
            default: text.append(byte)
            }
        }
        throw self.error("the body ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(BodyError) {
        guard let byte = self.peek() else { throw self.error("the body ends inside a string") }
        self.next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try self.scalar())).utf8)
        default: throw self.error("an unknown escape in a string")
        }
    }

    /// A `\u` escape, or a pair of them above the basic plane.
    private mutating func scalar() throws(BodyError) -> Unicode.Scalar {
        let first = try self.hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), self.take(UInt8(ascii: "\\"), orNone: true),
            self.take(UInt8(ascii: "u"), orNone: true)
        else { throw self.error("half a surrogate pair") }
        let second = try self.hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw self.error("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(BodyError) -> UInt32 {
        guard self.next + 4 <= self.bytes.count else { throw self.error("the body ends inside a string") }
        let digits = self.bytes[self.next..<self.next + 4]
        var value: UInt32 = 0
        for byte in digits {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw self.error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        self.next += 4
        return value
    }
}
