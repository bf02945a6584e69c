/// Bytes for each partition of a shuffle, written side by side by one map task.
@safe @usableFromInline struct SegmentWriters: ~Copyable {
    @usableFromInline let writers: UnsafeMutablePointer<ByteWriter>
    @usableFromInline let count: Int

    @usableFromInline init(count: Int) {
        self.count = count
        unsafe self.writers = UnsafeMutablePointer<ByteWriter>.allocate(capacity: count)
        for index in 0..<count { unsafe (self.writers + index).initialize(to: ByteWriter()) }
    }

    // Not left out of line: the optimiser of Swift 6.3 fails on such a deinit in code that is inlined elsewhere.
    @inlinable deinit {
        unsafe self.writers.deinitialize(count: self.count)
        unsafe self.writers.deallocate()
    }

    /// Writes a value for one partition.
    @inlinable @inline(__always) mutating func write<Value: Codable & Sendable>(
        _ value: Value,
        with codec: Codec<Value>,
        to partition: Int
    ) throws {
        precondition(partition >= 0 && partition < self.count, "no such partition")
        try unsafe codec.store(value, to: &self.writers[partition])
    }

    /// What was written; the writers are empty afterwards.
    @usableFromInline mutating func finish() -> ShuffleOutput {
        var segments: [TextBuffer] = []
        segments.reserveCapacity(self.count)
        for index in 0..<self.count {
            let writer = unsafe (self.writers + index).move()
            segments.append(writer.finish())
            unsafe (self.writers + index).initialize(to: ByteWriter(capacity: 0))
        }
        return ShuffleOutput(segments)
    }
}
