import Heddle
import Testing

@Suite struct StorableTests {
    enum Weather: UInt8, Storable {
        case sun
        case rain
    }
    struct Nothing: Storable, Equatable {
        func store(to writer: inout ByteWriter) {}
        static func load(from reader: inout ByteReader) -> Nothing { Nothing() }
    }

    private static let numbers: [Int] = (0..<64).flatMap { shift -> [Int] in
        let power = 1 << shift
        return [power, power &- 1, 0 &- power, ~power, 0]
    }

    /// A value comes back; cut anywhere it is refused; changed anywhere it is refused or something else, without a crash.
    private static func check<Value: Storable & Equatable>(_ value: Value) throws {
        var writer = ByteWriter()
        value.store(to: &writer)
        let bytes = writer.bytes()
        var reader = ByteReader(bytes)
        #expect(try Value.load(from: &reader) == value)
        #expect(reader.remaining == 0)
        for count in 0..<bytes.count {
            var cut = ByteReader(Array(bytes.prefix(count)))
            do {
                _ = try Value.load(from: &cut)
                Issue.record("\(value) was read from \(count) of \(bytes.count) bytes")
            } catch is CodecError {}
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                var other = ByteReader(changed)
                _ = try? Value.load(from: &other)
            }
        }
    }

    @Test func `every width of integers comes back`() throws {
        for number in Self.numbers {
            try Self.check(number)
            try Self.check(UInt(bitPattern: number))
            try Self.check(Int64(number))
            try Self.check(UInt64(bitPattern: Int64(number)))
            try Self.check(Int32(truncatingIfNeeded: number))
            try Self.check(UInt32(truncatingIfNeeded: number))
            try Self.check(Int16(truncatingIfNeeded: number))
            try Self.check(UInt16(truncatingIfNeeded: number))
            try Self.check(Int8(truncatingIfNeeded: number))
            try Self.check(UInt8(truncatingIfNeeded: number))
        }
    }

    @Test func `small numbers take one byte, the largest nine`() {
        for (number, size) in [(0, 1), (63, 1), (-64, 1), (64, 2), (8191, 2), (8192, 3), (Int.max, 9), (.min, 9)] {
            var writer = ByteWriter()
            number.store(to: &writer)
            #expect(writer.count == size, "\(number)")
        }
    }

    @Test func `fractions, flags, strings and texts come back`() throws {
        for number in [0, -0.0, 1.5, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
            try Self.check(number)
            try Self.check(Float(number))
        }
        var writer = ByteWriter()
        Double.nan.store(to: &writer)
        var reader = ByteReader(writer.bytes())
        #expect(try Double.load(from: &reader).isNaN)
        try Self.check(true)
        try Self.check(false)
        for text in [
            "", "a", "fifteen bytes..", "sixteen bytes...", "e\u{301}\u{1F600}", String(repeating: "long ", count: 60),
        ] {
            try Self.check(text)
            try Self.check(Text(text))
        }
        try Self.check(Text([0xFF, 0x00, 0x80]))
    }

    @Test func `collections and their nestings come back`() throws {
        try Self.check([Int]())
        for width in [3, 100, 1000, 1 << 20, 1 << 40] { try Self.check((0..<9).map { $0 * width - 4 }) }
        try Self.check(Self.numbers)
        try Self.check([1.5, -2.5, .infinity])
        try Self.check([UInt8](0...255))
        try Self.check(ContiguousArray(["a", "b"]))
        try Self.check([Text("a"), "a text of more than fifteen bytes", ""])
        try Self.check([[1, 2], [], [3]])
        try Self.check(["a": [1, 2], "b": []])
        try Self.check(Set(["x", "y", "z"]))
        try Self.check([Int?.none, 7, nil])
        try Self.check(Int??.some(nil))
        try Self.check(Pair(Text("a"), Pair(1, [true, false])))
        try Self.check([Pair(1, "x"), Pair(2, "y")])
        try Self.check([Weather.rain, .sun])
        try Self.check([Nothing(), Nothing(), Nothing()])
    }

    @Test func `a count that is larger than the bytes is not believed`() {
        var writer = ByteWriter()
        writer.write(varint: 1 << 60)
        let bytes = writer.bytes()
        func refuses<Value: Storable>(_ type: Value.Type) -> Bool {
            var reader = ByteReader(bytes)
            do {
                _ = try Value.load(from: &reader)
                return false
            } catch {
                return (error as? CodecError)?.kind == .truncated
            }
        }
        #expect(refuses([Int].self) && refuses([Nothing].self) && refuses([Double].self) && refuses([[Text]].self))
        #expect(refuses(String.self) && refuses(Text.self) && refuses(Set<Int>.self) && refuses([Int: Int].self))
    }

    @Test func `errors name what was read and where`() {
        var reader = ByteReader([1, 2])
        _ = try? reader.readByte()
        let error = #expect(throws: CodecError.self) { try String.load(from: &reader) }
        #expect(error?.description.contains("within a string") == true || error?.kind == .truncated)
        #expect("\(CodecError(.truncated, "a string", offset: 7))".contains("ends within a string, at byte 7"))
    }

    @Test func `long texts share the buffer only where that is asked for`() throws {
        var writer = ByteWriter()
        Text("a text of more than fifteen bytes").store(to: &writer)
        let buffer = writer.finish()
        var sharing = ByteReader(buffer, sharesText: true)
        var copying = ByteReader(buffer)
        #expect(try Text.load(from: &sharing) == Text.load(from: &copying))
    }

    @Test func `any bytes at all are read to a value or an error`() {
        var chance = Chance(seed: 7)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &chance)).map { _ in
                UInt8.random(in: 0...255, using: &chance)
            }
            var first = ByteReader(bytes)
            _ = try? [Pair<Text, [Int]>].load(from: &first)
            var second = ByteReader(bytes)
            _ = try? [String: Set<Double>].load(from: &second)
            var third = ByteReader(bytes)
            _ = try? [[Int?]].load(from: &third)
        }
    }
}
