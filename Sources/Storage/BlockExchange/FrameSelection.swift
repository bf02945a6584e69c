/// The frames of one map task that are sent: from the one that is wanted on, whole ones, until that is enough.
///
/// Only the frames' heads are looked at: `nextHead` says where the next one is, `pass` is told what is there.
package struct FrameSelection: Hashable, Sendable {
    private let segment: Range<Int64>
    private let limit: Int64
    /// How many frames are still to be skipped.
    package private(set) var skipped: Int
    private var start: Int64
    private var end: Int64
    private var passed = 0
    /// Whether the map task has no more frames.
    package private(set) var isWhole = true

    package static let headBytes: Int64 = 16
    /// No frame is larger (`Heddle.FrameHead`).
    package static let frameBytesMaximum: UInt64 = 1 << 30
    /// Frames have about a mebibyte, so this is more than a disk holds; a file of nothing but heads would keep a thread.
    package static let frameCountMaximum = 1 << 20

    /// - Parameters:
    ///   - segment: where the map task's frames are.
    ///   - skipped: how many frames the caller has already.
    ///   - limit: how many bytes are enough.
    package init(_ segment: Range<Int64>, skipping skipped: Int, limit: Int64) {
        self.segment = segment
        self.limit = limit
        self.skipped = skipped
        self.start = segment.lowerBound
        self.end = segment.lowerBound
    }

    /// What is sent.
    package var frames: Range<Int64> { self.start..<self.end }

    /// Where the next head is to be read; nil when what is sent is known.
    package mutating func nextHead() -> Int64? {
        guard self.end < self.segment.upperBound else { return nil }
        guard self.skipped > 0 || self.end - self.start < self.limit else {
            self.isWhole = false
            return nil
        }
        return self.end
    }

    /// Goes on behind a frame.
    /// - Parameter head: the bytes at `nextHead`.
    /// - Returns: whether it is a frame's head, of a frame that ends with the segment at the latest.
    package mutating func pass(_ head: [UInt8]) -> Bool {
        guard head.count == Int(Self.headBytes), self.passed < Self.frameCountMaximum else { return false }
        let (stored, raw) = (LittleEndian.number(head[..<4]), LittleEndian.number(head[4..<8]))
        let form = LittleEndian.number(head[12...])
        guard stored <= Self.frameBytesMaximum, raw <= Self.frameBytesMaximum, form <= 1, form == 1 || stored == raw,
            Self.headBytes + Int64(stored) <= self.segment.upperBound - self.end
        else { return false }
        self.passed += 1
        self.end += Self.headBytes + Int64(stored)
        if self.skipped > 0 {
            self.skipped -= 1
            self.start = self.end
        }
        return true
    }
}
