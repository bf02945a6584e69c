// Reading and writing the protocol's numbers. Readers work in place on a span and move an offset, so that one pass over
// a received buffer decodes it without copies.

extension Span where Element == UInt8 {
    /// A protobuf varint of up to 64 bits that ends before `end`.
    func varint(at offset: inout Int, before end: Int) throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = self[offset]
            offset += 1
            // The tenth byte holds one bit.
            if shift == 63, byte > 1 { throw .malformedVarint }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
            if shift > 63 { throw .malformedVarint }
        }
        throw .truncated
    }

    /// The place of a length-delimited run of bytes that ends before `end`.
    func delimited(at offset: inout Int, before end: Int) throws(WireError) -> Range<Int> {
        let length = try self.varint(at: &offset, before: end)
        guard length <= UInt64(end - offset) else { throw .truncated }
        let start = offset
        offset += Int(length)
        return start..<offset
    }

    /// Skips the value of a protobuf field. Groups were never used by Hadoop and count as malformed.
    func skipField(wireType: UInt64, at offset: inout Int, before end: Int) throws(WireError) {
        switch wireType {
        case 0: _ = try self.varint(at: &offset, before: end)
        case 1: try self.skip(8, at: &offset, before: end)
        case 2: _ = try self.delimited(at: &offset, before: end)
        case 5: try self.skip(4, at: &offset, before: end)
        default: throw .malformedField
        }
    }

    private func skip(_ count: Int, at offset: inout Int, before end: Int) throws(WireError) {
        guard count <= end - offset else { throw .truncated }
        offset += count
    }

    func array(_ range: Range<Int>) -> [UInt8] {
        unsafe self.extracting(range).withUnsafeBufferPointer { bytes in unsafe Array(bytes) }
    }

    func string(_ range: Range<Int>) throws(WireError) -> String {
        do {
            return String(copying: try UTF8Span(validating: self.extracting(range)))
        } catch {
            throw .invalidUTF8
        }
    }

    /// Whether the bytes at `range` are `other`.
    func equals(_ other: [UInt8], at range: Range<Int>) -> Bool {
        guard range.count == other.count else { return false }
        var index = 0
        while index < other.count {
            if self[range.lowerBound + index] != other[index] { return false }
            index += 1
        }
        return true
    }

    func bigEndianInt32(at offset: Int) -> Int32 {
        var value: UInt32 = 0
        for index in offset..<offset + 4 {
            value = value << 8 | UInt32(self[index])
        }
        return Int32(bitPattern: value)
    }
}

extension [UInt8] {
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest > 0x7F {
            self.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.append(UInt8(rest))
    }

    mutating func append(bigEndian value: UInt32) {
        self.append(UInt8(truncatingIfNeeded: value >> 24))
        self.append(UInt8(truncatingIfNeeded: value >> 16))
        self.append(UInt8(truncatingIfNeeded: value >> 8))
        self.append(UInt8(truncatingIfNeeded: value))
    }

    /// A length-delimited run of bytes, with the field's tag if it has one.
    mutating func append(delimited bytes: some Collection<UInt8>, tag: UInt8? = nil) {
        if let tag { self.append(tag) }
        self.append(varint: UInt64(bytes.count))
        self.append(contentsOf: bytes)
    }

    /// Bytes that `append(varint:)` takes for this value.
    static func varintLength(_ value: UInt64) -> Int {
        value == 0 ? 1 : (70 - value.leadingZeroBitCount) / 7
    }
}

/// Zig-zag, protobuf's form of `sint32`.
func zigZag(_ value: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31)))
}

/// The number of a zig-zag form.
func unZigZag(_ value: UInt64) throws(WireError) -> Int32 {
    guard let bits = UInt32(exactly: value) else { throw .malformedVarint }
    return Int32(bitPattern: bits >> 1) ^ -Int32(bitPattern: bits & 1)
}
