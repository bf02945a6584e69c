/// Bytes that grow at their end: what values are stored in.
@safe @frozen public struct ByteWriter: ~Copyable, @unchecked Sendable {
    @usableFromInline var start: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var filled: Int

    /// - Parameter capacity: bytes of memory to begin with; more is taken as needed.
    public init(capacity: Int = 256) {
        let size = max(capacity, 16)
        unsafe self.start = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        self.capacity = size
        self.filled = 0
    }

    deinit {
        unsafe self.start.deallocate()
    }

    /// How many bytes were written.
    @inlinable public var count: Int { self.filled }

    /// How many bytes of memory are taken.
    @inlinable public var memoryBytes: Int { self.capacity }

    /// Makes room for so many bytes more.
    @inlinable @inline(__always) public mutating func reserve(_ bytes: Int) {
        if self.capacity &- self.filled < bytes { self.grow(by: bytes) }
    }

    @usableFromInline @inline(never) mutating func grow(by bytes: Int) {
        let size = max(self.capacity * 2, self.filled + bytes)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe larger.copyMemory(from: self.start, byteCount: self.filled)
        unsafe self.start.deallocate()
        unsafe self.start = larger
        self.capacity = size
    }

    /// One byte.
    @inlinable @inline(__always) public mutating func write(byte: UInt8) {
        self.reserve(1)
        unsafe (self.start + self.filled).storeBytes(of: byte, as: UInt8.self)
        self.filled &+= 1
    }

    /// A number in all its bytes, the lowest first.
    @inlinable @inline(__always) public mutating func write<Number: FixedWidthInteger & BitwiseCopyable>(
        fixed number: Number
    ) {
        self.reserve(MemoryLayout<Number>.size)
        unsafe (self.start + self.filled).storeBytes(of: number.littleEndian, as: Number.self)
        self.filled &+= MemoryLayout<Number>.size
    }

    /// A number in 1 to 9 bytes, small ones in fewer.
    ///
    /// The zeros below the lowest one bit of the first byte say how many bytes follow it.
    @inlinable @inline(__always) public mutating func write(varint number: UInt64) {
        self.reserve(9)
        let place = unsafe self.start + self.filled
        if number < 128 {
            unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: number &<< 1 | 1), as: UInt8.self)
            self.filled &+= 1
            return
        }
        let bits = 64 &- number.leadingZeroBitCount
        if bits > 56 {
            unsafe place.storeBytes(of: 0, as: UInt8.self)
            unsafe (place + 1).storeBytes(of: number.littleEndian, as: UInt64.self)
            self.filled &+= 9
            return
        }
        let count = (bits &* 37 &+ 222) &>> 8  // bits / 7, rounded up
        let mark = UInt64(1) &<< UInt64(truncatingIfNeeded: count &- 1)
        let word = number &<< UInt64(truncatingIfNeeded: count) | mark
        unsafe place.storeBytes(of: word.littleEndian, as: UInt64.self)
        self.filled &+= count
    }

    /// A number with a sign in 1 to 9 bytes, those near zero in fewer.
    @inlinable @inline(__always) public mutating func write(signed number: Int64) {
        self.write(varint: UInt64(bitPattern: number &<< 1 ^ number &>> 63))
    }

    /// Bytes as they are, without their count.
    @inlinable @unsafe public mutating func write(bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        self.reserve(bytes.count)
        unsafe (self.start + self.filled).copyMemory(from: source, byteCount: bytes.count)
        self.filled &+= bytes.count
    }

    /// Bytes as they are, without their count.
    @inlinable public mutating func write(bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe self.write(bytes: $0) }
    }

    /// So many zeros.
    @usableFromInline mutating func write(zeros: Int) {
        self.reserve(zeros)
        unsafe (self.start + self.filled).initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
        self.filled += zeros
    }

    /// Puts a number in the place of one that was written there with `write(fixed:)`.
    /// - Parameters:
    ///   - offset: where it stands; a place outside what was written traps.
    ///   - number: what is written.
    @inlinable public mutating func replace<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        fixed number: Number
    ) {
        precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= self.filled, "nothing was written there")
        unsafe (self.start + offset).storeBytes(of: number.littleEndian, as: Number.self)
    }

    /// Forgets what was written, and keeps the memory.
    @inlinable public mutating func removeAll() {
        self.filled = 0
    }

    /// Forgets what was written from an offset on.
    @usableFromInline mutating func truncate(to count: Int) {
        self.filled = min(self.filled, max(count, 0))
    }

    /// Calls a closure with what was written, which is only valid during the call.
    @inlinable @unsafe public borrowing func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: self.start, count: self.filled))
    }

    /// A copy of what was written.
    public borrowing func bytes() -> [UInt8] {
        unsafe self.withUnsafeBytes { unsafe Array($0) }
    }

    /// What was written, without a copy.
    public consuming func finish() -> TextBuffer {
        let memory = unsafe UnsafeRawBufferPointer(start: self.start, count: self.filled)
        discard self
        return unsafe TextBuffer(adopting: memory) { unsafe $0.deallocate() }
    }
}
