/// Where a shuffle file has what: the frames of partition 0, of partition 1 and so on; then where each begins and the last
/// ends, as positions in the file of eight bytes each; then a footer, which says where these positions begin. All numbers are
/// little-endian.
///
/// Containers write these files, so nothing is believed that does not add up.
package struct ShuffleLayout: Hashable, Sendable {
    /// The positions' own position, and eight letters.
    package static let footerBytes: Int64 = 16
    private static let letters = Array("HDLSHUF1".utf8)
    private static let positionBytes: Int64 = 8

    /// Where the files of an application's executors are, below its folder: `EXECUTOR/SHUFFLE/MAPTASK` in it.
    package static let folderName = "heddle-shuffle"

    /// What comes behind the frames.
    /// - Parameter positions: where each partition begins, and where the last one ends.
    package static func end(_ positions: [Int64]) -> [UInt8] {
        (positions + [positions.last ?? 0]).flatMap { LittleEndian.bytes(UInt64($0)) } + self.letters
    }

    private let positionsStart: Int64
    package let partitionCount: Int64

    /// - Parameters:
    ///   - footer: the file's last bytes.
    ///   - size: of the file, in bytes.
    /// - Returns: nil for what is no such file.
    package init?(footer: [UInt8], size: Int64) {
        guard footer.count == Int(Self.footerBytes), size >= Self.footerBytes, Array(footer[8...]) == Self.letters,
            let start = Int64(exactly: LittleEndian.number(footer[..<8])), start <= size - Self.footerBytes
        else { return nil }
        let bytes = size - Self.footerBytes - start
        guard bytes >= Self.positionBytes, bytes % Self.positionBytes == 0 else { return nil }
        self.positionsStart = start
        self.partitionCount = bytes / Self.positionBytes - 1
    }

    /// Where the file has the two positions that say where a partition's frames are; nil when it has no such partition.
    package func positions(of partition: Int) -> Range<Int64>? {
        guard partition >= 0, partition < self.partitionCount else { return nil }
        let start = self.positionsStart + Int64(partition) * Self.positionBytes
        return start..<start + 2 * Self.positionBytes
    }

    /// Where the frames are.
    /// - Parameter positions: what the file has there.
    /// - Returns: nil when they go backwards or leave the frames' part.
    package func segment(_ positions: [UInt8]) -> Range<Int64>? {
        guard positions.count == Int(2 * Self.positionBytes),
            let start = Int64(exactly: LittleEndian.number(positions[..<8])),
            let end = Int64(exactly: LittleEndian.number(positions[8...])), start <= end, end <= self.positionsStart
        else { return nil }
        return start..<end
    }
}
