/// A copy of a partition that another executor keeps, in the binary form of shuffles. What its elements are only a task knows
/// that reads them.
final class PartitionCopy: KeptBlock {
    private enum Form: Sendable {
        case frames([TextBuffer])
        case file(FileSegment)
    }

    private let form: Form
    let memoryBytes: Int
    private let usesDisk: Bool

    init(_ frames: [TextBuffer], usesDisk: Bool) {
        self.form = .frames(frames)
        self.memoryBytes = frames.reduce(0) { $0 + $1.count }
        self.usesDisk = usesDisk
    }

    init(_ file: FileSegment) {
        self.form = .file(file)
        self.memoryBytes = 0
        self.usesDisk = true
    }

    func movedToDisk(_ places: BlockPlaces, _ settings: MemorySettings) throws -> (any KeptBlock)? {
        guard case .frames(let frames) = self.form else { return self }
        guard self.usesDisk else { return nil }
        return PartitionCopy(try FileSegment(places, settings) { try frames.forEach($0) })
    }

    func sent(_ places: BlockPlaces, _ settings: MemorySettings) -> Segment? {
        switch self.form {
        case .frames(let frames): Segment(frames: frames)
        case .file(let file): file.segment
        }
    }

    /// As a partition of the elements that it has.
    func partition<Element>(of type: Element.Type) -> KeptPartition<Element> {
        switch self.form {
        case .frames(let frames):
            KeptPartition(.frames(frames), memoryBytes: self.memoryBytes, usesDisk: self.usesDisk, write: nil)
        case .file(let file): KeptPartition(.file(file), memoryBytes: 0, usesDisk: true, write: nil)
        }
    }
}
