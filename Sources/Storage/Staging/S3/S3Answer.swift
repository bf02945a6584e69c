/// The little XML that S3 answers: elements and text, no attributes that matter, no document type.
struct S3Answer: Sendable, Hashable {
    var name: String
    var text = ""
    var children: [S3Answer] = []

    /// Deeper than any answer of S3.
    private static let depthMaximum = 16

    init(name: String) {
        self.name = name
    }

    /// nil for what is not such XML.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var open: [S3Answer] = [S3Answer(name: "")]
        while let next = rest.firstIndex(of: UInt8(ascii: "<")) {
            guard let text = Self.decoded(rest[..<next]) else { return nil }
            open[open.count - 1].text += text
            guard let end = rest[next...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let tag = rest[rest.index(after: next)..<end]
            rest = rest[rest.index(after: end)...]
            switch tag.first {
            case UInt8(ascii: "?"): continue
            case UInt8(ascii: "!"), nil: return nil
            case UInt8(ascii: "/"):
                guard open.count > 1 else { return nil }
                let done = open.removeLast()
                guard String(decoding: tag.dropFirst(), as: UTF8.self) == done.name else { return nil }
                open[open.count - 1].children.append(done)
            default:
                let isEmpty = tag.last == UInt8(ascii: "/")
                let words = (isEmpty ? tag.dropLast() : tag).split(whereSeparator: { $0 <= 32 })
                guard let name = words.first, open.count < Self.depthMaximum else { return nil }
                let element = S3Answer(name: String(decoding: name, as: UTF8.self))
                if isEmpty {
                    open[open.count - 1].children.append(element)
                } else {
                    open.append(element)
                }
            }
        }
        guard open.count == 1, open[0].children.count == 1 else { return nil }
        self = open[0].children[0]
    }

    subscript(name: String) -> String? { self.children.first { $0.name == name }?.text }

    func all(_ name: String) -> [S3Answer] { self.children.filter { $0.name == name } }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var text = ""
        var rest = String(decoding: bytes, as: UTF8.self)[...]
        while let mark = rest.firstIndex(of: "&") {
            text += rest[..<mark]
            guard let end = rest[mark...].firstIndex(of: ";") else { return nil }
            let name = rest[rest.index(after: mark)..<end]
            rest = rest[rest.index(after: end)...]
            switch name {
            case "lt": text += "<"
            case "gt": text += ">"
            case "amp": text += "&"
            case "quot": text += "\""
            case "apos": text += "'"
            default:
                guard name.hasPrefix("#") else { return nil }
                let digits = name.dropFirst()
                let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                guard let scalar = number.flatMap(Unicode.Scalar.init) else { return nil }
                text.unicodeScalars.append(scalar)
            }
        }
        return text + rest
    }

    /// Text as it may stand in XML.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
