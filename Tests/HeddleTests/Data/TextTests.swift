import Heddle
import Testing

@Suite struct TextTests {
    private static let alphabet = Array("ab \t\nAZ,.".utf8) + [0x00, 0x80, 0xA0, 0xFF]

    /// Each content as a value of its own and as parts of larger buffers, at their start, inside and at their end.
    private static func forms(_ bytes: [UInt8]) -> [Text] {
        let before: [UInt8] = [0x20, 0x61, 0x0A]
        let around = TextBuffer(copying: before + bytes + [UInt8](repeating: 0x61, count: 20))
        let atEnd = TextBuffer(copying: before + bytes)
        return [
            Text(bytes), TextBuffer(copying: bytes).text,
            around.text(in: 3..<(3 + bytes.count)), atEnd.text(in: 3..<(3 + bytes.count)),
            around.text[3..<(3 + bytes.count)],
        ]
    }

    @Test func `a text takes 24 bytes`() {
        #expect(MemoryLayout<Text>.size == 24)
        #expect(MemoryLayout<Text?>.size <= 25)
    }

    @Test func `texts of the same bytes are equal, hash alike and give them back, wherever they stand`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
            for text in Self.forms(bytes) {
                #expect(text == Text(bytes))
                #expect(text.hashValue == Text(bytes).hashValue)
                #expect(text.stableHash == Text(bytes).stableHash)
                #expect(text.count == count && text.isEmpty == (count == 0))
                #expect(Array(text.bytes) == bytes)
                let contiguous = unsafe text.bytes.withContiguousStorageIfAvailable { unsafe Array($0) }
                #expect(contiguous == bytes)
                #expect(text.first == bytes.first && text.last == bytes.last)
            }
        }
    }

    @Test func `order and equality are those of the bytes`() {
        var chance = Chance(seed: 1)
        let contents = (0..<200).map { _ in chance.bytes(upTo: 20, of: [0, 1, 0x61, 0x7F, 0x80, 0xFF]) }
        for left in contents {
            for right in contents {
                #expect((Text(left) < Text(right)) == left.lexicographicallyPrecedes(right), "\(left) \(right)")
                #expect((Text(left) == Text(right)) == (left == right))
            }
        }
    }

    @Test func `words are the runs between ASCII whitespace`() {
        var chance = Chance(seed: 2)
        for _ in 0..<3000 {
            let bytes = chance.bytes(upTo: 60, of: Self.alphabet)
            let expected = bytes.split { $0 == 0x20 || (9...13).contains($0) }.map(Array.init)
            for text in Self.forms(bytes) { #expect(text.words.map { Array($0.bytes) } == expected) }
        }
        let long = String(repeating: "long", count: 100)
        #expect(Text("\(long) b \(long)").words.map(\.description) == [long, "b", long])
    }

    @Test func `splitting keeps empty pieces`() {
        var chance = Chance(seed: 3)
        for _ in 0..<3000 {
            let bytes = chance.bytes(upTo: 60, of: Self.alphabet)
            let expected = bytes.split(separator: 0x2C, omittingEmptySubsequences: false).map(Array.init)
            for text in Self.forms(bytes) {
                #expect(text.split(separator: 0x2C).map { Array($0.bytes) } == expected)
            }
        }
    }

    @Test(arguments: [
        ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\n", ["", ""]), ("a\r\nb\r\n", ["a", "b"]),
        ("a\rb\n", ["a\rb"]), ("a line of more than fifteen\r\n\nb", ["a line of more than fifteen", "", "b"]),
    ])
    func `lines end with a line feed, or carriage return and line feed`(text: String, lines: [String]) {
        for text in Self.forms(Array(text.utf8)) { #expect(text.lines.map(\.description) == lines) }
    }

    @Test func `parts, prefixes and places are those of the bytes`() {
        var chance = Chance(seed: 4)
        for _ in 0..<1000 {
            let bytes = chance.bytes(upTo: 40, of: [0x61, 0x62])
            let text = Self.forms(bytes).randomElement(using: &chance) ?? Text()
            let start = Int.random(in: 0...bytes.count, using: &chance)
            let end = Int.random(in: start...bytes.count, using: &chance)
            let part = Array(bytes[start..<end])
            #expect(Array(text[start..<end].bytes) == part)
            #expect(text.hasPrefix(text[..<end]) && text.hasSuffix(text[start...]))
            #expect(text.hasPrefix(Text(part)) == bytes.starts(with: part))
            #expect(text.hasSuffix(Text(part)) == bytes.reversed().starts(with: part.reversed()))
            let first = (0...(bytes.count - part.count)).first { Array(bytes[$0..<($0 + part.count)]) == part }
            #expect(text.firstRange(of: Text(part))?.lowerBound == first)
            #expect(text.contains(Text(part)) && !text.contains("c"))
            #expect(text.firstIndex(of: 0x62) == bytes.firstIndex(of: 0x62))
            #expect(Array(text.dropFirst(start).bytes) == Array(bytes.dropFirst(start)))
            #expect(Array(text.dropLast(start).bytes) == Array(bytes.dropLast(start)))
            #expect(text[..<start] + text[start...] == text)
        }
    }

    @Test func `texts are joined, trimmed and changed in case`() {
        #expect(Text.joined(["a", "", "b"], separator: ", ") == "a, , b")
        #expect(Text.joined(["", "a"], separator: "-") == "-a")
        #expect(Text.joined([]) == "")
        for text in ["", " a", "\ta b \r\n", "   ", String(repeating: " ", count: 20) + "x"] {
            let expected = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
            #expect(Text(text).trimmed().description == String(expected))
        }
        let letters = "@AMZ[`amz{\u{e9}\u{c9}01"
        let small = "@amz[`amz{\u{e9}\u{c9}01"
        let large = "@AMZ[`AMZ{\u{e9}\u{c9}01"
        #expect(Text(letters).lowercasedASCII().description == small)
        #expect(Text(letters).uppercasedASCII().description == large)
        #expect(Text("AZaz\u{e9}").lowercasedASCII() == "azaz\u{e9}")
        #expect(Text("AZaz\u{e9}").uppercasedASCII() == "AZAZ\u{e9}")
    }

    @Test(arguments: [
        "", "0", "-0", "+7", "-", "+", "12a", " 1", "127", "128", "-128", "-129", "007", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "99999999999999999999999",
    ])
    func `integers are parsed as Swift parses strings`(text: String) {
        #expect(Int(Text(text)) == Int(text))
        #expect(Int8(Text(text)) == Int8(text))
        #expect(UInt64(Text(text)) == UInt64(text))
    }

    @Test func `decimal numbers are parsed to the nearest Double`() {
        let fixed = [
            "", "0", "-0", "1.", ".5", ".", "-", "1e5", "1e400", "nan", "inf", "0x1p3", "1.5 ", "1..2", "-1.25",
            "123456789012345678", "0.1", "179769313486231570000000000000000000000", "9007199254740993",
            "1.7976931348623157e308",
        ]
        for text in fixed {
            let (ours, theirs) = (Double(Text(text)), Double(text))
            #expect(ours?.bitPattern == theirs?.bitPattern, "\(text)")
        }
        var chance = Chance(seed: 5)
        for _ in 0..<5000 {
            let places = Int.random(in: 0...12, using: &chance)
            let digits = String(
                UInt64.random(in: 0...1 << 60, using: &chance) >> UInt64.random(in: 0...59, using: &chance)
            )
            let text =
                places == 0
                ? digits : "-" + digits + "." + String(repeating: "0", count: places / 2) + digits.prefix(places)
            #expect(Double(Text(text)) == Double(text), "\(text)")
        }
    }

    @Test func `a short text holds no buffer, and a detached one only its own`() {
        final class Flag: Sendable {}
        weak var released: Flag?
        let short: Text
        let detached: Text
        do {
            let flag = Flag()
            released = flag
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
            unsafe memory.initializeMemory(as: UInt8.self, repeating: 0x61)
            let buffer = unsafe TextBuffer(adopting: UnsafeRawBufferPointer(memory)) { [flag] in
                _ = flag
                unsafe $0.deallocate()
            }
            short = buffer.text(in: 0..<15)
            let long = buffer.text(in: 0..<16)
            #expect(released != nil)
            detached = long.detached()
        }
        #expect(released == nil, "the buffer is let go with its last long text")
        #expect(short.count == 15 && detached == Text([UInt8](repeating: 0x61, count: 16)))
    }

    @Test func `strings come back; bytes that are no UTF-8 are replaced in them alone`() {
        #expect(
            String(Text("gr\u{fc}\u{df}e, a longer text of more bytes"))
                == "gr\u{fc}\u{df}e, a longer text of more bytes"
        )
        let broken = Text([0x61, 0xFF])
        #expect(broken.description == "a\u{FFFD}" && Array(broken.bytes) == [0x61, 0xFF])
    }
}
