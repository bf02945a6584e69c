/// Where a shuffle file has what: the frames of partition 0, of partition 1 and so on; then where each begins and the last
/// ends, as positions in the file of eight bytes each; then a footer, which says where these positions begin. All numbers are
/// little-endian.
///
/// Containers write these files, so nothing is believed that does not add up.
struct ShuffleLayout: Hashable, Sendable {
    /// The positions' own position, and eight letters.
    static let footerBytes: Int64 = 16
    private static let letters = Array("HDLSHUF1".utf8)
    private static let positionBytes: Int64 = 8

    private let positionsStart: Int64
    let partitionCount: Int64

    /// - Parameters:
    ///   - footer: the file's last bytes.
    ///   - size: of the file, in bytes.
    /// - Returns: nil for what is no such file.
    init?(footer: [UInt8], size: Int64) {
        guard footer.count == Int(Self.footerBytes), size >= Self.footerBytes, Array(footer[8...]) == Self.letters,
            let start = Int64(exactly: littleEndian(footer[..<8])), start <= size - Self.footerBytes
        else { return nil }
        let bytes = size - Self.footerBytes - start
        guard bytes >= Self.positionBytes, bytes % Self.positionBytes == 0 else { return nil }
        self.positionsStart = start
        self.partitionCount = bytes / Self.positionBytes - 1
    }

    /// Where the file has the two positions that say where a partition's frames are; nil when it has no such partition.
    func positions(of partition: Int) -> Range<Int64>? {
        guard partition >= 0, partition < self.partitionCount else { return nil }
        let start = self.positionsStart + Int64(partition) * Self.positionBytes
        return start..<start + 2 * Self.positionBytes
    }

    /// Where the frames are.
    /// - Parameter positions: what the file has there.
    /// - Returns: nil when they go backwards or leave the frames' part.
    func segment(_ positions: [UInt8]) -> Range<Int64>? {
        guard positions.count == Int(2 * Self.positionBytes), let start = Int64(exactly: littleEndian(positions[..<8])),
            let end = Int64(exactly: littleEndian(positions[8...])), start <= end, end <= self.positionsStart
        else { return nil }
        return start..<end
    }
}

/// The frames of one map task that are sent: from the one that is wanted on, whole ones, until that is enough.
///
/// Only the frames' heads are looked at: `nextHead` says where the next one is, `pass` is told what is there.
struct FrameSelection: Hashable, Sendable {
    private let segment: Range<Int64>
    private let limit: Int64
    private var skipped: Int
    private var start: Int64
    private var end: Int64
    private var passed = 0
    /// Whether the map task has no more frames.
    private(set) var isWhole = true

    static let headBytes: Int64 = 16
    /// No frame is larger (`Heddle.FrameHead`).
    static let frameBytesMaximum: UInt64 = 1 << 30
    /// Frames have about a mebibyte, so this is more than a disk holds; a file of nothing but heads would keep a thread.
    static let frameCountMaximum = 1 << 20

    /// - Parameters:
    ///   - segment: where the map task's frames are.
    ///   - skipped: how many frames the caller has already.
    ///   - limit: how many bytes are enough.
    init(_ segment: Range<Int64>, skipping skipped: Int, limit: Int64) {
        self.segment = segment
        self.limit = limit
        self.skipped = skipped
        self.start = segment.lowerBound
        self.end = segment.lowerBound
    }

    /// What is sent.
    var frames: Range<Int64> { self.start..<self.end }

    /// Where the next head is to be read; nil when what is sent is known.
    mutating func nextHead() -> Int64? {
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
    mutating func pass(_ head: [UInt8]) -> Bool {
        guard head.count == Int(Self.headBytes), self.passed < Self.frameCountMaximum else { return false }
        let (stored, raw) = (littleEndian(head[..<4]), littleEndian(head[4..<8]))
        let form = littleEndian(head[12...])
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

private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
