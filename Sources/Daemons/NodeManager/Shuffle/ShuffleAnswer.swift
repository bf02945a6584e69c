import BlockExchange

/// What one request is answered with: for each map task its number, how many bytes of frames follow and whether they are its
/// last, then the frames. It is the form in which executors themselves answer (`Heddle.OutputBundle`).
struct ShuffleAnswer<File> {
    struct Part {
        var mapTask: Int
        var file: File
        /// Where the file has what is sent.
        var frames: Range<Int64>
        /// Whether the map task has no more.
        var isWhole: Bool

        /// What goes before the frames.
        var head: BundleHead {
            BundleHead(mapTask: self.mapTask, frameBytes: Int64(self.frames.count), isWhole: self.isWhole)
        }
    }

    private(set) var parts: [Part] = []
    private let request: ShuffleRequest
    private var sent: Int64 = 0

    init(_ request: ShuffleRequest) { self.request = request }

    /// Whether more is to be sent.
    var wantsMore: Bool { self.sent < self.request.limit }

    /// In bytes.
    var length: Int64 { Int64(self.parts.count) * Int64(BundleHead.byteCount) + self.sent }

    /// How to choose from a map task's frames; nil when it has none and nothing has to be said of it: of the first the caller
    /// hears in any case.
    func selection(of mapTask: Int, _ segment: Range<Int64>) -> FrameSelection? {
        let isFirst = mapTask == self.request.mapTask
        guard isFirst || !segment.isEmpty else { return nil }
        return FrameSelection(
            segment,
            skipping: isFirst ? self.request.frame : 0,
            limit: self.request.limit - self.sent
        )
    }

    /// Adds what was chosen of a map task's file.
    mutating func add(_ mapTask: Int, _ file: File, _ selection: FrameSelection) {
        self.parts.append(
            Part(mapTask: mapTask, file: file, frames: selection.frames, isWhole: selection.isWhole)
        )
        self.sent += Int64(selection.frames.count)
    }
}

extension ShuffleAnswer: Sendable where File: Sendable {}
extension ShuffleAnswer.Part: Sendable where File: Sendable {}
