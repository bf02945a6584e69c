internal import BlockExchange
internal import EngineLink

/// What several map tasks of an executor wrote for one partition, as one block.
///
/// For each map task a `BundleHead`; then the frames, each behind its head.
struct OutputBundle: Sendable {
    /// As it was sent: what is compressed takes little until it is its turn.
    struct StoredFrame: Sendable {
        fileprivate var head: FrameHead
        fileprivate var stored: TextBuffer

        /// - Throws: `FrameDamage` where it is not what was written.
        func open() throws(FrameDamage) -> TextBuffer { try self.head.open(self.stored) }
    }

    struct Part: Sendable {
        var frames: ArraySlice<StoredFrame> = []
        /// Whether the map task has no more frames.
        var isWhole: Bool
        /// The executor that it came from.
        var sender: Int?
    }

    var parts: [Int: Part]
    var rawBytes: Int64

    static func damaged(_ damage: FrameDamage, from sender: Int?) -> String {
        "what \(sender.map { "executor \($0)" } ?? "another executor") sent is damaged: \(damage)"
    }

    /// Reads a block.
    /// - Throws: `FrameDamage` where it is no bundle; frames say by themselves whether they are what was written.
    init(_ bytes: [UInt8], from sender: Int? = nil) throws(FrameDamage) {
        self.parts = [:]
        self.rawBytes = 0
        let whole = TextBuffer(copying: bytes)
        var reader = ByteReader(whole)
        while !reader.isAtEnd {
            guard let mapTask = try? reader.readFixed(UInt64.self), let length = try? reader.readFixed(UInt64.self),
                let form = try? reader.readFixed(UInt64.self), length <= UInt64(reader.remaining)
            else { throw .cut }
            guard mapTask <= UInt64(Int32.max), form <= 1 else { throw .changed }
            let end = reader.remaining - Int(length)
            var frames: [StoredFrame] = []
            while reader.remaining > end {
                let head = try FrameHead(&reader)
                guard head.storedBytes <= reader.remaining - end else { throw .changed }
                let stored = whole.part(reader.offset..<reader.offset + head.storedBytes)
                frames.append(StoredFrame(head: head, stored: stored))
                guard (try? reader.skip(head.storedBytes)) != nil else { throw .cut }
                self.rawBytes += Int64(head.rawBytes)
            }
            self.parts[Int(mapTask)] = Part(frames: frames[...], isWhole: form == 1, sender: sender)
        }
    }

    /// What is sent of outputs, beginning with a frame of the first, and ending when that is much: the rest is asked for.
    /// - Parameters:
    ///   - limit: how many bytes are much.
    ///   - compresses: whether frames that are in memory are compressed.
    static func pieces(
        _ segments: some Sequence<(mapTask: Int, segment: Segment)>,
        from frame: Int,
        limit: Int64,
        compresses: Bool
    ) throws -> [BlockPiece] {
        var pieces: [BlockPiece] = []
        var sent: Int64 = 0
        var first = frame
        for (mapTask, segment) in segments {
            if sent >= limit { break }
            var section = Section(packer: FramePacker(compresses: compresses))
            try section.fill(segment, skipping: first, limit: limit - sent)
            let head = BundleHead(mapTask: mapTask, frameBytes: section.bytes, isWhole: section.isWhole)
            pieces.append(.bytes(head.bytes))
            pieces += section.pieces
            sent += section.bytes
            first = 0
        }
        return pieces
    }

    /// Frames of one map task.
    private struct Section {
        let packer: FramePacker
        var pieces: [BlockPiece] = []
        var bytes: Int64 = 0
        var isWhole = true

        init(packer: FramePacker) { self.packer = packer }

        mutating func fill(_ segment: Segment, skipping skipped: Int, limit: Int64) throws {
            var left = skipped
            if let file = segment.file {
                for range in segment.ranges {
                    try self.fill(file, range, &left, limit)
                    if !self.isWhole { return }
                }
            }
            for frame in segment.frames {
                if left > 0 {
                    left -= 1
                    continue
                }
                guard self.bytes < limit else {
                    self.isWhole = false
                    return
                }
                var writer = ByteWriter(capacity: frame.count + FrameHead.bytes)
                unsafe frame.withUnsafeBytes { unsafe self.packer.pack($0, to: &writer) }
                self.bytes += Int64(writer.count)
                self.pieces.append(.bytes(writer.bytes()))
            }
        }

        /// A part of a file goes out as it lies there; only the heads are read, to end between two frames.
        private mutating func fill(_ file: BlockFile, _ range: Range<Int64>, _ left: inout Int, _ limit: Int64) throws {
            var selection = FrameSelection(range, skipping: left, limit: limit - self.bytes)
            while let offset = selection.nextHead() {
                guard selection.pass(try file.bytes(FrameHead.bytes, at: offset)) else { throw FrameDamage.changed }
            }
            (left, self.isWhole) = (selection.skipped, selection.isWhole)
            let frames = selection.frames
            guard !frames.isEmpty else { return }
            self.bytes += Int64(frames.count)
            self.pieces.append(
                file.withDescriptor { .file($0, from: frames.lowerBound, count: Int64(frames.count), owner: file) }
            )
        }
    }
}

extension TextBuffer {
    /// A part that keeps the whole in memory.
    func part(_ range: Range<Int>) -> TextBuffer {
        unsafe self.withUnsafeBytes { bytes in
            unsafe TextBuffer(adopting: UnsafeRawBufferPointer(rebasing: bytes[range])) { _ in
                withExtendedLifetime(self) {}
            }
        }
    }
}
