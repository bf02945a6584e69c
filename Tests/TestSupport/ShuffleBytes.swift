/// Frames and files as executors of the engine write them, byte by byte.
package enum ShuffleBytes {
    package static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    package static func frame(_ text: String) -> [UInt8] {
        let count = UInt32(text.utf8.count)
        return self.bytes(count) + self.bytes(count) + self.bytes(UInt32(0xdead_beef)) + self.bytes(UInt32(0))
            + text.utf8
    }

    /// - Parameter partitions: the frames of each.
    package static func file(_ partitions: [[[UInt8]]]) -> [UInt8] {
        var bytes: [UInt8] = []
        var offsets: [UInt64] = [0]
        for frames in partitions {
            bytes += frames.joined()
            offsets.append(UInt64(bytes.count))
        }
        return self.file(bytes, offsets: offsets)
    }

    package static func file(_ frames: [UInt8], offsets: [UInt64]) -> [UInt8] {
        frames + offsets.flatMap { self.bytes($0) } + self.bytes(UInt64(frames.count)) + "HDLSHUF1".utf8
    }
}
