internal import Synchronization

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
    /// Writes the values as frames; nil where they have no binary form.
    private let write: Write?
    /// Whether it goes to disk when it has to leave memory.
    private let usesDisk: Bool
    /// Values as they go to disk and to other executors.
    private let written = Mutex(FileSegment?.none)

    @usableFromInline typealias Write = @Sendable ([Element], (TextBuffer) throws -> Void) throws -> Void

    @usableFromInline init(_ form: Form, memoryBytes: Int, usesDisk: Bool, write: Write?) {
        self.form = form
        self.memoryBytes = memoryBytes
        self.usesDisk = usesDisk
        self.write = write
    }

    func movedToDisk(_ places: BlockPlaces, _ settings: MemorySettings) throws -> (any KeptBlock)? {
        guard self.usesDisk, let write = self.write else { return nil }
        let file: FileSegment
        switch self.form {
        case .values(let elements): file = try self.file(of: elements, write, places, settings)
        case .frames(let frames): file = try FileSegment(places, settings) { try frames.forEach($0) }
        case .file: return self
        }
        return KeptPartition<Element>(.file(file), memoryBytes: 0, usesDisk: true, write: write)
    }

    func sent(_ places: BlockPlaces, _ settings: MemorySettings) throws -> Segment? {
        switch self.form {
        case .frames(let frames): return Segment(frames: frames)
        case .file(let file): return file.segment
        case .values(let elements):
            return try self.write.map { try self.file(of: elements, $0, places, settings).segment }
        }
    }

    /// Values as a file, which is written once. Not in memory, which has been shared out.
    private func file(
        of elements: [Element],
        _ write: @escaping Write,
        _ places: BlockPlaces,
        _ settings: MemorySettings
    ) throws -> FileSegment {
        try self.written.withLock { written in
            let file = try written ?? FileSegment(places, settings) { try write(elements, $0) }
            written = file
            return file
        }
    }
}

/// A file of frames that belongs to one partition, or to one group.
@usableFromInline final class FileSegment: Sendable {
    let segment: Segment

    /// Finishes a file.
    init(_ writer: BlockFileWriter) throws {
        let end = writer.position
        self.segment = Segment(file: try writer.finish(), ranges: end > 0 ? [0..<end] : [])
    }

    /// Writes a file.
    /// - Parameter fill: is handed where frames go.
    convenience init(
        _ places: BlockPlaces,
        _ settings: MemorySettings,
        _ fill: ((TextBuffer) throws -> Void) throws -> Void
    ) throws {
        let file = try BlockFileWriter(places, compresses: settings.compressesBlocks)
        try fill { try file.append($0) }
        try self.init(file)
    }

    /// Frames that are in memory, where they are too few for a file.
    init(_ frames: [TextBuffer]) { self.segment = Segment(frames: frames) }

    /// Goes through its frames.
    @usableFromInline func frames() -> () throws -> TextBuffer? {
        var cursor = SegmentCursor(self.segment)
        return { try cursor.next() }
    }
}
