internal import Synchronization

/// What one map task wrote: for each partition first what lies in a file, if anything does, then what is in memory.
@usableFromInline final class ShuffleOutput: Sendable {
    private struct State {
        var file: BlockFile?
        /// What was written at a time: where each partition begins in the file, and where the last one ends.
        var runs: [[Int64]]
        /// The elements' bytes that are in memory, of each partition.
        var frames: [[TextBuffer]]
    }

    private let state: Mutex<State>
    /// How many bytes of elements each partition has.
    let sizes: [Int64]

    init(file: BlockFile?, runs: [[Int64]], frames: [[TextBuffer]], sizes: [Int64]) {
        self.state = Mutex(State(file: file, runs: runs, frames: frames))
        self.sizes = sizes
    }

    /// What of it is in memory.
    var memoryBytes: Int {
        self.state.withLock { state in state.frames.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } }
    }

    /// - Returns: nil where there is no such partition.
    func segment(_ partition: Int) -> Segment? {
        self.state.withLock { state in
            guard state.frames.indices.contains(partition) else { return nil }
            let ranges = state.runs.map { $0[partition]..<$0[partition + 1] }.filter { !$0.isEmpty }
            return Segment(file: ranges.isEmpty ? nil : state.file, ranges: ranges, frames: state.frames[partition])
        }
    }

    /// Lets go of what is in memory. What was written before is written again with it, so that all is in one file.
    /// - Throws: where nothing can be written; it is in memory then as before.
    func moveToDisk(_ places: BlockPlaces, compresses: Bool) throws {
        let known = self.state.withLock { $0 }
        guard known.frames.contains(where: { !$0.isEmpty }) else { return }
        let writer = try BlockFileWriter(places, compresses: compresses)
        var offsets: [Int64] = [0]
        for partition in known.frames.indices {
            var cursor = SegmentCursor(try self.segment(partition).orFault("partition \(partition)"))
            while let frame = try cursor.next() { try writer.append(frame) }
            offsets.append(writer.position)
        }
        let file = try writer.finish()
        self.state.withLock { [offsets] state in
            state = State(file: file, runs: [offsets], frames: Array(repeating: [], count: state.frames.count))
        }
    }
}

/// What one map task wrote for one partition.
struct Segment: Sendable {
    var file: BlockFile?
    /// Parts of the file, whole frames each.
    var ranges: [Range<Int64>] = []
    /// What comes after them, as raw bytes.
    var frames: [TextBuffer] = []
}

/// Goes through the frames of a segment.
struct SegmentCursor {
    private let segment: Segment
    private var range = 0
    private var offset: Int64?
    private var frame = 0

    init(_ segment: Segment) { self.segment = segment }

    /// The bytes of the next elements; nil at the end.
    /// - Throws: where the file cannot be read or is damaged.
    mutating func next() throws -> TextBuffer? {
        while let file = self.segment.file, self.range < self.segment.ranges.count {
            let range = self.segment.ranges[self.range]
            let offset = self.offset ?? range.lowerBound
            guard offset < range.upperBound else {
                (self.range, self.offset) = (self.range + 1, nil)
                continue
            }
            let (bytes, next) = try file.frame(at: offset, before: range.upperBound)
            self.offset = next
            return bytes
        }
        guard self.frame < self.segment.frames.count else { return nil }
        defer { self.frame += 1 }
        return self.segment.frames[self.frame]
    }
}

extension Optional {
    /// The value; where there is none, what another program would have caused.
    func orFault(_ what: String) throws(TaskFault) -> Wrapped {
        guard let self else { throw .foreignPlan("there is no \(what)") }
        return self
    }
}
