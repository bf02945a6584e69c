import Glibc

/// Builds archives byte by byte, so that tests can hold what no archiver would write.
struct TarBuilder {
    private(set) var bytes: [UInt8] = []

    /// Where the content of a GNU sparse file (type "S") lies in it, and how long it is; the rest are holes.
    struct Sparse {
        var offset: Int
        var size: Int
    }

    mutating func add(
        _ name: String,
        _ content: [UInt8] = [],
        type: Character = "0",
        link: String = "",
        mode: Int = 0o644,
        claimedSize: Int? = nil,
        sparse: Sparse? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int, _ width: Int) {
            for (index, byte) in text.utf8.prefix(width).enumerated() { header[offset + index] = byte }
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0, 100)
        put(octal(mode, 7), at: 100, 7)
        put(octal(0, 7), at: 108, 7)
        put(octal(0, 7), at: 116, 7)
        put(octal(claimedSize ?? content.count, 11), at: 124, 11)
        put(octal(1_700_000_000, 11), at: 136, 11)
        put("        ", at: 148, 8)
        put(String(type), at: 156, 1)
        put(link, at: 157, 100)
        put("ustar", at: 257, 5)
        put("00", at: 263, 2)
        if let sparse {
            put("ustar  \0", at: 257, 8)
            put(octal(sparse.offset, 11), at: 386, 11)
            put(octal(content.count, 11), at: 398, 11)
            put(octal(sparse.size, 11), at: 483, 11)
        }
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6), at: 148, 6)
        header[154] = 0
        self.bytes += header + content
        self.bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    func finished() -> [UInt8] { self.bytes + [UInt8](repeating: 0, count: 1024) }
}

struct ZipBuilder {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    /// - Parameter mode: as Unix archivers note it; nil: as Windows does, not at all.
    mutating func add(_ name: String, _ content: [UInt8] = [], mode: UInt32? = 0o100_644) {
        self.add(bytes: Array(name.utf8), content, mode: mode)
    }

    /// - Parameter isUTF8: what the archive says of the name.
    mutating func add(bytes name: [UInt8], _ content: [UInt8], mode: UInt32? = 0o100_644, isUTF8: Bool = true) {
        self.add(
            name,
            stored: content,
            method: 0,
            size: content.count,
            checksum: crc32(content),
            mode: mode,
            isUTF8: isUTF8
        )
    }

    /// A file of zeros, packed to about a thousandth.
    mutating func addZeros(_ name: String, count: Int) {
        let size = 1 + (count - 1) / 258 * 258
        let zeros = [UInt8](repeating: 0, count: size)
        self.add(
            Array(name.utf8),
            stored: deflatedZeros(size),
            method: 8,
            size: size,
            checksum: crc32(zeros),
            mode: 0o100_644,
            isUTF8: true
        )
    }

    private mutating func add(
        _ name: [UInt8],
        stored: [UInt8],
        method: UInt16,
        size: Int,
        checksum: UInt32,
        mode: UInt32?,
        isUTF8: Bool
    ) {
        let fields =
            little(UInt16(isUTF8 ? 0x0800 : 0)) + little(method) + little(UInt32(0)) + little(checksum)
            + little(UInt32(stored.count)) + little(UInt32(size)) + little(UInt16(name.count)) + little(UInt16(0))
        self.directory += little(UInt32(0x0201_4b50)) + little(UInt16(mode == nil ? 20 : 3 << 8 | 20))
        self.directory += little(UInt16(20)) + fields + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0))
        self.directory += little((mode ?? 0) << 16) + little(UInt32(self.bytes.count)) + name
        self.bytes += little(UInt32(0x0403_4b50)) + little(UInt16(20)) + fields + name + stored
        self.count += 1
    }

    func finished() -> [UInt8] {
        self.bytes + self.directory + little(UInt32(0x0605_4b50)) + little(UInt32(0)) + little(UInt16(self.count))
            + little(UInt16(self.count)) + little(UInt32(self.directory.count)) + little(UInt32(self.bytes.count))
            + little(UInt16(0))
    }
}

/// A gzip file of the bytes, unpacked inside.
func gzip(_ content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    var rest = content[...]
    repeat {
        let chunk = rest.prefix(65_535)
        rest = rest.dropFirst(chunk.count)
        let size = UInt16(chunk.count)
        bytes += [rest.isEmpty ? 1 : 0] + little(size) + little(~size) + chunk
    } while !rest.isEmpty
    return bytes + little(crc32(content)) + little(UInt32(truncatingIfNeeded: content.count))
}

/// A gzip file of a tar's header over and over, as small as deflate makes it.
/// - Parameter block: of 512 bytes.
func gzip(repeating block: [UInt8], count: Int) -> [UInt8] {
    var bits = BitWriter()
    func literal(_ byte: UInt8) {
        if byte < 144 { bits.writeCode(0x30 + UInt32(byte), 8) } else { bits.writeCode(0x190 + UInt32(byte) - 144, 9) }
    }
    bits.write(0b011, 3)
    block.forEach(literal)
    let rest = block.count * (count - 1)
    for _ in 0..<rest / 258 {
        // 258 bytes from 512 back: 385 and 127 more.
        bits.writeCode(0b1100_0101, 8)
        bits.writeCode(17, 5)
        bits.write(127, 7)
    }
    for index in rest / 258 * 258..<rest { literal(block[index % block.count]) }
    bits.writeCode(0, 7)
    let content = Array(repeating: block, count: count).flatMap { $0 }
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + bits.finished() + little(crc32(content))
        + little(UInt32(content.count))
}

/// One literal zero, then copies of 258 zeros from one byte back, in deflate's fixed code.
private func deflatedZeros(_ count: Int) -> [UInt8] {
    var bits = BitWriter()
    bits.write(0b011, 3)
    bits.writeCode(0b0011_0000, 8)
    for _ in 0..<(count - 1) / 258 {
        bits.writeCode(0b1100_0101, 8)
        bits.writeCode(0, 5)
    }
    bits.writeCode(0, 7)
    return bits.finished()
}

private struct BitWriter {
    private var bytes: [UInt8] = []
    private var current: UInt32 = 0
    private var used = 0

    mutating func write(_ value: UInt32, _ count: Int) {
        for bit in 0..<count {
            self.current |= (value >> bit & 1) << self.used
            self.used += 1
            if self.used == 8 {
                self.bytes.append(UInt8(self.current))
                self.current = 0
                self.used = 0
            }
        }
    }

    /// Codes stand with their first bit first.
    mutating func writeCode(_ value: UInt32, _ count: Int) {
        for bit in (0..<count).reversed() { self.write(value >> bit & 1, 1) }
    }

    func finished() -> [UInt8] { self.used == 0 ? self.bytes : self.bytes + [UInt8(self.current)] }
}

private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { $0 >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
}
