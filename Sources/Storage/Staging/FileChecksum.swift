import Crypto

/// HDFS's checksum of a file, `MD5-of-MD5-of-CRC32C`: of each 512 bytes a CRC-32C, of each block's CRCs an MD5, of those
/// an MD5. Equal for equal bytes and block sizes, here and on HDFS.
package struct FileChecksum: Sendable {
    private static let chunk = 512

    private let blockSize: Int64
    private var crc: UInt32 = 0xFFFF_FFFF
    private var inChunk = 0
    private var inBlock: Int64 = 0
    private var blocks = 0
    private var block = Insecure.MD5()
    private var whole = Insecure.MD5()

    /// - Parameter blockSize: bytes of a block, a multiple of 512.
    package init(blockSize: Int64) {
        self.blockSize = blockSize
    }

    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            self.crc = Self.table[Int((self.crc ^ UInt32(byte)) & 0xFF)] ^ (self.crc >> 8)
            self.inChunk += 1
            self.inBlock += 1
            if self.inChunk == Self.chunk || self.inBlock == self.blockSize { self.endChunk() }
            if self.inBlock == self.blockSize { self.endBlock() }
        }
    }

    private mutating func endChunk() {
        guard self.inChunk > 0 else { return }
        let value = self.crc ^ 0xFFFF_FFFF
        self.block.update(data: (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) })
        self.crc = 0xFFFF_FFFF
        self.inChunk = 0
    }

    private mutating func endBlock() {
        self.endChunk()
        guard self.inBlock > 0 else { return }
        self.whole.update(data: Array(self.block.finalize()))
        self.block = Insecure.MD5()
        self.inBlock = 0
        self.blocks += 1
    }

    /// - Returns: the algorithm's name and the 28 bytes of `MD5MD5CRC32FileChecksum`.
    package mutating func finish() -> (algorithm: String, bytes: [UInt8]) {
        self.endBlock()
        guard self.blocks > 0 else {
            // HDFS's answer for a file without blocks: the MD5 of 32 zeros.
            let zeros = Insecure.MD5.hash(data: [UInt8](repeating: 0, count: 32))
            return ("MD5-of-0MD5-of-0CRC32", [UInt8](repeating: 0, count: 12) + Array(zeros))
        }
        // Stated only where there is more than one block.
        let perBlock = self.blocks > 1 ? self.blockSize / Int64(Self.chunk) : 0
        var bytes = (0..<4).map { UInt8(truncatingIfNeeded: Self.chunk >> (24 - 8 * $0)) }
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: perBlock >> (56 - 8 * Int64($0))) }
        bytes += Array(self.whole.finalize())
        return ("MD5-of-\(perBlock)MD5-of-\(Self.chunk)CRC32C", bytes)
    }

    /// CRC-32C (Castagnoli), reflected.
    private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? 0x82F6_3B78 ^ (value >> 1) : value >> 1 }
    }
}

/// HDFS's checksum of a file that was fetched, computed as its server did.
enum BlockChecksum {
    /// - Parameters:
    ///   - algorithm: Hadoop's name of what the server answered.
    ///   - stated: the answer's bytes, which say how long blocks are.
    /// - Returns: nil for an algorithm that is not `MD5-of-MD5-of-CRC32C` of 512 bytes each.
    static func of(
        _ descriptor: Int32,
        like algorithm: String,
        _ stated: [UInt8],
        path: String
    ) throws(TransferFailure) -> [UInt8]? {
        guard algorithm.hasSuffix("MD5-of-512CRC32C"), stated.count == 28 else { return nil }
        let perBlock = stated[4..<12].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard (0...Int64.max / 512).contains(perBlock) else { return nil }
        // With a single block nobody says how long it might have become.
        var checksum = FileChecksum(blockSize: perBlock == 0 ? Int64.max : perBlock * 512)
        do throws(SystemError) {
            unsafe try FileReading.each(descriptor) { unsafe checksum.add($0) }
        } catch {
            throw TransferFailure("\(error)")
        }
        return checksum.finish().bytes
    }
}
