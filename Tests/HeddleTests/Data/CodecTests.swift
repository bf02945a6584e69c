import Heddle
import Testing

@Suite struct CodecTests {
    struct Flight: Codable, Hashable, Sendable {
        var carrier: String
        var delay: Double?
        var legs: [Leg]
        var tags: Set<String>
        var notes: [String: Int]
        var kind: Kind
    }
    struct Leg: Codable, Hashable, Sendable {
        var from: Text
        var miles: UInt16
        var isLate: Bool
        var share: Float
    }
    enum Kind: Codable, Hashable, Sendable {
        case cargo
        case people(Int, named: String?)
        indirect case part(of: Kind)
    }
    struct Wrapped: Codable, Hashable, Sendable {
        var legs: [Leg]
        init(legs: [Leg]) { self.legs = legs }
        init(from decoder: any Decoder) throws {
            self.legs = try decoder.singleValueContainer().decode([Leg].self)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self.legs)
        }
    }

    private static let leg = Leg(from: "EWR", miles: 65_000, isLate: true, share: 0.5)
    private static let flights = [
        Flight(carrier: "UA", delay: nil, legs: [], tags: [], notes: [:], kind: .cargo),
        Flight(
            carrier: "gr\u{fc}n, and long enough",
            delay: -1.5,
            legs: [Self.leg, Self.leg],
            tags: ["a", "b"],
            notes: ["x": 1, "y": -2],
            kind: .part(of: .people(3, named: "z"))
        ),
    ]

    private static func check<Value: Codable & Equatable & SendableMetatype>(_ value: Value) throws {
        let codec = Codec<Value>()
        #expect(try codec.decode(codec.encode(value)) == value)
        var writer = ByteWriter()
        try codec.store(contentsOf: [value, value], to: &writer)
        var reader = ByteReader(writer.bytes())
        #expect(try codec.loadAll(from: &reader) == [value, value])
        #expect(reader.remaining == 0)
    }

    @Test func `structs, enums with payloads, collections and wrappers come back`() throws {
        for flight in Self.flights { try Self.check(flight) }
        try Self.check(Self.flights)
        try Self.check(Pair("key", Self.leg))
        try Self.check(Optional(Self.leg))
        try Self.check(Leg?.none)
        try Self.check(Wrapped(legs: [Self.leg]))
        try Self.check([1: Self.leg, 2: Self.leg])
        try Self.check([Self.leg: 1])
        try Self.check(Set([Self.leg]))
        try Self.check([Kind?.none, .cargo])
        try Self.check(Int8(-4))
        try Self.check("text")
        try Self.check([Double]())
    }

    /// What the compiler knows of a type differs from place to place; what is written must not.
    private static func bytes<Value: Codable & SendableMetatype>(ofAny values: [Value]) throws -> [UInt8] {
        var writer = ByteWriter()
        try Codec<Value>().store(contentsOf: values, to: &writer)
        return writer.bytes()
    }

    private static func checkPairs<Key: Codable & Equatable & SendableMetatype, Part>(
        _ pairs: [Pair<Key, Part>]
    ) throws where Part: Codable & Equatable & SendableMetatype {
        let codec = Codec<Pair<Key, Part>>()
        var writer = ByteWriter()
        try codec.store(contentsOf: pairs, to: &writer)
        #expect(try writer.bytes() == Self.bytes(ofAny: pairs))
        var reader = ByteReader(writer.bytes())
        #expect(try codec.loadAll(from: &reader) == pairs)
        for pair in pairs { #expect(try codec.decode(codec.encode(pair)) == pair) }
    }

    @Test func `pairs are written alike wherever their parts are known`() throws {
        try Self.checkPairs([Pair(Text("a"), 1), Pair("more than fifteen bytes", -70_000)])
        try Self.checkPairs([Pair(1.5, "x"), Pair(-0.0, "")])
        try Self.checkPairs([Pair(1, Self.leg)])
        try Self.checkPairs([Pair(Self.leg, [Text]())])
        try Self.checkPairs([Pair<[Int], Int?>]())
    }

    @Test func `keys are written once for a batch`() throws {
        let codec = Codec<Leg>()
        var one = ByteWriter()
        var many = ByteWriter()
        try codec.store(Self.leg, to: &one)
        try codec.store(contentsOf: [Leg](repeating: Self.leg, count: 100), to: &many)
        #expect(many.count < 30 * 100 && one.count > 30)
    }

    /// Writes its parts in another order than it reads them, and some of them late.
    struct Unruly: Codable, Equatable, Sendable {
        enum Key: String, CodingKey {
            case first
            case second
            case inner
            case late
            case missing
        }
        var first = 1
        var second = "two"
        var inner = [3, 4]
        var late = Text("five")

        init() {}

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            var inner = container.nestedUnkeyedContainer(forKey: .inner)
            let late = container.superEncoder(forKey: .late)
            try container.encode(self.second, forKey: .second)
            for number in self.inner { try inner.encode(number) }
            var other = encoder.container(keyedBy: Key.self)
            try other.encode(self.first, forKey: .first)
            try self.late.encode(to: late)
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            #expect(Set(container.allKeys) == [.first, .second, .inner, .late])
            #expect(!container.contains(.missing))
            #expect(try container.decodeIfPresent(Int.self, forKey: .missing) == nil)
            self.first = try container.decode(Int.self, forKey: .first)
            self.late = try Text(from: container.superDecoder(forKey: .late))
            self.second = try container.decode(String.self, forKey: .second)
            var inner = try container.nestedUnkeyedContainer(forKey: .inner)
            #expect(inner.count == 2)
            self.inner = []
            while !inner.isAtEnd { self.inner.append(try inner.decode(Int.self)) }
        }
    }

    @Test func `containers may be written late and read in any order`() throws {
        try Self.check(Unruly())
        try Self.check([Unruly(), Unruly()])
    }

    class Animal: Codable {
        var name: String
        init(name: String) { self.name = name }
    }
    final class Dog: Animal {
        enum Key: CodingKey {
            case tricks
        }
        var tricks: Int
        let usesSuperEncoder = true

        init(name: String, tricks: Int) {
            self.tricks = tricks
            super.init(name: name)
        }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            self.tricks = try container.decode(Int.self, forKey: .tricks)
            try super.init(from: container.superDecoder())
        }
        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try super.encode(to: container.superEncoder())
            try container.encode(self.tricks, forKey: .tricks)
        }
    }
    final class Cat: Animal {
        enum Key: CodingKey {
            case lives
        }
        var lives: Int

        init(name: String, lives: Int) {
            self.lives = lives
            super.init(name: name)
        }
        required init(from decoder: any Decoder) throws {
            self.lives = try decoder.container(keyedBy: Key.self).decode(Int.self, forKey: .lives)
            try super.init(from: decoder)
        }
        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(self.lives, forKey: .lives)
        }
    }

    @Test func `classes come back with their superclass, in a place of its own or the same`() throws {
        let dog = try Codec<Dog>().decode(Codec<Dog>().encode(Dog(name: "a", tricks: 2)))
        #expect(dog.name == "a" && dog.tricks == 2)
        let cat = try Codec<Cat>().decode(Codec<Cat>().encode(Cat(name: "b", lives: 9)))
        #expect(cat.name == "b" && cat.lives == 9)
    }

    indirect enum Chain: Codable, Equatable, Sendable {
        case end
        case link(Chain)

        init(length: Int) {
            self = (0..<length).reduce(.end) { chain, _ in .link(chain) }
        }
    }

    @Test func `what is nested too deep is refused, not tried until the stack ends`() throws {
        try Self.check(Chain(length: 40))
        let error = #expect(throws: CodecError.self) { try Codec<Chain>().encode(Chain(length: 5000)) }
        #expect(error?.kind == .tooDeep)
    }

    @Test func `more keys than the table holds are written where they stand`() throws {
        struct Row: Codable, Equatable, Sendable { var cells: [String: Leg] }
        try Self.check(Row(cells: Dictionary(uniqueKeysWithValues: (0..<6000).map { ("key \($0)", Self.leg) })))
    }

    struct Failing: Encodable {
        struct Stop: Error {}
        func encode(to encoder: any Encoder) throws { throw Stop() }
    }
    struct Careful: Codable, Equatable, Sendable {
        enum Key: CodingKey {
            case bad
            case good
        }
        var good = 1
        init() {}
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            #expect(!container.contains(.bad))
            self.good = try container.decode(Int.self, forKey: .good)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try? container.encode(Failing(), forKey: .bad)
            try container.encode(self.good, forKey: .good)
        }
    }

    @Test func `a part that fails leaves nothing behind`() throws {
        try Self.check(Careful())
    }

    @Test func `cut data is refused at every length`() throws {
        let codec = Codec<[Flight]>()
        let bytes = try codec.encode(Self.flights)
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try codec.decode(Array(bytes.prefix(count))) }
        }
    }

    @Test func `changed data is an error or a value`() throws {
        let codec = Codec<[Flight]>()
        let unruly = Codec<Unruly>()
        let bytes = try codec.encode(Self.flights)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                _ = try? codec.decode(changed)
            }
        }
        let others = try unruly.encode(Unruly())
        var chance = Chance(seed: 8)
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<3 {
                changed[Int.random(in: changed.indices, using: &chance)] = .random(in: 0...255, using: &chance)
            }
            _ = try? codec.decode(changed)
        }
        #expect(!others.isEmpty)
        for count in others.indices { _ = try? Codec<Leg>().decode(Array(others.prefix(count))) }
    }
}
