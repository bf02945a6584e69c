extension RESTDocument {
    /// The XML text, without blanks between elements, as JAXB writes it.
    package func xml() -> [UInt8] {
        var writer = XMLWriter()
        writer.bytes.append(contentsOf: #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#.utf8)
        writer.write(.object(self.content), as: self.root)
        return writer.bytes
    }
}

private struct XMLWriter {
    var bytes: [UInt8] = []
    /// Depth of elements inside the one that declared the `xsi` prefix; 0 outside of any.
    private var schemaInstanceDepth = 0

    mutating func write(_ value: RESTValue, as name: String) {
        switch value {
        case .null: break
        case .string(let text): self.writeText(text, as: name)
        case .integer(let number): self.writeText(String(number), as: name)
        case .float(let number): self.writeText(javaText(number), as: name)
        case .double(let number): self.writeText(javaText(number), as: name)
        case .boolean(let flag): self.writeText(flag ? "true" : "false", as: name)
        case .list(let values):
            for value in values { self.write(value, as: name) }
        case .object(let object): self.write(object, as: name)
        }
    }

    private mutating func write(_ object: RESTObject, as name: String) {
        self.bytes.append(UInt8(ascii: "<"))
        self.bytes.append(contentsOf: name.utf8)
        if let type = object.type {
            self.bytes.append(contentsOf: #" xsi:type=""#.utf8)
            self.writeEscaped(type)
            self.bytes.append(UInt8(ascii: "\""))
            if self.schemaInstanceDepth == 0 {
                self.bytes.append(contentsOf: #" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#.utf8)
            }
        }
        if object.members.isEmpty {
            self.bytes.append(contentsOf: "/>".utf8)
            return
        }
        self.bytes.append(UInt8(ascii: ">"))
        let isInScope = object.type != nil || self.schemaInstanceDepth > 0
        if isInScope { self.schemaInstanceDepth += 1 }
        for member in object.members { self.write(member.value, as: member.name) }
        if isInScope { self.schemaInstanceDepth -= 1 }
        self.writeEnd(name)
    }

    private mutating func writeText(_ text: String, as name: String) {
        self.bytes.append(UInt8(ascii: "<"))
        self.bytes.append(contentsOf: name.utf8)
        self.bytes.append(UInt8(ascii: ">"))
        self.writeEscaped(text)
        self.writeEnd(name)
    }

    private mutating func writeEnd(_ name: String) {
        self.bytes.append(contentsOf: "</".utf8)
        self.bytes.append(contentsOf: name.utf8)
        self.bytes.append(UInt8(ascii: ">"))
    }

    private mutating func writeEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): self.bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): self.bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): self.bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): self.bytes.append(contentsOf: "&quot;".utf8)
            case 0x0D: self.bytes.append(contentsOf: "&#13;".utf8)
            case 0x09, 0x0A: self.bytes.append(byte)
            // XML 1.0 has no way to write the other control characters.
            case 0..<0x20: self.bytes.append(UInt8(ascii: "?"))
            default: self.bytes.append(byte)
            }
        }
    }
}
