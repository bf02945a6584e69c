/// Numbers of 64 bits, of which most are small: alone by varints, together in as many bytes each as the largest needs.
@usableFromInline protocol PackedNumber: FixedWidthInteger, BitwiseCopyable, Storable {
    /// The same number without a sign, small if this one is near zero.
    var packed: UInt64 { get }
    init(packed: UInt64)
}

extension PackedNumber where Self: UnsignedInteger {
    @inlinable @inline(__always) var packed: UInt64 { UInt64(truncatingIfNeeded: self) }
    @inlinable @inline(__always) init(packed: UInt64) { self.init(truncatingIfNeeded: packed) }
}

extension PackedNumber where Self: SignedInteger {
    @inlinable @inline(__always) var packed: UInt64 {
        let number = Int64(truncatingIfNeeded: self)
        return UInt64(bitPattern: number &<< 1 ^ number &>> 63)
    }
    @inlinable @inline(__always) init(packed: UInt64) {
        self.init(truncatingIfNeeded: Int64(bitPattern: packed &>> 1 ^ (0 &- (packed & 1))))
    }
}

extension PackedNumber {
    @inlinable @inline(__always) public func store(to writer: inout ByteWriter) {
        writer.write(varint: self.packed)
    }

    @inlinable @inline(__always) public static func load(from reader: inout ByteReader) throws -> Self {
        Self(packed: try reader.readVarint())
    }

    @inlinable public static func storeAll(_ values: Span<Self>, to writer: inout ByteWriter) {
        guard values.count > 0 else { return }
        var all: UInt64 = 0
        for index in values.indices { all |= values[index].packed }
        let bits = 64 - all.leadingZeroBitCount
        writer.reserve(1 + 8 * values.count)
        if bits <= 8 {
            writer.write(byte: 1)
            for index in values.indices { writer.write(fixed: UInt8(truncatingIfNeeded: values[index].packed)) }
        } else if bits <= 16 {
            writer.write(byte: 2)
            for index in values.indices { writer.write(fixed: UInt16(truncatingIfNeeded: values[index].packed)) }
        } else if bits <= 32 {
            writer.write(byte: 4)
            for index in values.indices { writer.write(fixed: UInt32(truncatingIfNeeded: values[index].packed)) }
        } else {
            writer.write(byte: 8)
            for index in values.indices { writer.write(fixed: values[index].packed) }
        }
    }

    @inlinable public static func loadAll(
        _ count: Int,
        into values: inout [Self],
        from reader: inout ByteReader
    ) throws {
        guard count > 0 else { return }
        let width = try reader.readByte()
        guard width == 1 || width == 2 || width == 4 || width == 8 else { throw reader.corrupt("numbers") }
        guard reader.remaining / Int(width) >= count else { throw reader.truncated("numbers") }
        values.reserveCapacity(values.count + count)
        switch width {
        case 1: for _ in 0..<count { values.append(Self(packed: UInt64(try reader.readFixed(UInt8.self)))) }
        case 2: for _ in 0..<count { values.append(Self(packed: UInt64(try reader.readFixed(UInt16.self)))) }
        case 4: for _ in 0..<count { values.append(Self(packed: UInt64(try reader.readFixed(UInt32.self)))) }
        default: for _ in 0..<count { values.append(Self(packed: try reader.readFixed(UInt64.self))) }
        }
    }
}

extension Int: Storable, PackedNumber {}
extension Int64: Storable, PackedNumber {}
extension UInt: Storable, PackedNumber {}
extension UInt64: Storable, PackedNumber {}

/// Values that are written as their memory, together by one copy.
@usableFromInline protocol PlainValue: BitwiseCopyable, Storable {
    associatedtype Bits: FixedWidthInteger & BitwiseCopyable
    var bits: Bits { get }
    init(bits: Bits)
}

extension PlainValue {
    @inlinable @inline(__always) public func store(to writer: inout ByteWriter) {
        writer.write(fixed: self.bits)
    }

    @inlinable @inline(__always) public static func load(from reader: inout ByteReader) throws -> Self {
        Self(bits: try reader.readFixed(Bits.self))
    }

    @inlinable public static func storeAll(_ values: Span<Self>, to writer: inout ByteWriter) {
        unsafe values.withUnsafeBytes { unsafe writer.write(bytes: $0) }
    }

    @inlinable public static func loadAll(
        _ count: Int,
        into values: inout [Self],
        from reader: inout ByteReader
    ) throws {
        guard reader.remaining / MemoryLayout<Self>.size >= count else { throw reader.truncated("numbers") }
        let read = try unsafe reader.read(count: count * MemoryLayout<Self>.size) { bytes in
            unsafe [Self](unsafeUninitializedCapacity: count) { memory, filled in
                unsafe UnsafeMutableRawBufferPointer(memory).copyMemory(from: bytes)
                filled = count
            }
        }
        if values.isEmpty { values = read } else { values += read }
    }
}

extension PlainValue where Self: FixedWidthInteger, Bits == Self {
    @inlinable @inline(__always) var bits: Self { self }
    @inlinable @inline(__always) init(bits: Self) { self = bits }
}

extension UInt8: Storable, PlainValue {}
extension Int8: Storable, PlainValue {}
extension UInt16: Storable, PlainValue {}
extension Int16: Storable, PlainValue {}
extension UInt32: Storable, PlainValue {}
extension Int32: Storable, PlainValue {}
extension Double: Storable, PlainValue {
    @inlinable @inline(__always) var bits: UInt64 { self.bitPattern }
    @inlinable @inline(__always) init(bits: UInt64) { self.init(bitPattern: bits) }
}
extension Float: Storable, PlainValue {
    @inlinable @inline(__always) var bits: UInt32 { self.bitPattern }
    @inlinable @inline(__always) init(bits: UInt32) { self.init(bitPattern: bits) }
}

extension Bool: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        writer.write(byte: self ? 1 : 0)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> Bool {
        let byte = try reader.readByte()
        guard byte < 2 else { throw reader.corrupt("a Bool") }
        return byte == 1
    }
}
