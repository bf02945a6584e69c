/// The elements of a partition that an executor keeps, as its `StorageLevel` says.
@usableFromInline final class KeptPartition<Element: Sendable>: KeptBlock {
    @usableFromInline enum Form: Sendable {
        case values([Element])
        /// In the binary form of shuffles.
        case frames([TextBuffer])
        case file(FileSegment)
    }

    @usableFromInline let form: Form
    let memoryBytes: Int
    /// Writes the values as frames; nil where they are to be kept in memory only.
    private let write: Write?

    @usableFromInline typealias Write = @Sendable ([Element], (TextBuffer) throws -> Void) throws -> Void

    @usableFromInline init(_ form: Form, memoryBytes: Int, write: Write?) {
        self.form = form
        self.memoryBytes = memoryBytes
        self.write = write
    }

    func movedToDisk(_ places: BlockPlaces, _ settings: MemorySettings) throws -> (any KeptBlock)? {
        guard let write = self.write else { return nil }
        let file = try BlockFileWriter(places, compresses: settings.compressesBlocks)
        switch self.form {
        case .values(let elements):
            try write(elements) { try file.append($0) }
        case .frames(let frames): for frame in frames { try file.append(frame) }
        case .file: return self
        }
        return KeptPartition<Element>(.file(try FileSegment(file)), memoryBytes: 0, write: write)
    }
}

/// A file of frames that belongs to one partition, or to one group.
@usableFromInline final class FileSegment: Sendable {
    private let segment: Segment

    /// Finishes a file.
    init(_ writer: BlockFileWriter) throws {
        let end = writer.position
        self.segment = Segment(file: try writer.finish(), ranges: end > 0 ? [0..<end] : [])
    }

    /// Frames that are in memory, where they are too few for a file.
    init(_ frames: [TextBuffer]) { self.segment = Segment(frames: frames) }

    /// Goes through its frames.
    @usableFromInline func frames() -> () throws -> TextBuffer? {
        var cursor = SegmentCursor(self.segment)
        return { try cursor.next() }
    }
}
