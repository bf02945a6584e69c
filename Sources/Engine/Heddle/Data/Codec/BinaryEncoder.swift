/// Writes `Codable` values that have no form of their own, many of them with one table of keys.
final class BinaryEncoder {
    /// Bytes that values are written to one after the other, and who may write now.
    final class Output {
        var writer = ByteWriter()
        /// The value that is being written; what stands above it waits.
        weak var writing: ValueEncoder?
    }

    private let main = Output()
    private var keys: [String] = []
    private var keyNumbers: [String: Int] = [:]
    /// The key that followed each last time: most values are written alike, and then nothing is looked up.
    private var followers: [Int] = []
    private var lastKey = 0
    private var parts: [ValueEncoder] = []
    /// What went wrong in a call that cannot throw.
    var failure: CodecError?

    func encode<Value: Encodable>(_ value: Value) throws {
        try self.write(value, to: self.main, depth: 0, path: nil)
        if let failure = self.failure { throw failure }
    }

    /// Appends everything that was encoded.
    func finish(into writer: inout ByteWriter) throws {
        let length = self.main.writer.count
        guard length <= UInt32.max else { throw CodecError(.tooLarge, "a batch of \(length) bytes", offset: 0) }
        writer.write(fixed: UInt32(length))
        unsafe self.main.writer.withUnsafeBytes { unsafe writer.write(bytes: $0) }
        self.keys.store(to: &writer)
        writer.write(varint: UInt64(self.parts.count))
        for part in self.parts {
            try part.end()
            if let failure = self.failure { throw failure }
            writer.write(varint: UInt64(part.output.writer.count))
            unsafe part.output.writer.withUnsafeBytes { unsafe writer.write(bytes: $0) }
        }
    }

    func fail(_ what: String, at offset: Int) {
        if self.failure == nil { self.failure = CodecError(.mismatch, what, offset: offset) }
    }

    /// A part that may be written at any time until everything ends.
    func part(depth: Int, path: CodingStep?, in output: Output) -> ValueEncoder {
        output.writer.write(byte: BinaryForm.Tag.part.rawValue)
        output.writer.write(varint: UInt64(self.parts.count))
        let part = ValueEncoder(self, Output(), depth: depth, path: path)
        part.output.writing = part
        self.parts.append(part)
        return part
    }

    func write(key: String, to output: Output) {
        let guess = self.followers.isEmpty ? 0 : self.followers[self.lastKey]
        if guess < self.keys.count, self.keys[guess] == key {
            self.lastKey = guess
            output.writer.write(varint: UInt64(guess + 1))
        } else if let number = self.keyNumbers[key] {
            self.followers[self.lastKey] = number
            self.lastKey = number
            output.writer.write(varint: UInt64(number + 1))
        } else if self.keys.count < BinaryForm.keyMaximum {
            let number = self.keys.count
            self.keys.append(key)
            self.keyNumbers[key] = number
            self.followers.append(0)
            self.followers[self.lastKey] = number
            self.lastKey = number
            output.writer.write(varint: UInt64(number + 1))
        } else {
            output.writer.write(byte: 1)
            key.store(to: &output.writer)
        }
    }

    func write<Value: Encodable>(_ value: Value, to output: Output, depth: Int, path: CodingStep?) throws {
        if self.writeSimple(value, to: output) { return }
        if let type = Value.self as? any Storable.Type {
            try self.writeStored(value, as: type, to: output)
            return
        }
        let start = output.writer.count
        let above = output.writing
        let encoder = ValueEncoder(self, output, depth: depth, path: path)
        output.writing = encoder
        defer { output.writing = above }
        do {
            try encoder.encode(value)
            try encoder.end()
        } catch {
            output.writer.truncate(to: start)
            throw error
        }
    }

    func writeSimple<Value>(_ value: Value, to output: Output) -> Bool {
        if let string = value as? String, Value.self == String.self {
            output.writer.write(byte: BinaryForm.Tag.string.rawValue)
            string.store(to: &output.writer)
        } else if let number = BinaryNumber.signed(value) {
            output.writer.write(byte: BinaryForm.Tag.signed.rawValue)
            output.writer.write(signed: number)
        } else if let number = value as? Double {
            output.writer.write(byte: BinaryForm.Tag.double.rawValue)
            output.writer.write(fixed: number.bitPattern)
        } else if let flag = value as? Bool {
            output.writer.write(byte: (flag ? BinaryForm.Tag.yes : .no).rawValue)
        } else if let number = BinaryNumber.unsigned(value) {
            output.writer.write(byte: BinaryForm.Tag.unsigned.rawValue)
            output.writer.write(varint: number)
        } else if let number = value as? Float {
            output.writer.write(byte: BinaryForm.Tag.float.rawValue)
            output.writer.write(fixed: number.bitPattern)
        } else {
            return false
        }
        return true
    }

    private func writeStored<Stored: Storable>(_ value: Any, as type: Stored.Type, to output: Output) throws {
        guard let stored = value as? Stored else { return }
        output.writer.write(byte: BinaryForm.Tag.stored.rawValue)
        let place = output.writer.count
        output.writer.write(fixed: UInt32(0))
        stored.store(to: &output.writer)
        try output.close(at: place)
    }
}

extension BinaryEncoder.Output {
    /// Writes the length of what stands behind it.
    func close(at place: Int) throws {
        let length = self.writer.count - place - 4
        guard length <= UInt32.max else { throw CodecError(.tooLarge, "a value of \(length) bytes", offset: place) }
        self.writer.replace(at: place, fixed: UInt32(length))
    }
}

/// A place in a value, of which the way to it is made only when somebody asks.
final class CodingStep {
    let key: any CodingKey
    let above: CodingStep?

    init(_ key: any CodingKey, above: CodingStep?) {
        self.key = key
        self.above = above
    }

    static func path(to step: CodingStep?) -> [any CodingKey] {
        var (path, step) = ([any CodingKey](), step)
        while let here = step {
            path.append(here.key)
            step = here.above
        }
        return path.reversed()
    }
}

/// The key of an element that has only a number, and of a value's superclass.
struct PlaceKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(_ index: Int) {
        self.stringValue = "\(index)"
        self.intValue = index
    }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { self.init(intValue) }

    static let superclass = PlaceKey(stringValue: "super")
}
