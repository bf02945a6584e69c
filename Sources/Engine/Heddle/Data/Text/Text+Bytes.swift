extension Text {
    /// The bytes as a collection.
    @inlinable public var bytes: Bytes { Bytes(text: self) }

    /// The bytes of a text.
    @frozen public struct Bytes: RandomAccessCollection, Sendable {
        public let text: Text

        @inlinable init(text: Text) { self.text = text }

        @inlinable public var startIndex: Int { 0 }
        @inlinable public var endIndex: Int { self.text.count }

        @inlinable public subscript(position: Int) -> UInt8 {
            precondition(position >= 0 && position < self.text.count, "no byte there")
            return self.text.byte(at: position)
        }

        @inlinable public func withContiguousStorageIfAvailable<Result>(
            _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
        ) rethrows -> Result? {
            unsafe try self.text.withUnsafeBytes { bytes in
                unsafe try bytes.withMemoryRebound(to: UInt8.self) { unsafe try body($0) }
            }
        }
    }

    /// A byte whose place is known to exist.
    @inlinable func byte(at position: Int) -> UInt8 {
        if self.isInline {
            let word = position < 8 ? self.low : self.high
            return UInt8(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: 8 &* (position & 7)))
        }
        defer { withExtendedLifetime(self.owner) {} }
        return unsafe (self.address + position).load(as: UInt8.self)
    }

    /// The first byte, if there is one.
    @inlinable public var first: UInt8? { self.isEmpty ? nil : self.byte(at: 0) }

    /// The last byte, if there is one.
    @inlinable public var last: UInt8? { self.isEmpty ? nil : self.byte(at: self.count &- 1) }

    /// A part, without copying more than 15 bytes.
    /// - Parameter range: offsets in bytes; a range outside the text traps.
    @inlinable public subscript(range: Range<Int>) -> Text {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.count, "a range outside the text")
        if let owner = self.owner {
            return unsafe Text(from: self.address + range.lowerBound, count: range.count, owner: owner)
        }
        var bytes = InlineBytes(low: self.low, high: ByteScan.keep(self.high, 7), count: self.count)
        bytes.drop(range.lowerBound)
        return bytes.take(range.count)
    }

    /// A part, without copying more than 15 bytes.
    /// - Parameter range: offsets in bytes; a range outside the text traps.
    @inlinable public subscript(range: some RangeExpression<Int>) -> Text {
        self[range.relative(to: self.bytes)]
    }

    /// All but so many bytes at the start; empty if there are not that many.
    @inlinable public func dropFirst(_ bytes: Int) -> Text {
        self[min(max(bytes, 0), self.count)..<self.count]
    }

    /// All but so many bytes at the end; empty if there are not that many.
    @inlinable public func dropLast(_ bytes: Int) -> Text {
        self[0..<max(self.count - max(bytes, 0), 0)]
    }

    /// So many bytes at the start, or all of them.
    @inlinable public func prefix(_ bytes: Int) -> Text {
        self[0..<min(max(bytes, 0), self.count)]
    }

    /// Both, one after the other, in a buffer of their own if they take more than 15 bytes.
    public static func + (left: Text, right: Text) -> Text {
        Text.joined([left, right])
    }

    /// All parts, one after the other.
    /// - Parameters:
    ///   - parts: what is joined.
    ///   - separator: what stands between them.
    public static func joined(_ parts: some Collection<Text>, separator: Text = Text()) -> Text {
        let count = parts.reduce(separator.count * max(parts.count - 1, 0)) { $0 + $1.count }
        return unsafe TextBuffer(capacity: count) { memory in
            var filled = 0
            for part in parts {
                for piece in filled == 0 && part == parts.first ? [part] : [separator, part] {
                    unsafe piece.withUnsafeBytes { unsafe memory[filled...].copyBytes(from: $0) }
                    filled += piece.count
                }
            }
            return filled
        }.text
    }
}
