import CLinux

/// CRC-32C of bytes, by the processor's own instruction where it has one: what blocks on disk and on the way are checked by.
public struct Checksum: Hashable, Sendable {
    /// The checksum of all bytes so far, as other programs state it.
    public private(set) var value: UInt32 = 0

    /// The checksum of no bytes.
    public init() {}

    /// Goes on with more bytes.
    @unsafe public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        self.value = unsafe heddle_crc32c(self.value, start, bytes.count)
    }

    /// Goes on with more bytes.
    public mutating func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe self.add($0) }
    }

    /// Goes on with more bytes.
    public mutating func add(_ text: Text) {
        unsafe text.withUnsafeBytes { unsafe self.add($0) }
    }

    /// What a processor without the instruction computes.
    package static func byTables(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe heddle_crc32c_by_tables(0, $0.baseAddress, $0.count) }
    }
}
