import Foundation

/// What the jobs read; the same bytes in every run.
enum BenchmarkData {
    private struct Chance {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15

        mutating func next() -> UInt64 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return self.state ^ (self.state >> 29)
        }
    }

    /// - Parameter count: bytes of text, or records.
    static func make(_ kind: String, count: Int, at path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var content: [UInt8] = []
        content.reserveCapacity(5 << 20)
        var written = 0
        var chance = Chance()
        let words = Self.vocabulary(&chance)
        var column = 0
        while written < count {
            switch kind {
            case "text":
                // The inverse of the harmonic distribution: rank e^(u ln n).
                let share = Double(chance.next() >> 11) / Double(1 << 53)
                let word = words[min(max(Int(pow(Double(words.count), share)) - 1, 0), words.count - 1)]
                column += 1
                content += word
                content.append(column % 12 == 0 ? UInt8(ascii: "\n") : UInt8(ascii: " "))
                written += word.count + 1
            default:
                // 99 printable bytes, the first ten of them by chance, and the line's end.
                var key = chance.next()
                for _ in 0..<10 {
                    content.append(UInt8(ascii: "!") + UInt8(key % 90))
                    key /= 90
                }
                let number = Array("\(written)".utf8)
                content += number
                content += repeatElement(UInt8(ascii: "x"), count: 89 - number.count)
                content.append(UInt8(ascii: "\n"))
                written += 1
            }
            if content.count >= 4 << 20 {
                try file.write(contentsOf: content)
                content.removeAll(keepingCapacity: true)
            }
        }
        try file.write(contentsOf: content)
        try file.close()
    }

    /// 100,000 words, the frequent ones short.
    private static func vocabulary(_ chance: inout Chance) -> [[UInt8]] {
        (0..<100_000).map { rank in
            let length = min(3 + rank % 7 + (rank > 50 ? rank % 4 : 0), 14)
            return (0..<length).map { _ in UInt8(ascii: "a") + UInt8(chance.next() >> 40 & 0xFF) % 26 }
        }
    }
}
