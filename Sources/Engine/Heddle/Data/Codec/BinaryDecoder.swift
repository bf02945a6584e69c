/// Reads what a `BinaryEncoder` wrote.
final class BinaryDecoder {
    let buffer: TextBuffer
    let sharesText: Bool
    private(set) var keys: [String]
    private var keyNumbers: [String: Int]
    private var parts: [Range<Int>] = []
    /// Where the next value of the batch stands, and where the values end.
    private var next: Int
    private let end: Int
    /// How many more times a part is looked up. Changed bytes may let parts name each other so that reading them all never
    /// ends; honest ones ask for each a few times.
    private var lookups: Int

    /// Takes over a whole batch from a reader.
    init(_ reader: inout ByteReader) throws {
        let length = Int(try reader.readFixed(UInt32.self))
        self.buffer = reader.buffer
        self.sharesText = reader.sharesText
        self.next = reader.offset
        self.lookups = 64 * (1 + reader.remaining)
        try reader.skip(length)
        self.end = reader.offset
        self.keys = try [String].load(from: &reader)
        self.keyNumbers = [:]
        for (number, key) in self.keys.enumerated() { self.keyNumbers[key] = number }
        let count = try reader.readCount("parts")
        for _ in 0..<count {
            let length = try reader.readCount("a part")
            self.parts.append(reader.offset..<(reader.offset + length))
            try reader.skip(length)
        }
    }

    /// The next value of the batch.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let place = try self.place(at: self.next, before: self.end)
        self.next = place.end
        return try self.value(type, at: place, depth: 0, path: nil)
    }

    func reader(in range: Range<Int>) -> ByteReader {
        ByteReader(self.buffer, in: range, sharesText: self.sharesText)
    }

    /// The number of a key in the table; nil if it was never written, or where it stands.
    func number(of key: String) -> Int? { self.keyNumbers[key] }

    /// A value and where it ends.
    struct Place {
        var tag: BinaryForm.Tag
        /// What stands behind the tag.
        var content: Range<Int>
        var end: Int { self.content.upperBound }
    }

    /// Finds the end of a value that begins somewhere.
    func place(at start: Int, before end: Int) throws -> Place {
        var reader = self.reader(in: start..<max(start, end))
        guard let tag = BinaryForm.Tag(rawValue: try reader.readByte()) else { throw reader.corrupt("a value") }
        let content = reader.offset
        switch tag {
        case .null, .no, .yes, .nothing: break
        case .signed, .unsigned, .part: _ = try reader.readVarint()
        case .float: try reader.skip(4)
        case .double: try reader.skip(8)
        case .string: try reader.skip(try reader.readCount("a string"))
        case .keyed, .unkeyed, .stored: try reader.skip(Int(try reader.readFixed(UInt32.self)))
        }
        return Place(tag: tag, content: content..<reader.offset)
    }

    /// A place that may stand elsewhere.
    func resolved(_ place: Place) throws -> Place {
        guard place.tag == .part else { return place }
        var reader = self.reader(in: place.content)
        let number = try reader.readVarint()
        self.lookups -= 1
        guard self.lookups > 0, number < UInt64(self.parts.count) else { throw reader.corrupt("a part") }
        let part = self.parts[Int(number)]
        let resolved = try self.place(at: part.lowerBound, before: part.upperBound)
        guard resolved.tag != .part else { throw reader.corrupt("a part") }
        return resolved
    }

    func value<Value: Decodable>(
        _ type: Value.Type,
        at place: Place,
        depth: Int,
        path: CodingStep?
    ) throws -> Value {
        if let simple = try self.simple(type, at: place) { return simple }
        if let stored = type as? any Storable.Type { return try self.stored(stored, at: place, as: type) }
        return try ValueDecoder(self, place, depth: depth, path: path).decode(type)
    }

    private func stored<Stored: Storable, Value>(
        _ stored: Stored.Type,
        at place: Place,
        as type: Value.Type
    ) throws -> Value {
        guard place.tag == .stored else { throw self.mismatch("\(type)", at: place) }
        var reader = self.reader(in: place.content)
        try reader.skip(4)
        guard let value = try Stored.load(from: &reader) as? Value, reader.isAtEnd else {
            throw reader.corrupt("a \(type)")
        }
        return value
    }

    /// A number, a flag or a string; nil if the type is none.
    func simple<Value>(_ type: Value.Type, at place: Place) throws -> Value? {
        if type == String.self {
            guard place.tag == .string else { throw self.mismatch("a string", at: place) }
            var reader = self.reader(in: place.content)
            return try String.load(from: &reader) as? Value
        }
        if type == Bool.self {
            guard place.tag == .yes || place.tag == .no else { throw self.mismatch("a Bool", at: place) }
            return (place.tag == .yes) as? Value
        }
        if type == Double.self { return try self.double(at: place) as? Value }
        if type == Float.self {
            guard place.tag == .float else { throw self.mismatch("a Float", at: place) }
            var reader = self.reader(in: place.content)
            return Float(bitPattern: try reader.readFixed()) as? Value
        }
        if let integer = type as? any FixedWidthInteger.Type, BinaryNumber.isKnown(type) {
            return try self.integer(integer, at: place) as? Value
        }
        return nil
    }

    private func double(at place: Place) throws -> Double {
        guard place.tag == .double else { throw self.mismatch("a Double", at: place) }
        var reader = self.reader(in: place.content)
        return Double(bitPattern: try reader.readFixed())
    }

    private func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, at place: Place) throws -> Integer {
        var reader = self.reader(in: place.content)
        let value: Integer?
        switch place.tag {
        case .signed: value = Integer(exactly: try reader.readSigned())
        case .unsigned: value = Integer(exactly: try reader.readVarint())
        default: throw self.mismatch("\(type)", at: place)
        }
        guard let value else { throw self.mismatch("\(type) that fits", at: place) }
        return value
    }

    func mismatch(_ what: String, at place: Place) -> CodecError {
        CodecError(.mismatch, what, offset: place.content.lowerBound)
    }
}

extension BinaryNumber {
    /// Whether a type is written as a number behind a tag.
    static func isKnown(_ type: Any.Type) -> Bool {
        type == Int.self || type == Int64.self || type == Int32.self || type == Int16.self || type == Int8.self
            || type == UInt.self || type == UInt64.self || type == UInt32.self || type == UInt16.self
            || type == UInt8.self
    }
}
