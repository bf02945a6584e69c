extension Text {
    /// Whether it begins with these bytes.
    @inlinable public func hasPrefix(_ other: Text) -> Bool {
        self.count >= other.count && self[0..<other.count] == other
    }

    /// Whether it ends with these bytes.
    @inlinable public func hasSuffix(_ other: Text) -> Bool {
        self.count >= other.count && self[(self.count - other.count)..<self.count] == other
    }

    /// Whether these bytes stand somewhere in it, one after the other.
    @inlinable public func contains(_ other: Text) -> Bool { self.firstRange(of: other) != nil }

    /// Whether this byte stands somewhere in it.
    @inlinable public func contains(_ byte: UInt8) -> Bool { self.firstIndex(of: byte) != nil }

    /// Where these bytes first stand.
    /// - Returns: their offsets in bytes; an empty text stands at 0.
    public func firstRange(of other: Text) -> Range<Int>? {
        guard other.count > 0 else { return 0..<0 }
        return unsafe self.withUnsafeBytes { bytes in
            unsafe other.withUnsafeBytes { sought in
                guard let start = bytes.baseAddress, let found = unsafe Memory.first(sought, in: bytes) else {
                    return nil
                }
                let offset = unsafe found - start
                return offset..<(offset + sought.count)
            }
        }
    }

    /// Where this byte first stands.
    /// - Returns: its offset in bytes.
    public func firstIndex(of byte: UInt8) -> Int? {
        unsafe self.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let found = unsafe Memory.first(byte, start, bytes.count) else {
                return nil
            }
            return unsafe found - start
        }
    }

    /// Without ASCII whitespace at both ends.
    @inlinable public func trimmed() -> Text {
        var (start, end) = (0, self.count)
        while start < end, ByteScan.isWhitespace(self.byte(at: start)) { start += 1 }
        while end > start, ByteScan.isWhitespace(self.byte(at: end - 1)) { end -= 1 }
        return self[start..<end]
    }

    /// With the ASCII letters A to Z as a to z; other bytes stay.
    @inlinable public func lowercasedASCII() -> Text {
        self.isInline
            ? Text(low: ByteScan.lowercased(self.low), high: ByteScan.lowercased(self.high))
            : self.mapped(ByteScan.lowercased)
    }

    /// With the ASCII letters a to z as A to Z; other bytes stay.
    @inlinable public func uppercasedASCII() -> Text {
        self.isInline
            ? Text(low: ByteScan.uppercased(self.low), high: ByteScan.uppercased(self.high))
            : self.mapped(ByteScan.uppercased)
    }

    @usableFromInline func mapped(_ change: (UInt64) -> UInt64) -> Text {
        unsafe self.withUnsafeBytes { bytes in
            unsafe TextBuffer(capacity: bytes.count) { memory in
                for index in bytes.indices {
                    unsafe memory[index] = UInt8(truncatingIfNeeded: change(UInt64(bytes[index])))
                }
                return bytes.count
            }.text
        }
    }
}

extension ByteScan {
    /// Bytes between two ASCII characters, both included.
    @inlinable static func between(_ first: UInt8, _ last: UInt8, _ word: UInt64) -> UInt64 {
        let low = word & Self.lowBits
        let atLeast = low &+ Self.pattern(0x80 - first)
        let above = low &+ Self.pattern(0x7F - last)
        return atLeast & ~above & ~word & ~Self.lowBits
    }

    @inlinable static func lowercased(_ word: UInt64) -> UInt64 {
        word | Self.between(UInt8(ascii: "A"), UInt8(ascii: "Z"), word) &>> 2
    }

    @inlinable static func uppercased(_ word: UInt64) -> UInt64 {
        word & ~(Self.between(UInt8(ascii: "a"), UInt8(ascii: "z"), word) &>> 2)
    }
}
