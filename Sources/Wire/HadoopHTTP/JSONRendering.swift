extension RESTDocument {
    /// The JSON text, without blanks, as Jersey writes it.
    package func json() -> [UInt8] {
        var writer = JSONWriter()
        if self.isUnwrapped {
            writer.write(self.content)
        } else {
            var outer = RESTObject()
            outer.add(self.root, .object(self.content))
            writer.write(outer)
        }
        return writer.bytes
    }
}

extension RESTValue {
    /// The value alone as JSON text.
    package func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }
}

private struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func write(_ object: RESTObject) {
        self.bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        if let type = object.type {
            self.writeString("type")
            self.bytes.append(UInt8(ascii: ":"))
            self.writeString(type)
            isFirst = false
        }
        for member in object.members {
            if !isFirst { self.bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            self.writeString(member.name)
            self.bytes.append(UInt8(ascii: ":"))
            self.write(member.value)
        }
        self.bytes.append(UInt8(ascii: "}"))
    }

    mutating func write(_ value: RESTValue) {
        switch value {
        case .null: self.bytes.append(contentsOf: "null".utf8)
        case .string(let text): self.writeString(text)
        case .integer(let number): self.bytes.append(contentsOf: String(number).utf8)
        case .float(let number): self.writeNumber(javaText(number), isFinite: number.isFinite)
        case .double(let number): self.writeNumber(javaText(number), isFinite: number.isFinite)
        case .boolean(let flag): self.bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .list(let values): self.writeList(values)
        case .object(let object): self.write(object)
        }
    }

    private mutating func writeList(_ values: [RESTValue]) {
        self.bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { self.bytes.append(UInt8(ascii: ",")) }
            self.write(value)
        }
        self.bytes.append(UInt8(ascii: "]"))
    }

    /// JSON has no NaN or infinity; Jackson writes them as strings.
    private mutating func writeNumber(_ text: String, isFinite: Bool) {
        if isFinite { self.bytes.append(contentsOf: text.utf8) } else { self.writeString(text) }
    }

    private mutating func writeString(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self.bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): self.bytes.append(contentsOf: #"\\"#.utf8)
            case 0x08: self.bytes.append(contentsOf: #"\b"#.utf8)
            case 0x09: self.bytes.append(contentsOf: #"\t"#.utf8)
            case 0x0A: self.bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0C: self.bytes.append(contentsOf: #"\f"#.utf8)
            case 0x0D: self.bytes.append(contentsOf: #"\r"#.utf8)
            case 0..<0x20:
                self.bytes.append(contentsOf: #"\u00"#.utf8)
                self.bytes.append(Self.hexDigit(byte >> 4))
                self.bytes.append(Self.hexDigit(byte & 15))
            default: self.bytes.append(byte)
            }
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
