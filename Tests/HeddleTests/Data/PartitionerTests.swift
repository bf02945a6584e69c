import Heddle
import Testing

@Suite struct PartitionerTests {
    struct Place: Hashable, Sendable {
        var name: String
        var floor: Int
    }
    /// Equal whatever the note says.
    struct Noted: Hashable, Sendable {
        var id: Int
        var note: String
        static func == (left: Noted, right: Noted) -> Bool { left.id == right.id }
        func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
    }
    enum Shape: Hashable, Sendable {
        case dot
        case circle(Double)
    }

    private static func hash<Key: Hashable & SendableMetatype>(_ key: Key) -> UInt64 { KeyHash<Key>()(key) }

    /// Swift seeds its hashes anew in every process, so constants can only hold if nothing depends on that.
    @Test func `hashes are the same in every process`() {
        #expect(Self.hash(1) == 0xB499_582F_B868_D383)
        #expect(Self.hash("heddle") == 0x6892_3E24_5225_DF5F)
        #expect(Self.hash(Place(name: "hall", floor: 2)) == 0x36EB_33F1_D0F7_3D7F)
        #expect(Self.hash(Shape.circle(1.5)) == 0x8CEB_0676_282E_6796)
        #expect(Self.hash(Shape.dot) == 0x692D_FABE_725D_210F)
        #expect(Self.hash(Set(["a", "b", "c", "d"])) == 0xAEC5_F075_C6B0_CC7F)
        #expect(Self.hash(["a": 1, "b": 2, "c": 3]) == 0x46B6_5A56_CD8E_7547)
        #expect(Self.hash(Text("a text of more than fifteen bytes")) == 0x40BC_10AA_FA33_7DB2)
    }

    @Test func `equal keys have equal hashes`() {
        #expect(Self.hash(0.0) == Self.hash(-0.0) && Self.hash(Float(0)) == Self.hash(-Float(0)))
        #expect(Self.hash("caf\u{e9}") == Self.hash("cafe\u{301}"))
        #expect("\u{212A}" == "K" && Self.hash("\u{212A}") == Self.hash("K"))
        #expect(Self.hash(Noted(id: 1, note: "a")) == Self.hash(Noted(id: 1, note: "b")))
        #expect(Self.hash(Shape.circle(0.0)) == Self.hash(Shape.circle(-0.0)))
        #expect(Self.hash(Int?.none) != Self.hash(Int?.some(0)))
        #expect(Self.hash(Pair(1, 2)) != Self.hash(Pair(2, 1)))
        var (left, right) = (Set<Int>(minimumCapacity: 1000), Set<Int>())
        for number in 0..<20 { left.insert(number) }
        for number in (0..<20).reversed() { right.insert(number) }
        #expect(left == right && Self.hash(left) == Self.hash(right))
        let pairs = left.map { ($0, "\($0)") }
        #expect(
            Self.hash(Dictionary(uniqueKeysWithValues: pairs))
                == Self.hash(Dictionary(uniqueKeysWithValues: pairs.reversed()))
        )
    }

    @Test func `keys are spread evenly over any number of partitions`() {
        for count in [1, 2, 3, 16, 200] {
            let numbers = HashPartitioner<Int>(partitions: count)
            let words = HashPartitioner<Text>(partitions: count)
            var (first, second) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
            for number in 0..<20_000 {
                first[numbers(number * 8)] += 1
                second[words(Text("word\(number)"))] += 1
            }
            let fair = 20_000 / count
            #expect(
                first.allSatisfy { abs($0 - fair) <= fair / 2 + 1 }
                    && second.allSatisfy { abs($0 - fair) <= fair / 2 + 1 }
            )
        }
    }

    @Test func `ranges hold the keys between their bounds, those at a bound above it`() {
        for ascending in [true, false] {
            let bounds = ascending ? [-5, 0, 10] : [10, 0, -5]
            let ranges = RangePartitioner(bounds: bounds, order: KeyOrder(ascending: ascending))
            #expect(ranges.partitions == 4)
            for key in -20...20 {
                #expect(ranges(key) == bounds.filter { ascending ? $0 <= key : $0 >= key }.count)
            }
        }
        let texts = RangePartitioner<Text>(bounds: ["long prefix b", "long prefix d"])
        #expect([texts("long prefix a"), texts("long prefix c"), texts("z"), texts("")] == [0, 1, 2, 0])
        let strings = RangePartitioner<String>(bounds: ["b"])
        #expect(strings("a") == 0 && strings("b") == 1)
        #expect(RangePartitioner<Int>(bounds: [])(7) == 0)
    }

    @Test func `bounds of a sample make partitions of the same size, fewer where keys repeat`() {
        var chance = Chance(seed: 16)
        let keys = (0..<10_000).map { _ in Int.random(in: 0...1_000_000, using: &chance) }
        let ranges = RangePartitioner(sample: keys, partitions: 8)
        var sizes = [Int](repeating: 0, count: ranges.partitions)
        for key in keys { sizes[ranges(key)] += 1 }
        #expect(sizes.count == 8 && sizes.allSatisfy { abs($0 - 1250) < 10 })
        #expect(RangePartitioner(sample: [1, 1, 1, 1], partitions: 4).partitions == 1)
        #expect(RangePartitioner(sample: [1, 1, 2, 2], partitions: 4).bounds == [2])
        #expect(RangePartitioner<Int>(sample: [], partitions: 4).partitions == 1)
    }
}
