/// Values as they travel between processes of one program.
@usableFromInline enum Portable {
    @inlinable static func encode<Value: Codable & Sendable>(_ value: Value) throws -> [UInt8] {
        var writer = ByteWriter()
        try Codec<Value>().store(value, to: &writer)
        return writer.bytes()
    }

    @inlinable static func decode<Value: Codable & Sendable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        var reader = ByteReader(bytes)
        return try Codec<Value>().load(from: &reader)
    }
}
