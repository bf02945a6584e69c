/// What stands before one map task's frames in an answer: its number, how many bytes of frames follow, and whether these are its
/// last, three numbers of eight bytes each.
package struct BundleHead: Hashable, Sendable {
    package var mapTask: Int
    package var frameBytes: Int64
    /// Whether the map task has no more.
    package var isWhole: Bool

    package static let byteCount = 24

    package init(mapTask: Int, frameBytes: Int64, isWhole: Bool) {
        self.mapTask = mapTask
        self.frameBytes = frameBytes
        self.isWhole = isWhole
    }

    package var bytes: [UInt8] {
        [UInt64(self.mapTask), UInt64(self.frameBytes), self.isWhole ? 1 : 0].flatMap(LittleEndian.bytes)
    }
}

/// Numbers, the lowest byte first.
enum LittleEndian {
    static func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
