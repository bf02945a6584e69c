import Heddle

/// What the data layer is measured with: the same in every run.
enum EngineDataInput {
    struct Row: Codable, Sendable {
        var carrier: String
        var delay: Double
        var month: Int
        var distance: Int
    }

    private struct Chance {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15

        mutating func next() -> UInt64 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return self.state ^ (self.state >> 29)
        }

        /// From 0 up to 1.
        mutating func share() -> Double { Double(self.next() >> 11) / Double(1 << 53) }
    }

    static func numbers(_ count: Int, below bound: Int) -> [Int] {
        var chance = Chance()
        return (0..<count).map { _ in Int(truncatingIfNeeded: chance.next() >> 1) % bound }
    }

    /// Ten printable bytes, as the keys of sort benchmarks are.
    static func key(of number: Int) -> Text {
        var rest = UInt64(bitPattern: Int64(number))
        return Text(
            (0..<10).map { _ in
                defer { rest /= 61 }
                return UInt8(ascii: "0") + UInt8(rest % 61)
            }
        )
    }

    /// Lines of words of which few are frequent and most are rare, 100,000 in all.
    static func zipfText(bytes: Int) -> TextBuffer {
        var chance = Chance()
        let words = (0..<100_000).map { rank -> [UInt8] in
            let length = min(3 + rank % 7 + (rank > 50 ? rank % 4 : 0), 14)
            return (0..<length).map { _ in UInt8(ascii: "a") + UInt8(chance.next() >> 40 & 0xFF) % 26 }
        }
        var content: [UInt8] = []
        content.reserveCapacity(bytes + 100)
        var column = 0
        while content.count < bytes {
            // The inverse of the harmonic distribution: rank e^(u ln n).
            let rank = Int(self.power(100_000, chance.share())) - 1
            content += words[min(max(rank, 0), words.count - 1)]
            column += 1
            content.append(column % 12 == 0 ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        }
        return TextBuffer(copying: content)
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

/// Word count with nothing but bytes and a table for it alone: the measure of what is left to gain.
enum BareWordCount {
    static func words(_ text: TextBuffer) -> Int {
        unsafe text.withUnsafeBytes { bytes in
            var (count, isInside) = (0, false)
            for index in 0..<bytes.count {
                let isSpace = unsafe bytes[index] <= 0x20
                if isInside && isSpace { count &+= 1 }
                isInside = !isSpace
            }
            return isInside ? count + 1 : count
        }
    }

    private struct Slot {
        var hash: UInt64
        var start: Int
        var length: Int
        var count: Int
    }

    static func distinctWords(_ text: TextBuffer) -> Int {
        unsafe text.withUnsafeBytes { bytes in
            let size = 1 << 19
            let slots = UnsafeMutablePointer<Slot>.allocate(capacity: size)
            unsafe slots.initialize(repeating: Slot(hash: 0, start: 0, length: 0, count: 0), count: size)
            defer { unsafe slots.deallocate() }
            var distinct = 0
            var (start, hash) = (0, UInt64(0xCBF2_9CE4_8422_2325))
            for index in 0...bytes.count {
                let byte = index == bytes.count ? 0x20 : unsafe bytes[index]
                if byte > 0x20 {
                    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
                    continue
                }
                if index > start {
                    var slot = Int(truncatingIfNeeded: hash >> 32) & (size - 1)
                    while true {
                        let found = unsafe slots + slot
                        if unsafe found.pointee.count == 0 {
                            unsafe found.initialize(
                                to: Slot(hash: hash, start: start, length: index - start, count: 1)
                            )
                            distinct += 1
                            break
                        }
                        if unsafe found.pointee.hash == hash, unsafe found.pointee.length == index - start,
                            unsafe self.equal(bytes, found.pointee.start, start, index - start)
                        {
                            unsafe found.pointee.count &+= 1
                            break
                        }
                        slot = (slot + 1) & (size - 1)
                    }
                }
                start = index + 1
                hash = 0xCBF2_9CE4_8422_2325
            }
            return distinct
        }
    }

    @inline(__always) @unsafe private static func equal(
        _ bytes: UnsafeRawBufferPointer,
        _ left: Int,
        _ right: Int,
        _ count: Int
    ) -> Bool {
        for offset in 0..<count {
            if unsafe bytes[left &+ offset] != bytes[right &+ offset] { return false }
        }
        return true
    }
}
