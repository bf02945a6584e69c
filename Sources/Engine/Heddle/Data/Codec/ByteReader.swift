/// Reads values from bytes in the order in which they were written. It looks at nothing outside the bytes: what is cut
/// or was changed makes an error or another value, never a crash, and takes memory in proportion to the bytes only.
@safe @frozen public struct ByteReader: ~Copyable, @unchecked Sendable {
    @usableFromInline let buffer: TextBuffer
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline var end: UnsafeRawPointer
    /// Whether long texts that are read share the buffer instead of copying their bytes.
    public let sharesText: Bool

    /// - Parameters:
    ///   - buffer: the bytes.
    ///   - range: the part of them to read, in bytes; all of them if nil. One outside the buffer traps.
    ///   - sharesText: whether texts of more than 15 bytes share the buffer, and so keep all of it alive.
    @inlinable public init(_ buffer: TextBuffer, in range: Range<Int>? = nil, sharesText: Bool = false) {
        let range = range ?? 0..<buffer.count
        precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count, "a range outside the buffer")
        self.buffer = buffer
        unsafe self.cursor = buffer.start + range.lowerBound
        unsafe self.end = buffer.start + range.upperBound
        self.sharesText = sharesText
    }

    /// Reads a copy of bytes.
    public init(_ bytes: [UInt8]) {
        self.init(TextBuffer(copying: bytes))
    }

    /// How many bytes are left.
    @inlinable public var remaining: Int { unsafe self.end - self.cursor }

    /// How many bytes of the buffer lie before the next that is read.
    @inlinable public var offset: Int { unsafe self.cursor - self.buffer.start }

    /// Whether all bytes were read.
    @inlinable public var isAtEnd: Bool { unsafe self.cursor == self.end }

    /// The error of bytes that end within something.
    @inline(never) public func truncated(_ what: String) -> CodecError {
        CodecError(.truncated, what, offset: self.offset)
    }

    /// The error of bytes that are not something.
    @inline(never) public func corrupt(_ what: String) -> CodecError {
        CodecError(.corrupt, what, offset: self.offset)
    }

    /// One byte.
    @inlinable @inline(__always) public mutating func readByte() throws(CodecError) -> UInt8 {
        guard unsafe self.cursor < self.end else { throw self.truncated("a byte") }
        defer { unsafe self.cursor += 1 }
        return unsafe self.cursor.load(as: UInt8.self)
    }

    /// A number that was written in all its bytes.
    @inlinable @inline(__always) public mutating func readFixed<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(CodecError) -> Number {
        guard self.remaining >= MemoryLayout<Number>.size else { throw self.truncated("a number") }
        defer { unsafe self.cursor += MemoryLayout<Number>.size }
        return unsafe Number(littleEndian: self.cursor.loadUnaligned(as: Number.self))
    }

    /// A number that was written in 1 to 9 bytes.
    @inlinable @inline(__always) public mutating func readVarint() throws(CodecError) -> UInt64 {
        guard unsafe self.cursor < self.end else { throw self.truncated("a number") }
        let first = unsafe self.cursor.load(as: UInt8.self)
        if first & 1 != 0 {
            unsafe self.cursor += 1
            return UInt64(first &>> 1)
        }
        guard self.remaining >= 9 else { return try self.readVarintNearEnd(first) }
        if first == 0 {
            defer { unsafe self.cursor += 9 }
            return unsafe UInt64(littleEndian: (self.cursor + 1).loadUnaligned(as: UInt64.self))
        }
        let count = first.trailingZeroBitCount &+ 1
        let word = unsafe UInt64(littleEndian: self.cursor.loadUnaligned(as: UInt64.self))
        unsafe self.cursor += count
        let kept = word &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        return kept &>> UInt64(truncatingIfNeeded: 64 &- 7 &* count)
    }

    @usableFromInline @inline(never) mutating func readVarintNearEnd(_ first: UInt8) throws(CodecError) -> UInt64 {
        let count = first.trailingZeroBitCount + 1
        guard self.remaining >= count else { throw self.truncated("a number") }
        var word: UInt64 = 0
        for index in 0..<min(count, 8) {
            let byte = unsafe (self.cursor + index + (count == 9 ? 1 : 0)).load(as: UInt8.self)
            word |= UInt64(byte) << UInt64(8 * index)
        }
        unsafe self.cursor += count
        return count == 9 ? word : word >> UInt64(count)
    }

    /// A number with a sign that was written in 1 to 9 bytes.
    @inlinable @inline(__always) public mutating func readSigned() throws(CodecError) -> Int64 {
        let number = try self.readVarint()
        return Int64(bitPattern: number &>> 1 ^ (0 &- (number & 1)))
    }

    /// A count of things that take at least a byte each, so that no more of them are believed than there are bytes left.
    @inlinable public mutating func readCount(_ what: StaticString = "a count") throws(CodecError) -> Int {
        let number = try self.readVarint()
        guard number <= UInt64(truncatingIfNeeded: self.remaining) else { throw self.truncated("\(what)") }
        return Int(truncatingIfNeeded: number)
    }

    /// So many bytes as a text.
    @inlinable public mutating func readText(count: Int) throws(CodecError) -> Text {
        guard count >= 0, count <= self.remaining else { throw self.truncated("a text") }
        let start = unsafe self.cursor
        unsafe self.cursor += count
        if count <= Text.inlineMaximum {
            let words = unsafe Text.pack(start, count)
            return Text(low: words.low, high: words.high)
        }
        return unsafe self.sharesText
            ? Text(from: start, count: count, owner: self.buffer)
            : Text(copying: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Calls a closure with the next bytes and passes them.
    @inlinable @unsafe public mutating func read<Result>(
        count: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard count >= 0, count <= self.remaining else { throw self.truncated("bytes") }
        defer { unsafe self.cursor += count }
        return try unsafe body(UnsafeRawBufferPointer(start: self.cursor, count: count))
    }

    /// Passes bytes.
    @inlinable public mutating func skip(_ count: Int) throws(CodecError) {
        guard count >= 0, count <= self.remaining else { throw self.truncated("bytes to pass over") }
        unsafe self.cursor += count
    }
}
