extension Text: Storable {
    @inlinable @inline(__always) public func store(to writer: inout ByteWriter) {
        if self.isInline {
            writer.reserve(17)
            writer.write(byte: UInt8(truncatingIfNeeded: self.count &<< 1 | 1))
            writer.write(inline: self)
        } else {
            writer.write(varint: UInt64(truncatingIfNeeded: self.count))
            unsafe self.withUnsafeBytes { unsafe writer.write(bytes: $0) }
        }
    }

    @inlinable @inline(__always) public static func load(from reader: inout ByteReader) throws -> Text {
        try reader.readText(count: try reader.readCount("a text"))
    }
}

extension ByteWriter {
    /// The bytes of a short text, for which 16 bytes of room are there.
    @inlinable @inline(__always) mutating func write(inline text: Text) {
        let place = unsafe self.start + self.filled
        unsafe place.storeBytes(of: text.low.littleEndian, as: UInt64.self)
        unsafe (place + 8).storeBytes(of: text.high.littleEndian, as: UInt64.self)
        self.filled &+= text.count
    }
}

extension String: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        var string = self
        string.withUTF8 { bytes in
            writer.write(varint: UInt64(truncatingIfNeeded: bytes.count))
            unsafe writer.write(bytes: UnsafeRawBufferPointer(bytes))
        }
    }

    public static func load(from reader: inout ByteReader) throws -> String {
        let count = try reader.readCount("a string")
        let string = try unsafe reader.read(count: count) { unsafe String(validating: $0, as: UTF8.self) }
        guard let string else { throw reader.corrupt("a string") }
        return string
    }
}

extension Optional: Storable where Wrapped: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        if let value = self {
            writer.write(byte: 1)
            value.store(to: &writer)
        } else {
            writer.write(byte: 0)
        }
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> Wrapped? {
        switch try reader.readByte() {
        case 0: return nil
        case 1: return try Wrapped.load(from: &reader)
        default: throw reader.corrupt("an optional value")
        }
    }
}

extension Pair: Storable where Key: Storable, Value: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        self.key.store(to: &writer)
        self.value.store(to: &writer)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> Pair {
        let key = try Key.load(from: &reader)
        return Pair(key, try Value.load(from: &reader))
    }
}

extension Array: Storable where Element: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        writer.write(varint: UInt64(truncatingIfNeeded: self.count))
        Element.storeAll(self.span, to: &writer)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> [Element] {
        let count = try reader.readCount("an array")
        var values: [Element] = []
        try Element.loadAll(count, into: &values, from: &reader)
        return values
    }
}

extension ContiguousArray: Storable where Element: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        writer.write(varint: UInt64(truncatingIfNeeded: self.count))
        Element.storeAll(self.span, to: &writer)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> ContiguousArray {
        ContiguousArray(try [Element].load(from: &reader))
    }
}

extension Set: Storable where Element: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        Array(self).store(to: &writer)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> Set {
        Set(try [Element].load(from: &reader))
    }
}

extension Dictionary: Storable where Key: Storable, Value: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        self.map { Pair($0.key, $0.value) }.store(to: &writer)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> [Key: Value] {
        let pairs = try [Pair<Key, Value>].load(from: &reader)
        var result = [Key: Value](minimumCapacity: pairs.count)
        for pair in pairs { result[pair.key] = pair.value }
        return result
    }
}
