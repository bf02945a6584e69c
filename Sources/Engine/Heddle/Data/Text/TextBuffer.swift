/// Bytes that never change, shared by the texts that are parts of them: a block of a file, a region of mapped memory, a
/// long text of its own. The bytes live as long as any text that refers to them.
@safe public final class TextBuffer: @unchecked Sendable {
    @usableFromInline let start: UnsafeRawPointer
    /// How many bytes there are.
    public let count: Int
    private let release: (@Sendable (UnsafeRawBufferPointer) -> Void)?

    /// A buffer of new memory, filled by a closure.
    /// - Parameters:
    ///   - capacity: bytes of memory to take.
    ///   - initialize: fills the memory from its start and returns how many bytes it filled, `capacity` at most.
    /// - Throws: what the closure throws.
    public init(capacity: Int, initializingWith initialize: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
        do {
            let filled = try unsafe initialize(UnsafeMutableRawBufferPointer(rebasing: memory[..<max(capacity, 0)]))
            precondition(filled >= 0 && filled <= capacity, "a closure that fills \(capacity) bytes said \(filled)")
            self.count = filled
        } catch {
            unsafe memory.deallocate()
            throw error
        }
        unsafe self.start = unsafe TextBuffer.base(of: UnsafeRawBufferPointer(memory))
        unsafe self.release = { unsafe $0.deallocate() }
    }

    /// A buffer around memory that somebody else made, a mapped file for instance.
    /// - Parameters:
    ///   - bytes: memory that nobody changes until `release` is called.
    ///   - release: called once, with `bytes`, when the last text that refers to them is gone, on any thread.
    @unsafe public init(
        adopting bytes: UnsafeRawBufferPointer,
        release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        unsafe self.start = unsafe TextBuffer.base(of: bytes)
        self.count = bytes.count
        unsafe self.release = release
    }

    /// A buffer with a copy of bytes.
    public convenience init(copying bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        unsafe self.init(capacity: bytes.count) { memory in
            unsafe memory.copyBytes(from: bytes)
            return bytes.count
        }
    }

    deinit {
        unsafe self.release?(UnsafeRawBufferPointer(start: self.start, count: self.count))
    }

    /// An address also where there are no bytes, so that nobody has to ask.
    private static func base(of bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
    }

    /// The whole buffer as a text; copies nothing if it is longer than 15 bytes.
    @inlinable public var text: Text { unsafe Text(from: self.start, count: self.count, owner: self) }

    /// A part of the buffer as a text.
    /// - Parameter range: offsets in bytes; a range outside the buffer traps.
    @inlinable public func text(in range: Range<Int>) -> Text {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.count, "a range outside the buffer")
        return unsafe Text(from: self.start + range.lowerBound, count: range.count, owner: self)
    }

    /// Calls a closure with the bytes, which stay where they are during the call.
    @inlinable @unsafe public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return unsafe try body(UnsafeRawBufferPointer(start: self.start, count: self.count))
    }

    /// The end of the memory that may be read.
    @inlinable var end: UnsafeRawPointer { unsafe self.start + self.count }
}
