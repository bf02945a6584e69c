/// Text as bytes: what files, lines, words and keys are made of. It need not be valid UTF-8; whoever wants characters asks
/// for a `String`.
///
/// A text takes 24 bytes. Up to 15 bytes of content stand in the value itself and cost no memory management; more than
/// that are a part of a shared `TextBuffer`, so that a line of a file copies nothing. A long text keeps its whole buffer
/// alive; `detached()` gives one that does not.
@frozen public struct Text: Sendable {
    /// Whose bytes these are; nil for up to 15 bytes, which stand in the two words.
    @usableFromInline let owner: TextBuffer?
    /// The first eight bytes, the first of them lowest; or the address of the first byte.
    @usableFromInline let low: UInt64
    /// The next seven bytes and above them the count; or the count and the highest bit.
    @usableFromInline let high: UInt64

    /// The longest content that needs no buffer, in bytes.
    @inlinable static var inlineMaximum: Int { 15 }
    @inlinable static var sharedFlag: UInt64 { 1 << 63 }

    /// The two words of up to 15 bytes.
    @inlinable @inline(__always) init(low: UInt64, high: UInt64) {
        self.owner = nil
        self.low = low
        self.high = high
    }

    @inlinable @inline(__always) init(owner: TextBuffer, low: UInt64, high: UInt64) {
        self.owner = owner
        self.low = low
        self.high = high
    }

    /// Bytes of a buffer: copied into the value where they fit, shared otherwise.
    @inlinable @inline(__always) @unsafe init(from start: UnsafeRawPointer, count: Int, owner: TextBuffer) {
        if count <= Text.inlineMaximum {
            let words = unsafe Text.pack(start, count)
            self.init(low: words.low, high: words.high)
        } else {
            let address = UInt64(UInt(bitPattern: start))
            self.init(owner: owner, low: address, high: UInt64(truncatingIfNeeded: count) | Text.sharedFlag)
        }
    }

    /// A copy of bytes.
    @unsafe public init(copying bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress, bytes.count <= Text.inlineMaximum {
            let words = unsafe Text.pack(start, bytes.count)
            self.init(low: words.low, high: words.high)
        } else if bytes.count == 0 {
            self.init()
        } else {
            self = unsafe TextBuffer(capacity: bytes.count) { memory in
                unsafe memory.copyMemory(from: bytes)
                return bytes.count
            }.text
        }
    }

    /// Reads exactly the given bytes and no others, by words that overlap.
    @inlinable @inline(__always) @unsafe static func pack(
        _ start: UnsafeRawPointer,
        _ count: Int
    ) -> (low: UInt64, high: UInt64) {
        let mark = UInt64(truncatingIfNeeded: count) << 56
        if count >= 8 {
            let tail = unsafe UInt64(littleEndian: (start + (count - 8)).loadUnaligned(as: UInt64.self))
            let high = count == 8 ? 0 : tail &>> (8 &* UInt64(truncatingIfNeeded: 16 &- count))
            return unsafe (UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)), high | mark)
        }
        if count >= 4 {
            let head = unsafe UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
            let tail = unsafe UInt64(UInt32(littleEndian: (start + (count - 4)).loadUnaligned(as: UInt32.self)))
            return (head | tail &<< (8 &* UInt64(truncatingIfNeeded: count &- 4)), mark)
        }
        guard count > 0 else { return (0, 0) }
        let middle = count &>> 1
        let head = unsafe UInt64(start.load(as: UInt8.self))
        let centre = unsafe UInt64((start + middle).load(as: UInt8.self))
        let tail = unsafe UInt64((start + (count - 1)).load(as: UInt8.self))
        let low = head | centre &<< UInt64(8 &* middle) | tail &<< UInt64(8 &* (count &- 1))
        return (low, mark)
    }

    /// An empty text.
    @inlinable public init() {
        self.init(low: 0, high: 0)
    }

    /// The UTF-8 of a string.
    public init(_ string: String) {
        var string = string
        self = string.withUTF8 { unsafe Text(copying: UnsafeRawBufferPointer($0)) }
    }

    /// The UTF-8 of a part of a string.
    public init(_ string: Substring) {
        self.init(string.utf8)
    }

    /// A copy of bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        let whole = Array(bytes)
        self = unsafe whole.withUnsafeBytes { unsafe Text(copying: $0) }
    }

    @inlinable var isInline: Bool { self.high < Text.sharedFlag }

    /// Length in bytes.
    @inlinable public var count: Int {
        Int(truncatingIfNeeded: self.isInline ? self.high &>> 56 : self.high & ~Text.sharedFlag)
    }

    /// Whether there are no bytes.
    @inlinable public var isEmpty: Bool { self.high == 0 }

    /// The first byte of a long text; valid as long as the owner is.
    @inlinable var address: UnsafeRawPointer {
        unsafe UnsafeRawPointer(bitPattern: UInt(self.low)).unsafelyUnwrapped
    }

    /// Calls a closure with the bytes, which are only valid during the call.
    @inlinable @unsafe public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        if self.isInline {
            let words = (self.low.littleEndian, self.high.littleEndian)
            return unsafe try Swift.withUnsafeBytes(of: words) {
                unsafe try body(UnsafeRawBufferPointer(rebasing: $0[..<self.count]))
            }
        }
        defer { withExtendedLifetime(self.owner) {} }
        return unsafe try body(UnsafeRawBufferPointer(start: self.address, count: self.count))
    }

    /// The same text with bytes of its own: it keeps no buffer alive that is larger than it.
    public func detached() -> Text {
        guard let owner = self.owner, owner.count > self.count else { return self }
        return unsafe self.withUnsafeBytes { unsafe Text(copying: $0) }
    }
}

extension Text: ExpressibleByStringLiteral {
    public init(stringLiteral value: StaticString) {
        guard value.hasPointerRepresentation else {
            self.init(String(value.unicodeScalar))
            return
        }
        let start = unsafe UnsafeRawPointer(value.utf8Start)
        // A literal's bytes are part of the program.
        self = unsafe TextBuffer(
            adopting: UnsafeRawBufferPointer(start: start, count: value.utf8CodeUnitCount),
            release: { _ in }
        ).text
    }
}

extension Text: CustomStringConvertible {
    /// The text as a string; bytes that are not UTF-8 become U+FFFD.
    public var description: String {
        unsafe self.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension Text: CustomDebugStringConvertible {
    public var debugDescription: String { self.description.debugDescription }
}

extension String {
    /// The text as a string; bytes that are not UTF-8 become U+FFFD.
    public init(_ text: Text) {
        self = text.description
    }
}
