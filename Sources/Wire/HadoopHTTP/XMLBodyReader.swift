/// Reads the small part of XML that REST bodies use: elements, text, the five entities and character references.
///
/// Comments are passed over, and attributes where nobody wants them. A document type is refused, and with it every entity
/// trick.
struct XMLBodyReader {
    private let bytes: [UInt8]
    private let keepsAttributes: Bool
    private var next = 0
    private var members = 0

    private init(_ bytes: [UInt8], keepsAttributes: Bool) {
        self.bytes = bytes
        self.keepsAttributes = keepsAttributes
    }

    /// - Parameter keepsAttributes: whether an attribute is a member before the elements inside.
    /// - Returns: the content of the root element, whatever its name.
    static func read(_ bytes: [UInt8], keepsAttributes: Bool = false) throws(BodyError) -> RESTBody {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw BodyError(offset: 0, reason: "no UTF-8") }
        var reader = XMLBodyReader(bytes, keepsAttributes: keepsAttributes)
        try reader.skipBetweenElements()
        guard reader.peek() == UInt8(ascii: "<") else { throw reader.error("expected an element") }
        let root = try reader.element(depth: 1)
        try reader.skipBetweenElements()
        guard reader.next == bytes.count else { throw reader.error("more after the root element") }
        if case .text(let text) = root.value, text.utf8.allSatisfy(Self.isBlank) { return .object([]) }
        return root.value
    }

    private func error(_ reason: String) -> BodyError { BodyError(offset: self.next, reason: reason) }

    private func peek() -> UInt8? { self.next < self.bytes.count ? self.bytes[self.next] : nil }

    private func isNext(_ text: String) -> Bool { self.bytes[self.next...].starts(with: text.utf8) }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Past blanks, comments and processing instructions (the XML declaration among them).
    private mutating func skipBetweenElements() throws(BodyError) {
        while let byte = self.peek() {
            if Self.isBlank(byte) {
                self.next += 1
            } else if self.isNext("<!--") {
                try self.skip(past: "-->")
            } else if self.isNext("<?") {
                try self.skip(past: "?>")
            } else if self.isNext("<!") {
                throw self.error("a document type, which is refused,")
            } else {
                return
            }
        }
    }

    private mutating func skip(past end: String) throws(BodyError) {
        let pattern = Array(end.utf8)
        var at = self.next
        while at + pattern.count <= self.bytes.count {
            if self.bytes[at..<at + pattern.count].elementsEqual(pattern) {
                self.next = at + pattern.count
                return
            }
            at += 1
        }
        throw self.error("no \(end) before the body's end")
    }

    private mutating func element(depth: Int) throws(BodyError) -> RESTBody.Member {
        guard depth <= BodyLimits.depthMaximum else { throw self.error("nested too deep") }
        self.members += 1
        guard self.members <= BodyLimits.membersMaximum else { throw self.error("too many elements") }
        self.next += 1
        let name = try self.name()
        var children: [RESTBody.Member] = []
        if try self.attributes(into: &children) {
            return RESTBody.Member(name: name, value: children.isEmpty ? .text("") : .object(children))
        }
        var text: [UInt8] = []
        while true {
            try self.text(into: &text)
            if self.isNext("</") { break }
            if self.isNext("<!--") {
                try self.skip(past: "-->")
            } else if self.isNext("<![CDATA[") {
                let start = self.next + 9
                try self.skip(past: "]]>")
                text.append(contentsOf: self.bytes[start..<self.next - 3])
            } else if self.isNext("<?") {
                try self.skip(past: "?>")
            } else if self.isNext("<!") {
                throw self.error("a declaration, which is refused,")
            } else {
                children.append(try self.element(depth: depth + 1))
            }
        }
        self.next += 2
        guard try self.name() == name else { throw self.error("the end of another element than \(name)") }
        self.skipBlanks()
        guard self.peek() == UInt8(ascii: ">") else { throw self.error("expected >") }
        self.next += 1
        if children.isEmpty {
            return RESTBody.Member(name: name, value: .text(String(decoding: text, as: UTF8.self)))
        }
        guard text.allSatisfy(Self.isBlank) else { throw self.error("text between the elements of \(name)") }
        return RESTBody.Member(name: name, value: .object(children))
    }

    private mutating func skipBlanks() {
        while let byte = self.peek(), Self.isBlank(byte) { self.next += 1 }
    }

    /// An element's name without its prefix.
    private mutating func name() throws(BodyError) -> String {
        let start = self.next
        while let byte = self.peek(), Self.isNameByte(byte) { self.next += 1 }
        let whole = self.bytes[start..<self.next]
        guard !whole.isEmpty else { throw self.error("expected a name") }
        let local = whole.lastIndex(of: UInt8(ascii: ":")).map { whole[($0 + 1)...] } ?? whole
        return String(decoding: local, as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: ":"), 0x80...0xFF:
            true
        default: false
        }
    }

    /// Past the attributes and the bracket.
    /// - Returns: true for an element without content (`<a/>`).
    private mutating func attributes(into members: inout [RESTBody.Member]) throws(BodyError) -> Bool {
        while true {
            self.skipBlanks()
            if self.isNext("/>") {
                self.next += 2
                return true
            }
            guard let byte = self.peek() else { throw self.error("the body ends inside an element") }
            if byte == UInt8(ascii: ">") {
                self.next += 1
                return false
            }
            let name = try self.name()
            self.skipBlanks()
            guard self.peek() == UInt8(ascii: "=") else { throw self.error("an attribute without a value") }
            self.next += 1
            self.skipBlanks()
            guard let quote = self.peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                throw self.error("an attribute without quotes")
            }
            self.next += 1
            let value = try self.attribute(until: quote)
            if self.keepsAttributes { members.append(RESTBody.Member(name: name, value: .text(value))) }
        }
    }

    /// An attribute's value; references in those that nobody wants are not looked at.
    private mutating func attribute(until quote: UInt8) throws(BodyError) -> String {
        var text: [UInt8] = []
        while let byte = self.peek(), byte != quote {
            if self.keepsAttributes, byte == UInt8(ascii: "&") {
                text.append(contentsOf: String(Character(try self.reference())).utf8)
            } else {
                text.append(byte)
                self.next += 1
            }
        }
        guard self.peek() == quote else { throw self.error("the body ends inside an attribute") }
        self.next += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// Text up to the next bracket, references resolved.
    private mutating func text(into text: inout [UInt8]) throws(BodyError) {
        while let byte = self.peek() {
            switch byte {
            case UInt8(ascii: "<"): return
            case UInt8(ascii: "&"): text.append(contentsOf: String(Character(try self.reference())).utf8)
            default:
                text.append(byte)
                self.next += 1
            }
        }
        throw self.error("the body ends inside an element")
    }

    private mutating func reference() throws(BodyError) -> Unicode.Scalar {
        // The longest is &#x10FFFF;
        guard let end = self.bytes[self.next...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw self.error("an unfinished reference")
        }
        let name = String(decoding: self.bytes[self.next + 1..<end], as: UTF8.self)
        let scalar: Unicode.Scalar? =
            switch name {
            case "amp": "&"
            case "lt": "<"
            case "gt": ">"
            case "quot": "\""
            case "apos": "'"
            case let name where name.hasPrefix("#x"):
                UInt32(name.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }
            case let name where name.hasPrefix("#"): UInt32(name.dropFirst()).flatMap { Unicode.Scalar($0) }
            default: nil
            }
        guard let scalar, scalar.value != 0 else { throw self.error("an unknown reference &\(name);") }
        self.next = end + 1
        return scalar
    }
}
