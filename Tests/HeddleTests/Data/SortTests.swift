import Heddle
import Testing

@Suite struct SortTests {
    /// Sorted as the model sorts, elements with equal keys in their order.
    private static func check<Key: Comparable & SendableMetatype>(
        _ keys: [Key],
        ascending: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var ours = keys.enumerated().map { Pair($0.element, $0.offset) }
        ours.sortStably(KeyOrder(ascending: ascending)) { $0.key }
        let model = keys.enumerated().sorted { left, right in
            if left.element == right.element { return left.offset < right.offset }
            return ascending ? left.element < right.element : right.element < left.element
        }
        #expect(ours.map(\.value) == model.map(\.offset), sourceLocation: sourceLocation)
    }

    private static let sizes = [0, 1, 2, 3, 31, 33, 200, 300, 5000, 30_000]

    @Test func `numbers of every spread are sorted, equal ones in their order`() {
        var chance = Chance(seed: 10)
        for size in Self.sizes {
            for bits in [1, 4, 12, 33, 64] {
                let keys = (0..<size).map { _ in Int(truncatingIfNeeded: chance.next() >> UInt64(64 - bits)) &- 7 }
                Self.check(keys)
                Self.check(keys, ascending: false)
            }
            Self.check((0..<size).map { _ in Int8.random(in: .min ... .max, using: &chance) })
            Self.check((0..<size).map { _ in UInt64.random(in: 0 ... .max, using: &chance) })
        }
    }

    @Test func `keys that share most of their digits are sorted`() {
        var chance = Chance(seed: 11)
        // A few outliers make the first digits useless for all others.
        let keys = (0..<20_000).map { _ in Int.random(in: 0..<3000, using: &chance) } + [.min, .max, 1 << 40]
        Self.check(keys)
        Self.check((0..<5000).map { $0 })
        Self.check((0..<5000).map { -$0 })
    }

    @Test func `fractions are sorted, both zeros as one and what is no number last`() {
        var chance = Chance(seed: 12)
        let keys = (0..<3000).map { _ in Double.random(in: -10...10, using: &chance).rounded() / 4 }
        Self.check(keys + [-0.0, 0.0, .infinity, -.infinity, -0.0])
        Self.check(keys.map { Float($0) })
        var odd = [Double.nan, 1, -.infinity, .nan, .infinity, -1]
        odd.sortStably { $0 }
        #expect(Array(odd.prefix(4)) == [-.infinity, -1, 1, .infinity] && odd[4].isNaN && odd[5].isNaN)
    }

    @Test func `texts, strings, pairs and flags are sorted`() {
        var chance = Chance(seed: 13)
        for size in Self.sizes where size <= 5000 {
            let texts = (0..<size).map { _ in
                Text("same start ".prefix(Int.random(in: 0...11, using: &chance)))
                    + Text(chance.bytes(upTo: 12, of: [0, 0x61, 0x62, 0xFF]))
            }
            Self.check(texts)
            Self.check(texts, ascending: false)
            let strings = (0..<size).map { _ in
                String(decoding: chance.bytes(upTo: 4, of: [0x61, 0x62]), as: UTF8.self)
            }
            Self.check(strings)
            Self.check(zip(strings, texts).map { Pair($0, $1) })
            Self.check(texts.map { Pair($0.count, $0) })
        }
    }

    @Test func `elements that are references are moved, not lost`() {
        var chance = Chance(seed: 14)
        final class Box: Sendable {
            let number: Int
            init(_ number: Int) { self.number = number }
        }
        var boxes = (0..<1000).map { _ in Box(Int.random(in: 0...99, using: &chance)) }
        let sum = boxes.reduce(0) { $0 + $1.number }
        let copy = boxes
        boxes.sortStably { $0.number }
        #expect(boxes.map(\.number) == copy.map(\.number).sorted())
        #expect(boxes.reduce(0) { $0 + $1.number } == sum)
    }

    private static func source<Element>(_ elements: [Element]) -> () throws -> Element? {
        var rest = elements[...]
        return { rest.popFirst() }
    }

    @Test func `merging gives what sorting all gives, equal elements by source`() throws {
        var chance = Chance(seed: 15)
        for count in [0, 1, 2, 3, 5, 8, 13, 64] {
            let runs = (0..<count).map { source in
                (0..<Int.random(in: 0...40, using: &chance)).map { _ in
                    Pair(Int.random(in: 0...50, using: &chance), source)
                }.sorted { $0.key < $1.key }
            }
            var merge = Merge(runs.map(Self.source)) { $0.key }
            var merged: [Pair<Int, Int>] = []
            while let next = try merge.next() { merged.append(next) }
            var model = runs.flatMap { $0 }
            model.sortStably { $0.key }
            #expect(merged == model)
            #expect(try merge.next() == nil)
        }
    }

    @Test func `merging compares whole texts, downwards too, and passes on what a source throws`() throws {
        struct Broken: Error {}
        let runs: [[Text]] = [["long prefix z", "long prefix b", "a"], ["long prefix y", "long prefix a"], []]
        var merge = Merge(runs.map(Self.source), KeyOrder(ascending: false)) { $0 }
        var merged: [Text] = []
        while let next = try merge.next() { merged.append(next) }
        #expect(merged == runs.flatMap { $0 }.sorted(by: >))
        var broken = Merge<Int, Int>([Self.source([1]), { throw Broken() }]) { $0 }
        #expect(throws: Broken.self) { try broken.next() }
    }
}
