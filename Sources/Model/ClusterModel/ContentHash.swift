/// SHA-256 of content, in lower-case hexadecimal digits: the name that content is kept under.
package struct ContentHash: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Returns: nil for what is no such hash, so that no other text ever becomes part of a path.
    package init?(_ text: String) {
        guard text.utf8.count == Self.digits, text.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.description = text
    }

    /// The 32 bytes that the digits stand for.
    package var bytes: [UInt8] {
        func nibble(_ digit: UInt8) -> UInt8 {
            digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
        }
        let digits = Array(self.description.utf8)
        return stride(from: 0, to: digits.count, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
    }

    private static let digits = 64

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }

    package static func < (left: ContentHash, right: ContentHash) -> Bool { left.description < right.description }
}
