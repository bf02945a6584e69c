/// CRC-32 (IEEE 802.3, reflected) over a row, so that a damaged page is noticed when it is read and not when its
/// contents have already misled somebody. SQLite itself keeps no checksum of a database page.
struct RecordChecksum {
    private var state: UInt32 = 0xFFFF_FFFF

    static func of(_ record: StoredRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(record.kind.utf8)
        checksum.add(CollectionOfOne(0))
        checksum.add(record.key.utf8)
        checksum.add(CollectionOfOne(0))
        checksum.add(CollectionOfOne(UInt8(truncatingIfNeeded: record.version)))
        checksum.add(record.bytes)
        return Int64(checksum.state ^ 0xFFFF_FFFF)
    }

    private mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            let index = Int((self.state ^ UInt32(byte)) & 0xFF)
            self.state = Self.table[index] ^ (self.state >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }
}
