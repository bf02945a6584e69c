/// How far one stream of a download has come, and where its part ends.
struct StreamedPart {
    private(set) var position: Int64
    /// nil while nobody knows.
    private(set) var end: Int64?
    /// Whether others fetch what follows, so that the rest of this stream is not wanted.
    private(set) var isCut = false

    init(position: Int64, end: Int64?) {
        self.position = position
        self.end = end
    }

    /// How many bytes are still to come; nil while nobody knows.
    var room: Int64? { self.end.map { max($0 - self.position, 0) } }

    /// The file's length is known now. A cut stays where it is.
    mutating func learn(end: Int64?) {
        if !self.isCut { self.end = end }
    }

    /// Leaves everything from `end` to other streams.
    /// - Returns: false when this stream is already beyond.
    mutating func cut(at end: Int64) -> Bool {
        guard self.position < end else { return false }
        self.end = end
        self.isCut = true
        return true
    }

    /// Bytes were written. A cut may have come meanwhile: what is beyond it is the same bytes of the same file, which
    /// others fetch and count.
    /// - Returns: how many of them are this stream's, and whether more is wanted of it.
    mutating func advance(by count: Int64) -> (kept: Int64, isWanted: Bool) {
        guard self.isCut, let room = self.room else {
            self.position += count
            return (count, true)
        }
        let kept = min(count, room)
        self.position += kept
        return (kept, kept < room)
    }
}
