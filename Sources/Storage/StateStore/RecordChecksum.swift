import CZlib

/// CRC-32 (IEEE 802.3, reflected) over a row, so that a damaged page is noticed when it is read and not when its
/// contents have already misled somebody. SQLite itself keeps no checksum of a database page.
struct RecordChecksum {
    private var state: UInt = 0

    static func of(_ record: StoredRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(Array(record.kind.utf8) + [0] + Array(record.key.utf8))
        checksum.add([0, UInt8(truncatingIfNeeded: record.version)])
        checksum.add(record.bytes)
        return Int64(checksum.state)
    }

    private mutating func add(_ bytes: [UInt8]) {
        // zlib begins anew when it gets no bytes.
        guard !bytes.isEmpty else { return }
        let state = self.state
        self.state = unsafe bytes.withUnsafeBufferPointer { unsafe crc32_z(state, $0.baseAddress, $0.count) }
    }
}
