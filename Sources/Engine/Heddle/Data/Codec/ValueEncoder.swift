/// What one value writes itself with.
final class ValueEncoder: Encoder {
    enum Shape {
        case none
        case single
        case keyed
        case unkeyed
    }

    let owner: BinaryEncoder
    let output: BinaryEncoder.Output
    private(set) var depth: Int
    let path: CodingStep?
    private var shape = Shape.none
    /// Where the length of a container stands, and how many elements it has.
    private var place = 0
    var count: UInt32 = 0

    var codingPath: [any CodingKey] { CodingStep.path(to: self.path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ owner: BinaryEncoder, _ output: BinaryEncoder.Output, depth: Int, path: CodingStep?) {
        self.owner = owner
        self.output = output
        self.depth = depth
        self.path = path
    }

    /// Has a value write itself here.
    func encode<Value: Encodable>(_ value: Value) throws {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= BinaryForm.depthMaximum else {
            throw CodecError(.tooDeep, "a \(Value.self)", offset: self.output.writer.count)
        }
        try value.encode(to: self)
    }

    /// Nothing is written here any more.
    func end() throws {
        switch self.shape {
        case .none: self.output.writer.write(byte: BinaryForm.Tag.nothing.rawValue)
        case .single: break
        case .keyed: try self.output.close(at: self.place)
        case .unkeyed:
            try self.output.close(at: self.place)
            self.output.writer.replace(at: self.place + 4, fixed: self.count)
        }
    }

    private func begin(_ shape: Shape) {
        if self.shape == .none {
            self.shape = shape
            guard shape != .single else { return }
            self.output.writer.write(byte: (shape == .keyed ? BinaryForm.Tag.keyed : .unkeyed).rawValue)
            self.place = self.output.writer.count
            self.output.writer.write(fixed: UInt32(0))
            if shape == .unkeyed { self.output.writer.write(fixed: UInt32(0)) }
        } else if self.shape != shape || shape == .single {
            self.owner.fail("one container (a value wrote a \(self.shape) and a \(shape) one)", at: self.place)
        }
    }

    /// Whether it is this value's turn; a value that keeps its parent's container and writes to it is refused.
    func checkTurn() throws {
        guard self.output.writing === self else {
            throw CodecError(.mismatch, "value of its own (a container was used out of turn)", offset: self.place)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        self.begin(.keyed)
        return KeyedEncodingContainer(KeyedEncoding<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        self.begin(.unkeyed)
        return UnkeyedEncoding(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleEncoding(encoder: self)
    }

    /// One value without a key, in place of a container.
    func single<Value: Encodable>(_ value: Value) throws {
        try self.checkTurn()
        let isFree = self.shape == .none
        if isFree, self.owner.writeSimple(value, to: self.output) {
            self.shape = .single
        } else if Value.self is any Storable.Type {
            self.begin(.single)
            try self.owner.write(value, to: self.output, depth: self.depth, path: self.path)
        } else {
            try self.encode(value)
        }
    }

    func singleNull() throws {
        try self.checkTurn()
        self.begin(.single)
        self.output.writer.write(byte: BinaryForm.Tag.null.rawValue)
    }

    /// Runs what writes a key or an element and its value, and takes back what it wrote if it throws.
    func whole(_ body: () throws -> Void) throws {
        try self.checkTurn()
        let start = self.output.writer.count
        do {
            try body()
        } catch {
            self.output.writer.truncate(to: start)
            throw error
        }
    }

    /// A place whose value may be written later.
    func part(_ key: any CodingKey) -> ValueEncoder {
        if self.output.writing !== self { self.owner.fail("value of its own (used out of turn)", at: self.place) }
        return self.owner.part(depth: self.depth, path: CodingStep(key, above: self.path), in: self.output)
    }
}

struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { self.encoder.codingPath }

    mutating func encodeNil(forKey key: Key) throws {
        try self.encoder.whole {
            self.encoder.owner.write(key: key.stringValue, to: self.encoder.output)
            self.encoder.output.writer.write(byte: BinaryForm.Tag.null.rawValue)
        }
    }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try self.encoder.whole {
            self.encoder.owner.write(key: key.stringValue, to: self.encoder.output)
            let path = CodingStep(key, above: self.encoder.path)
            try self.encoder.owner.write(value, to: self.encoder.output, depth: self.encoder.depth, path: path)
        }
    }

    private func part(_ key: any CodingKey) -> ValueEncoder {
        self.encoder.owner.write(key: key.stringValue, to: self.encoder.output)
        return self.encoder.part(key)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        self.part(key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        self.part(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { self.part(PlaceKey.superclass) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { self.part(key) }
}

struct UnkeyedEncoding: UnkeyedEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { self.encoder.codingPath }
    var count: Int { Int(self.encoder.count) }

    mutating func encodeNil() throws {
        try self.encoder.checkTurn()
        self.encoder.output.writer.write(byte: BinaryForm.Tag.null.rawValue)
        try self.countOne()
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try self.encoder.whole {
            let path = CodingStep(PlaceKey(self.count), above: self.encoder.path)
            try self.encoder.owner.write(value, to: self.encoder.output, depth: self.encoder.depth, path: path)
        }
        try self.countOne()
    }

    private func countOne() throws {
        guard self.encoder.count < UInt32.max else { throw CodecError(.tooLarge, "a container", offset: 0) }
        self.encoder.count += 1
    }

    private func part() -> ValueEncoder {
        defer { self.encoder.count &+= 1 }
        return self.encoder.part(PlaceKey(self.count))
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        self.part().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self.part().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { self.part() }
}

struct SingleEncoding: SingleValueEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { self.encoder.codingPath }

    mutating func encodeNil() throws { try self.encoder.singleNull() }
    mutating func encode<Value: Encodable>(_ value: Value) throws { try self.encoder.single(value) }
}
