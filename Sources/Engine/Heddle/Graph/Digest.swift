internal import Crypto

/// The SHA-256 of some bytes: the name of a value, a plan or a dataset that is the same in every process.
struct Digest: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    var a: UInt64
    var b: UInt64
    var c: UInt64
    var d: UInt64

    init(a: UInt64, b: UInt64, c: UInt64, d: UInt64) { (self.a, self.b, self.c, self.d) = (a, b, c, d) }

    init(of bytes: [UInt8]) {
        (self.a, self.b, self.c, self.d) = (0, 0, 0, 0)
        let hash = SHA256.hash(data: bytes)
        unsafe withUnsafeMutableBytes(of: &self) { target in
            unsafe hash.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }

    /// Reads what `description` writes.
    init?(_ text: String) {
        guard text.utf8.count == 64 else { return nil }
        var words: [UInt64] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let word = UInt64(rest.prefix(16), radix: 16) else { return nil }
            words.append(word.bigEndian)
            rest = rest.dropFirst(16)
        }
        (self.a, self.b, self.c, self.d) = (words[0], words[1], words[2], words[3])
    }

    static func < (left: Digest, right: Digest) -> Bool {
        (left.a, left.b, left.c, left.d) < (right.a, right.b, right.c, right.d)
    }

    var description: String {
        [self.a, self.b, self.c, self.d].map { word in
            let text = String(word.bigEndian, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
