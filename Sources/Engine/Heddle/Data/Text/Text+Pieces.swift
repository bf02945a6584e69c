extension Text {
    /// The runs of bytes that are not ASCII whitespace, in order; made one by one, without allocation.
    @inlinable public var words: Words { Words(self) }

    /// What stands between bytes of one value, empty pieces included: n separators make n + 1 pieces.
    /// - Parameter separator: the byte, for instance `UInt8(ascii: ",")`.
    @inlinable public func split(separator: UInt8) -> Split { Split(self, separator: separator) }

    /// The lines, without their ends (LF, or CR and LF). What follows the last line end is a line if it is not empty.
    @inlinable public var lines: Lines { Lines(self) }

    /// The words of a text.
    @frozen public struct Words: Sequence, Sendable {
        @usableFromInline let text: Text

        @inlinable init(_ text: Text) { self.text = text }

        @inlinable public func makeIterator() -> Iterator { Iterator(self.text) }

        @frozen public struct Iterator: IteratorProtocol, Sendable {
            @usableFromInline var cursor: PieceCursor<WhitespaceEnd>

            @inlinable init(_ text: Text) {
                self.cursor = PieceCursor(text, end: WhitespaceEnd())
            }

            @inlinable @inline(__always) public mutating func next() -> Text? {
                self.cursor.skipEnds()
                return self.cursor.isAtEnd ? nil : self.cursor.take()
            }
        }
    }

    /// The pieces of a text between separators.
    @frozen public struct Split: Sequence, Sendable {
        @usableFromInline let text: Text
        @usableFromInline let separator: UInt8

        @inlinable init(_ text: Text, separator: UInt8) {
            self.text = text
            self.separator = separator
        }

        @inlinable public func makeIterator() -> Iterator { Iterator(self.text, separator: self.separator) }

        @frozen public struct Iterator: IteratorProtocol, Sendable {
            @usableFromInline var cursor: PieceCursor<ByteEnd>
            @usableFromInline var isDone = false

            @inlinable init(_ text: Text, separator: UInt8) {
                self.cursor = PieceCursor(text, end: ByteEnd(separator))
            }

            @inlinable @inline(__always) public mutating func next() -> Text? {
                if self.isDone { return nil }
                let piece = self.cursor.take()
                if self.cursor.isAtEnd { self.isDone = true } else { self.cursor.skipEnd() }
                return piece
            }
        }
    }

    /// The lines of a text.
    @frozen public struct Lines: Sequence, Sendable {
        @usableFromInline let text: Text

        @inlinable init(_ text: Text) { self.text = text }

        @inlinable public func makeIterator() -> Iterator { Iterator(self.text) }

        @frozen public struct Iterator: IteratorProtocol, Sendable {
            @usableFromInline var cursor: PieceCursor<ByteEnd>

            @inlinable init(_ text: Text) {
                self.cursor = PieceCursor(text, end: ByteEnd(UInt8(ascii: "\n")))
            }

            @inlinable @inline(__always) public mutating func next() -> Text? {
                if self.cursor.isAtEnd { return nil }
                let line = self.cursor.takeFar()
                if !self.cursor.isAtEnd { self.cursor.skipEnd() }
                return line.last == UInt8(ascii: "\r") ? line.dropLast(1) : line
            }
        }
    }
}

extension PieceCursor where End == ByteEnd {
    /// `take()` for pieces that are mostly long.
    @inlinable mutating func takeFar() -> Text {
        guard let owner = self.owner else { return self.takeInline() }
        defer { withExtendedLifetime(owner) {} }
        let start = self.cursor
        let found = unsafe Memory.first(
            self.end.byte,
            UnsafeRawPointer(bitPattern: start).unsafelyUnwrapped,
            Int(bitPattern: self.stop &- start)
        )
        self.cursor = unsafe found.map { UInt(bitPattern: $0) } ?? self.stop
        return self.piece(from: start, owner)
    }
}
