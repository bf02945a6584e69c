/// What one value reads itself with.
final class ValueDecoder: Decoder {
    let owner: BinaryDecoder
    let place: BinaryDecoder.Place
    private(set) var depth: Int
    let path: CodingStep?

    var codingPath: [any CodingKey] { CodingStep.path(to: self.path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ owner: BinaryDecoder, _ place: BinaryDecoder.Place, depth: Int, path: CodingStep?) {
        self.owner = owner
        self.place = place
        self.depth = depth
        self.path = path
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= BinaryForm.depthMaximum else {
            throw CodecError(.tooDeep, "a \(type)", offset: self.place.content.lowerBound)
        }
        return try type.init(from: self)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(KeyedDecoding<Key>(decoder: self, fields: try FieldReader(self)))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let place = try self.owner.resolved(self.place)
        guard place.tag == .unkeyed else { throw self.owner.mismatch("elements in a row", at: place) }
        var reader = self.owner.reader(in: place.content)
        try reader.skip(4)
        let count = Int(try reader.readFixed(UInt32.self))
        guard count <= reader.remaining else { throw reader.truncated("elements in a row") }
        return UnkeyedDecoding(decoder: self, elements: count, next: reader.offset, end: place.end)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleDecoding(decoder: self)
    }

    /// The decoder of a value within this one.
    func inner(_ place: BinaryDecoder.Place, _ key: any CodingKey) -> ValueDecoder {
        ValueDecoder(self.owner, place, depth: self.depth, path: CodingStep(key, above: self.path))
    }
}

/// The fields of a keyed container, which are mostly asked for in the order in which they stand.
final class FieldReader {
    private let owner: BinaryDecoder
    private let start: Int
    private let end: Int
    private var next: Int
    /// All fields, once they were asked for out of order.
    private var index: [String: BinaryDecoder.Place]?

    init(_ decoder: ValueDecoder) throws {
        self.owner = decoder.owner
        let place = try decoder.owner.resolved(decoder.place)
        guard place.tag == .keyed else { throw decoder.owner.mismatch("fields", at: place) }
        self.start = place.content.lowerBound + 4
        self.end = place.end
        self.next = self.start
    }

    /// Where the value of a key stands, if it does.
    func place(of key: String) throws -> BinaryDecoder.Place? {
        if let index { return index[key] }
        if self.next < self.end {
            let field = try self.field(at: self.next)
            if field.key == key {
                self.next = field.place.end
                return field.place
            }
        }
        return try self.indexed()[key]
    }

    /// The same without moving on: what is looked for is read next.
    func peek(at key: String) throws -> BinaryDecoder.Place? {
        if self.index == nil, self.next < self.end {
            let field = try self.field(at: self.next)
            if field.key == key { return field.place }
        }
        return try self.indexed()[key]
    }

    func keys() throws -> [String] { Array(try self.indexed().keys) }

    private func field(at offset: Int) throws -> (key: String, place: BinaryDecoder.Place) {
        var reader = self.owner.reader(in: offset..<self.end)
        let number = try reader.readVarint()
        guard number <= UInt64(self.owner.keys.count) else { throw reader.corrupt("a key") }
        let key = number == 0 ? try String.load(from: &reader) : self.owner.keys[Int(number) - 1]
        return (key, try self.owner.place(at: reader.offset, before: self.end))
    }

    private func indexed() throws -> [String: BinaryDecoder.Place] {
        if let index { return index }
        var index: [String: BinaryDecoder.Place] = [:]
        var offset = self.start
        while offset < self.end {
            let field = try self.field(at: offset)
            index[field.key] = field.place
            offset = field.place.end
        }
        self.index = index
        return index
    }
}

struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ValueDecoder
    let fields: FieldReader

    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var allKeys: [Key] { ((try? self.fields.keys()) ?? []).compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { ((try? self.fields.peek(at: key.stringValue)) ?? nil) != nil }

    private func place(_ key: any CodingKey) throws -> BinaryDecoder.Place {
        guard let place = try self.fields.place(of: key.stringValue) else {
            throw self.decoder.owner.mismatch("field \(key.stringValue)", at: self.decoder.place)
        }
        return place
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard let place = try self.fields.peek(at: key.stringValue) else {
            throw self.decoder.owner.mismatch("field \(key.stringValue)", at: self.decoder.place)
        }
        return try self.decoder.owner.resolved(place).tag == .null
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let path = CodingStep(key, above: self.decoder.path)
        return try self.decoder.owner.value(type, at: try self.place(key), depth: self.decoder.depth, path: path)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.decoder.inner(try self.place(key), key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.decoder.inner(try self.place(key), key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        self.decoder.inner(try self.place(PlaceKey.superclass), PlaceKey.superclass)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { self.decoder.inner(try self.place(key), key) }
}

struct UnkeyedDecoding: UnkeyedDecodingContainer {
    let decoder: ValueDecoder
    let elements: Int
    var next: Int
    let end: Int
    private(set) var currentIndex = 0

    init(decoder: ValueDecoder, elements: Int, next: Int, end: Int) {
        self.decoder = decoder
        self.elements = elements
        self.next = next
        self.end = end
    }

    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var count: Int? { self.elements }
    var isAtEnd: Bool { self.currentIndex >= self.elements }

    private func place() throws -> BinaryDecoder.Place {
        guard !self.isAtEnd else {
            throw CodecError(.mismatch, "element \(self.currentIndex)", offset: self.next)
        }
        return try self.decoder.owner.place(at: self.next, before: self.end)
    }

    private mutating func pass(_ place: BinaryDecoder.Place) {
        self.next = place.end
        self.currentIndex += 1
    }

    mutating func decodeNil() throws -> Bool {
        let place = try self.place()
        guard try self.decoder.owner.resolved(place).tag == .null else { return false }
        self.pass(place)
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let place = try self.place()
        let path = CodingStep(PlaceKey(self.currentIndex), above: self.decoder.path)
        let value = try self.decoder.owner.value(type, at: place, depth: self.decoder.depth, path: path)
        self.pass(place)
        return value
    }

    private mutating func inner() throws -> ValueDecoder {
        let place = try self.place()
        defer { self.pass(place) }
        return self.decoder.inner(place, PlaceKey(self.currentIndex))
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
        try self.inner().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try self.inner().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try self.inner() }
}

struct SingleDecoding: SingleValueDecodingContainer {
    let decoder: ValueDecoder

    var codingPath: [any CodingKey] { self.decoder.codingPath }

    func decodeNil() -> Bool { (try? self.decoder.owner.resolved(self.decoder.place))?.tag == .null }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let owner = self.decoder.owner
        let place = try owner.resolved(self.decoder.place)
        if let simple = try owner.simple(type, at: place) { return simple }
        if type is any Storable.Type {
            return try owner.value(type, at: place, depth: self.decoder.depth, path: self.decoder.path)
        }
        return try self.decoder.decode(type)
    }
}
