/// Numbers that are the same in every run.
package struct BenchmarkChance: Sendable {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    package init() {}

    package mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ (self.state >> 29)
    }

    /// From 0 up to 1.
    package mutating func share() -> Double { Double(self.next() >> 11) / Double(1 << 53) }
}

/// Lines of words of which few are frequent and most are rare, 100,000 in all.
package struct ZipfText: Sendable {
    private static let wordCount = 100_000

    private var chance: BenchmarkChance
    private let words: [[UInt8]]
    private var column = 0

    package init() {
        var chance = BenchmarkChance()
        self.words = (0..<Self.wordCount).map { rank in
            let length = min(3 + rank % 7 + (rank > 50 ? rank % 4 : 0), 14)
            return (0..<length).map { _ in UInt8(ascii: "a") + UInt8(chance.next() >> 40 & 0xFF) % 26 }
        }
        self.chance = chance
    }

    /// Goes on with the text until there are so many bytes.
    package mutating func append(to content: inout [UInt8], until bytes: Int) {
        while content.count < bytes {
            // The inverse of the harmonic distribution: rank e^(u ln n).
            let rank = Int(Self.power(Double(Self.wordCount), self.chance.share())) - 1
            content += self.words[min(max(rank, 0), self.words.count - 1)]
            self.column += 1
            content.append(self.column % 12 == 0 ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        }
    }

    /// A power with an exponent between 0 and 1, by its binary digits.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var (result, root, rest) = (1.0, base, exponent)
        for _ in 0..<40 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}
