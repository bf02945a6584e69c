/// Collects elements as frames, or hands each frame on.
@usableFromInline final class FrameCollector<Element: Codable & Sendable> {
    private let codec = Codec<Element>()
    private let frameBytes: Int
    private let take: ((TextBuffer) throws -> Void)?
    private var writer = ByteWriter()
    private var frames: [TextBuffer] = []
    private var sealed = 0

    @usableFromInline init(frameBytes: Int? = nil, _ take: ((TextBuffer) throws -> Void)? = nil) {
        self.frameBytes = frameBytes ?? FrameHead.usualBytes
        self.take = take
    }

    /// What was written, in bytes.
    @usableFromInline var bytes: Int { self.sealed + self.writer.count }

    @usableFromInline func add(_ elements: [Element]) throws {
        for element in elements {
            try self.codec.store(element, to: &self.writer)
            if self.writer.count >= self.frameBytes { try self.flush() }
        }
    }

    /// Makes a frame of what is left.
    @usableFromInline func flush() throws {
        guard self.writer.count > 0 else { return }
        var full = ByteWriter()
        swap(&full, &self.writer)
        self.sealed += full.count
        let frame = full.finish()
        if let take = self.take { try take(frame) } else { self.frames.append(frame) }
    }

    /// The frames, where nobody took them.
    @usableFromInline func finish() -> [TextBuffer] {
        // Without a taker nothing can fail.
        try? self.flush()
        return self.frames
    }
}
