/// How values of one type are written and read: found out once for an operator and used for all its elements.
///
/// A type that is `Storable` is written in its own form, and where the compiler knows the type it is part of the loop that
/// writes. Any other `Codable` type is written through its `encode(to:)`.
@frozen public struct Codec<Value>: Sendable {
    @usableFromInline let storeOne: @Sendable (Value, inout ByteWriter) throws -> Void
    @usableFromInline let loadOne: @Sendable (inout ByteReader) throws -> Value
    @usableFromInline let storeMany: @Sendable ([Value], inout ByteWriter) throws -> Void
    @usableFromInline let loadMany: @Sendable (inout ByteReader) throws -> [Value]

    @inlinable init(
        storeOne: @escaping @Sendable (Value, inout ByteWriter) throws -> Void,
        loadOne: @escaping @Sendable (inout ByteReader) throws -> Value,
        storeMany: @escaping @Sendable ([Value], inout ByteWriter) throws -> Void,
        loadMany: @escaping @Sendable (inout ByteReader) throws -> [Value]
    ) {
        self.storeOne = storeOne
        self.loadOne = loadOne
        self.storeMany = storeMany
        self.loadMany = loadMany
    }

    /// Writes one value.
    /// - Throws: `CodecError` for a value that is nested too deep or too large, and what the value's own code throws.
    @inlinable @inline(__always) public func store(_ value: Value, to writer: inout ByteWriter) throws {
        // Decided when this is compiled for a type; the bytes are the same.
        if Value.self == Text.self { return unsafe unsafeBitCast(value, to: Text.self).store(to: &writer) }
        if Value.self == Int.self { return unsafe unsafeBitCast(value, to: Int.self).store(to: &writer) }
        if Value.self == Double.self { return unsafe unsafeBitCast(value, to: Double.self).store(to: &writer) }
        try self.storeOne(value, &writer)
    }

    /// Reads one value.
    /// - Throws: `CodecError` where the bytes are cut or say something else, and what the value's own code throws.
    @inlinable @inline(__always) public func load(from reader: inout ByteReader) throws -> Value {
        if Value.self == Text.self { return try unsafe unsafeBitCast(Text.load(from: &reader), to: Value.self) }
        if Value.self == Int.self { return try unsafe unsafeBitCast(Int.load(from: &reader), to: Value.self) }
        if Value.self == Double.self { return try unsafe unsafeBitCast(Double.load(from: &reader), to: Value.self) }
        return try self.loadOne(&reader)
    }

    /// Writes many values and their count; smaller and faster than one by one.
    /// - Throws: as `store(_:to:)`.
    @inlinable public func store(contentsOf values: [Value], to writer: inout ByteWriter) throws {
        try self.storeMany(values, &writer)
    }

    /// Reads what `store(contentsOf:to:)` wrote.
    /// - Throws: as `load(from:)`.
    @inlinable public func loadAll(from reader: inout ByteReader) throws -> [Value] {
        try self.loadMany(&reader)
    }

    /// The bytes of one value.
    /// - Throws: as `store(_:to:)`.
    public func encode(_ value: Value) throws -> [UInt8] {
        var writer = ByteWriter()
        try self.storeOne(value, &writer)
        return writer.bytes()
    }

    /// The value of bytes that hold nothing else.
    /// - Throws: as `load(from:)`; also where bytes are left.
    public func decode(_ bytes: [UInt8]) throws -> Value {
        var reader = ByteReader(bytes)
        let value = try self.loadOne(&reader)
        guard reader.isAtEnd else { throw reader.corrupt("a \(Value.self) and nothing else") }
        return value
    }
}

extension Codec where Value: Codable & SendableMetatype {
    /// The way of a type that may be known only when the program runs.
    @inlinable public init() {
        self.init(finding: Value.self)
    }

    @inlinable init(finding type: Value.Type) {
        if let type = Value.self as? any (Storable & SendableMetatype).Type,
            let codec = Codec<Value>.stored(type) as? Codec<Value>
        {
            self = codec
        } else {
            self = Codec.encoded()
        }
    }

    @inlinable static func stored<Stored: Storable & SendableMetatype>(_ type: Stored.Type) -> any Sendable {
        Codec<Stored>(storing: type)
    }

    @usableFromInline static func encoded() -> Codec {
        Codec(
            storeOne: { value, writer in
                let encoder = BinaryEncoder()
                try encoder.encode(value)
                try encoder.finish(into: &writer)
            },
            loadOne: { reader in try BinaryDecoder(&reader).decode(Value.self) },
            storeMany: { values, writer in
                let encoder = BinaryEncoder()
                for value in values { try encoder.encode(value) }
                writer.write(varint: UInt64(values.count))
                try encoder.finish(into: &writer)
            },
            loadMany: { reader in
                let count = try reader.readCount("values")
                let decoder = try BinaryDecoder(&reader)
                var values: [Value] = []
                values.reserveCapacity(min(count, 1 << 16))
                for _ in 0..<count { values.append(try decoder.decode(Value.self)) }
                return values
            }
        )
    }
}

extension Codec where Value: Storable & SendableMetatype {
    /// The way of a type that is known to write itself.
    @inlinable public init(storing type: Value.Type) {
        self.init(
            storeOne: { value, writer in value.store(to: &writer) },
            loadOne: { reader in try Value.load(from: &reader) },
            storeMany: { values, writer in values.store(to: &writer) },
            loadMany: { reader in try [Value].load(from: &reader) }
        )
    }
}

extension Codec where Value: Codable & Storable & SendableMetatype {
    /// The way of a type that is known to write itself.
    @inlinable public init() { self.init(storing: Value.self) }
}

extension Codec {
    /// The way of pairs whose parts may be known only when the program runs. Where both write themselves the bytes are those
    /// of `Pair`'s own form, and the loops are compiled for the parts.
    @_disfavoredOverload
    @inlinable public init<Key: Codable & SendableMetatype, Part: Codable & SendableMetatype>()
    where Value == Pair<Key, Part> {
        guard Key.self is any Storable.Type, Part.self is any Storable.Type else {
            self.init(finding: Value.self)
            return
        }
        let (keys, parts) = (Codec<Key>(finding: Key.self), Codec<Part>(finding: Part.self))
        self.init(
            storeOne: { pair, writer in
                try keys.store(pair.key, to: &writer)
                try parts.store(pair.value, to: &writer)
            },
            loadOne: { reader in
                let key = try keys.load(from: &reader)
                return Pair(key, try parts.load(from: &reader))
            },
            storeMany: { pairs, writer in
                writer.write(varint: UInt64(truncatingIfNeeded: pairs.count))
                let start = writer.count
                for pair in pairs {
                    try keys.store(pair.key, to: &writer)
                    try parts.store(pair.value, to: &writer)
                }
                writer.fill(pairs.count - (writer.count - start))
            },
            loadMany: { reader in
                let count = try reader.readCount("an array")
                let start = reader.offset
                var pairs: [Value] = []
                pairs.reserveCapacity(Swift.min(count, 1 << 16))
                for _ in 0..<count {
                    let key = try keys.load(from: &reader)
                    pairs.append(Pair(key, try parts.load(from: &reader)))
                }
                try reader.passFill(count - (reader.offset - start))
                return pairs
            }
        )
    }
}
