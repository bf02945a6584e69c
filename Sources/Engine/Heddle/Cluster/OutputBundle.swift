/// What several map tasks wrote for one partition, as one block: for each its number and length, then its bytes.
enum OutputBundle {
    private static let headBytes = 16

    static func pieces(_ segments: [(mapTask: Int, bytes: TextBuffer)]) -> [[UInt8]] {
        segments.flatMap { segment in
            var head: [UInt8] = []
            for word in [UInt64(segment.mapTask), UInt64(segment.bytes.count)] {
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    head.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
            return [head, unsafe segment.bytes.withUnsafeBytes { unsafe Array($0) }]
        }
    }

    /// - Returns: the parts by map task; nil where the bytes are not a bundle. They share the bytes' memory.
    static func segments(_ bytes: [UInt8]) -> [Int: TextBuffer]? {
        let whole = TextBuffer(copying: bytes)
        var segments: [Int: TextBuffer] = [:]
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= Self.headBytes else { return nil }
            let words = [0, 8].map { start in
                (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[position + start + $1]) << UInt64(8 * $1) }
            }
            position += Self.headBytes
            guard words[1] <= UInt64(bytes.count - position), words[0] <= UInt64(Int32.max) else { return nil }
            let count = Int(words[1])
            segments[Int(words[0])] = whole.part(position..<position + count)
            position += count
        }
        return segments
    }
}

extension TextBuffer {
    /// A part that keeps the whole in memory.
    func part(_ range: Range<Int>) -> TextBuffer {
        unsafe self.withUnsafeBytes { bytes in
            unsafe TextBuffer(adopting: UnsafeRawBufferPointer(rebasing: bytes[range])) { _ in
                withExtendedLifetime(self) {}
            }
        }
    }
}
