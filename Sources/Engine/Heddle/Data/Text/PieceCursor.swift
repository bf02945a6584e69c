/// What ends a piece of a text.
@usableFromInline protocol PieceEnd: Sendable {
    /// The highest bit of every byte that ends a piece.
    func flags(in word: UInt64) -> UInt64
    func matches(_ byte: UInt8) -> Bool
}

@frozen @usableFromInline struct WhitespaceEnd: PieceEnd {
    @inlinable init() {}
    @inlinable @inline(__always) func flags(in word: UInt64) -> UInt64 { ByteScan.whitespace(word) }
    @inlinable @inline(__always) func matches(_ byte: UInt8) -> Bool { ByteScan.isWhitespace(byte) }
}

@frozen @usableFromInline struct ByteEnd: PieceEnd {
    @usableFromInline let byte: UInt8
    @usableFromInline let pattern: UInt64

    @inlinable init(_ byte: UInt8) {
        self.byte = byte
        self.pattern = ByteScan.pattern(byte)
    }

    @inlinable @inline(__always) func flags(in word: UInt64) -> UInt64 { ByteScan.equal(word, self.pattern) }
    @inlinable @inline(__always) func matches(_ byte: UInt8) -> Bool { byte == self.byte }
}

/// Walks a text piece by piece and allocates nothing: pieces of up to 15 bytes are values, longer ones share the buffer.
@safe @frozen @usableFromInline struct PieceCursor<End: PieceEnd>: @unchecked Sendable {
    @usableFromInline let end: End
    /// The buffer of a long text; the next four are its.
    @usableFromInline let owner: TextBuffer?
    @usableFromInline var cursor: UInt
    @usableFromInline let stop: UInt
    /// Up to here 16 bytes may be read at once.
    @usableFromInline let limit: UInt
    /// What is left of a text that stands in its value.
    @usableFromInline var rest: InlineBytes

    @inlinable init(_ text: Text, end: End) {
        self.end = end
        self.owner = text.owner
        if let owner = text.owner {
            self.cursor = UInt(text.low)
            self.stop = self.cursor &+ UInt(truncatingIfNeeded: text.count)
            self.limit = unsafe UInt(bitPattern: owner.end)
            self.rest = InlineBytes(low: 0, high: 0, count: 0)
        } else {
            self.cursor = 0
            self.stop = 0
            self.limit = 0
            self.rest = InlineBytes(low: text.low, high: ByteScan.keep(text.high, 7), count: text.count)
        }
    }

    /// Whether the text stands in its value; then there is no memory to read.
    @inlinable @inline(__always) var isInline: Bool { self.limit == 0 }

    @inlinable @inline(__always) var isAtEnd: Bool { self.cursor == self.stop && self.rest.count == 0 }

    @inlinable @inline(__always) static func word(at address: UInt) -> UInt64 {
        unsafe UInt64(
            littleEndian: UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped.loadUnaligned(as: UInt64.self)
        )
    }

    @inlinable @inline(__always) static func byte(at address: UInt) -> UInt8 {
        unsafe UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped.load(as: UInt8.self)
    }

    /// Passes bytes that end pieces.
    @inlinable @inline(__always) mutating func skipEnds() {
        if self.isInline {
            while self.rest.count > 0, self.end.matches(self.rest.first) { self.rest.drop(1) }
            return
        }
        while self.cursor < self.stop, self.end.matches(Self.byte(at: self.cursor)) { self.cursor &+= 1 }
        extendLifetime(self.owner)
    }

    /// Passes one byte that ends a piece.
    @inlinable @inline(__always) mutating func skipEnd() {
        if self.isInline { self.rest.drop(1) } else { self.cursor &+= 1 }
    }

    /// The bytes up to the next that ends a piece, or to the end.
    @inlinable @inline(__always) mutating func take() -> Text {
        if self.isInline { return self.takeInline() }
        let start = self.cursor
        if start &+ 16 <= self.limit {
            let available = Int(bitPattern: self.stop &- start)
            let first = Self.word(at: start)
            // Without a flag the count of zeros is 64: all eight bytes.
            var count = min(self.end.flags(in: first).trailingZeroBitCount &>> 3, available)
            if count < 8 {
                self.cursor = start &+ UInt(bitPattern: count)
                return Text(low: ByteScan.keep(first, count), high: UInt64(truncatingIfNeeded: count) &<< 56)
            }
            let second = Self.word(at: start &+ 8)
            extendLifetime(self.owner)
            count = min((self.end.flags(in: second).trailingZeroBitCount &>> 3) &+ 8, available)
            if count < 16 {
                self.cursor = start &+ UInt(bitPattern: count)
                let high = ByteScan.keep(second, count &- 8) | UInt64(truncatingIfNeeded: count) &<< 56
                return Text(low: first, high: high)
            }
        }
        return self.takeLong()
    }

    /// Pieces that are long or near the end of the memory.
    @inlinable @inline(never) mutating func takeLong() -> Text {
        guard let owner = self.owner else { return Text() }
        defer { extendLifetime(owner) }
        let start = self.cursor
        while self.cursor &+ 8 <= self.stop {
            let flags = self.end.flags(in: Self.word(at: self.cursor))
            if flags != 0 {
                self.cursor &+= UInt(truncatingIfNeeded: flags.trailingZeroBitCount &>> 3)
                return self.piece(from: start, owner)
            }
            self.cursor &+= 8
        }
        while self.cursor < self.stop, !self.end.matches(Self.byte(at: self.cursor)) { self.cursor &+= 1 }
        return self.piece(from: start, owner)
    }

    @inlinable func piece(from start: UInt, _ owner: TextBuffer) -> Text {
        unsafe Text(
            from: UnsafeRawPointer(bitPattern: start).unsafelyUnwrapped,
            count: Int(bitPattern: self.cursor &- start),
            owner: owner
        )
    }

    @inlinable @inline(never) mutating func takeInline() -> Text {
        let low = self.end.flags(in: self.rest.low)
        let high = self.end.flags(in: self.rest.high)
        // Bytes above the count are zero and may end a piece too.
        let found = low != 0 ? low.trailingZeroBitCount &>> 3 : 8 &+ (high.trailingZeroBitCount &>> 3)
        return self.rest.take(min(found, self.rest.count))
    }
}

/// The content of a short text, from which bytes are taken at the front.
@frozen @usableFromInline struct InlineBytes: Sendable {
    @usableFromInline var low: UInt64
    @usableFromInline var high: UInt64
    @usableFromInline var count: Int

    @inlinable init(low: UInt64, high: UInt64, count: Int) {
        self.low = low
        self.high = high
        self.count = count
    }

    @inlinable var first: UInt8 { UInt8(truncatingIfNeeded: self.low) }

    @inlinable mutating func drop(_ bytes: Int) {
        if bytes >= 8 {
            self.low = self.high >> UInt64(truncatingIfNeeded: 8 &* (bytes &- 8))
            self.high = 0
        } else if bytes > 0 {
            self.low = self.low &>> UInt64(8 &* bytes) | self.high &<< UInt64(64 &- 8 &* bytes)
            self.high &>>= UInt64(8 &* bytes)
        }
        self.count &-= bytes
    }

    @inlinable mutating func take(_ bytes: Int) -> Text {
        defer { self.drop(bytes) }
        let mark = UInt64(truncatingIfNeeded: bytes) &<< 56
        if bytes >= 8 { return Text(low: self.low, high: ByteScan.keep(self.high, bytes &- 8) | mark) }
        return Text(low: ByteScan.keep(self.low, bytes), high: mark)
    }
}
