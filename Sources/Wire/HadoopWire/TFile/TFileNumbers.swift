// The numbers and texts of Hadoop's TFile and of what log aggregation keeps in one.

/// Why bytes are not a TFile, or not one that can be read here.
package struct TFileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }

    static let truncated = TFileFailure("the aggregated log file ends inside a field")
}

extension [UInt8] {
    /// TFile's own variable number: one byte for -32...127, else the first byte tells the length and holds upper bits.
    mutating func append(tfile value: Int64) {
        if (-32...127).contains(value) {
            self.append(UInt8(truncatingIfNeeded: value))
            return
        }
        let magnitude = UInt64(bitPattern: value < 0 ? ~value : value)
        let length = (64 - magnitude.leadingZeroBitCount) / 8 + 1
        // Upper bits that the first byte has room for, by the count of bytes behind it, with what marks them.
        for (behind, bound, mark) in [(1, 20, 52), (2, 16, 88), (3, 8, 112)] as [(Int, Int64, Int64)]
        where behind + 1 >= length {
            let upper = value >> Int64(8 * behind)
            guard (-bound..<bound).contains(upper) else { continue }
            self.append(UInt8(truncatingIfNeeded: upper - mark))
            self.append(bigEndian: value, bytes: behind)
            return
        }
        let count = Swift.max(length, 4)
        self.append(UInt8(truncatingIfNeeded: count - 129))
        self.append(bigEndian: value, bytes: count)
    }

    mutating func append(bigEndian value: Int64, bytes count: Int) {
        for index in (0..<count).reversed() {
            self.append(UInt8(truncatingIfNeeded: value >> Int64(8 * index)))
        }
    }

    /// A text of TFile's own tables: length and UTF-8.
    mutating func append(tfile text: String) {
        let bytes = Array(text.utf8)
        self.append(tfile: Int64(bytes.count))
        self.append(contentsOf: bytes)
    }

    /// Java's `writeUTF`: a length of two bytes, then each UTF-16 unit on its own. What is longer than 65535 bytes is
    /// cut, which no name or list of users is.
    mutating func append(javaText text: String) {
        var bytes: [UInt8] = []
        for unit in text.utf16 {
            let before = bytes.count
            switch unit {
            case 1...0x7F: bytes.append(UInt8(unit))
            case 0, 0x80...0x7FF:
                bytes.append(0xC0 | UInt8(unit >> 6))
                bytes.append(0x80 | UInt8(unit & 0x3F))
            default:
                bytes.append(0xE0 | UInt8(unit >> 12))
                bytes.append(0x80 | UInt8(unit >> 6 & 0x3F))
                bytes.append(0x80 | UInt8(unit & 0x3F))
            }
            guard bytes.count <= 0xFFFF else {
                bytes.removeLast(bytes.count - before)
                break
            }
        }
        self.append(bigEndian: Int64(bytes.count), bytes: 2)
        self.append(contentsOf: bytes)
    }
}

/// The text of Java's `writeUTF` bytes, without their length.
func javaText(_ bytes: [UInt8]) throws(TFileFailure) -> String {
    var units: [UInt16] = []
    var rest = bytes[...]
    let malformed = TFileFailure("a name in the aggregated log file is not Java's UTF-8")
    func next() throws(TFileFailure) -> UInt16 {
        guard let byte = rest.popFirst(), byte & 0xC0 == 0x80 else { throw malformed }
        return UInt16(byte & 0x3F)
    }
    while let byte = rest.popFirst() {
        switch byte {
        case 0...0x7F: units.append(UInt16(byte))
        case 0xC0...0xDF: units.append(UInt16(byte & 0x1F) << 6 | (try next()))
        case 0xE0...0xEF:
            let middle = try next()
            units.append(UInt16(byte & 0x0F) << 12 | middle << 6 | (try next()))
        default: throw malformed
        }
    }
    return String(decoding: units, as: UTF16.self)
}
