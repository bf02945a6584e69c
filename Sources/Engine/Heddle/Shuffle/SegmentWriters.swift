/// Bytes for each partition of a shuffle, written side by side by one map task. What the task has no memory for goes to a
/// file.
@safe @usableFromInline struct SegmentWriters: ~Copyable {
    @usableFromInline let writers: UnsafeMutablePointer<ByteWriter>
    @usableFromInline let count: Int
    @usableFromInline var batches = 0
    @usableFromInline let rest: SegmentRest

    /// - Parameter task: whose memory is used.
    @usableFromInline init(count: Int, task: TaskScope) {
        self.count = count
        unsafe self.writers = UnsafeMutablePointer<ByteWriter>.allocate(capacity: count)
        for index in 0..<count { unsafe (self.writers + index).initialize(to: ByteWriter()) }
        self.rest = SegmentRest(count: count, task: task)
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

    /// Called after each batch of elements: sees how much has gathered, the less often the more partitions there are.
    @inlinable mutating func settle() throws {
        self.batches &+= 1
        if self.batches &* 64 >= self.count { try self.look() }
    }

    @usableFromInline mutating func look() throws {
        self.batches = 0
        var open = 0
        for index in 0..<self.count {
            let size = unsafe self.writers[index].count
            if size >= FrameHead.usualBytes {
                self.seal(index)
            } else {
                open += unsafe self.writers[index].memoryBytes
            }
        }
        if self.rest.fits(with: open) { return }
        for index in 0..<self.count { self.seal(index) }
        try self.rest.spill()
    }

    /// Makes a frame of what was written for a partition.
    private mutating func seal(_ index: Int) {
        guard unsafe self.writers[index].count > 0 else { return }
        let writer = unsafe (self.writers + index).move()
        unsafe (self.writers + index).initialize(to: ByteWriter())
        self.rest.take(writer.finish(), of: index)
    }

    /// What was written; the writers are empty afterwards.
    @usableFromInline mutating func finish() throws -> ShuffleOutput {
        for index in 0..<self.count { self.seal(index) }
        return try self.rest.finish()
    }
}

/// The frames that are finished, in memory and in a file.
@usableFromInline final class SegmentRest {
    private let task: TaskScope
    private let memory: MemoryUse
    private var file: BlockFileWriter?
    private var runs: [[Int64]] = []
    private var frames: [[TextBuffer]]
    private var sizes: [Int64]
    private var held = 0

    init(count: Int, task: TaskScope) {
        self.task = task
        self.memory = MemoryUse(task)
        self.frames = Array(repeating: [], count: count)
        self.sizes = Array(repeating: 0, count: count)
    }

    func take(_ frame: TextBuffer, of partition: Int) {
        self.frames[partition].append(frame)
        self.sizes[partition] += Int64(frame.count)
        self.held += frame.count
    }

    /// Whether there is memory for the frames, and so many bytes that are being written.
    func fits(with open: Int) -> Bool { self.memory.grows(to: self.held + open) }

    /// Writes the frames to the file and lets them go.
    func spill() throws {
        guard self.held > 0 else { return }
        let executor = self.task.executor
        let file = try self.file ?? BlockFileWriter(executor.places, compresses: executor.settings.compressesShuffles)
        self.file = file
        var offsets: [Int64] = [file.position]
        for index in self.frames.indices {
            for frame in self.frames[index] { try file.append(frame) }
            self.frames[index] = []
            offsets.append(file.position)
        }
        try file.flush()
        self.runs.append(offsets)
        self.task.count { metrics in
            metrics.memorySpilled += Int64(self.held)
            metrics.diskSpilled += (offsets.last ?? 0) - offsets[0]
        }
        self.held = 0
        self.memory.release()
    }

    func finish() throws -> ShuffleOutput {
        defer { self.memory.release() }
        return ShuffleOutput(file: try self.file?.finish(), runs: self.runs, frames: self.frames, sizes: self.sizes)
    }
}
