import Heddle
import Testing

@Suite struct AggregationTableTests {
    @Test func `it gathers what a dictionary gathers, in the order in which keys came`() {
        var chance = Chance(seed: 6)
        var table = AggregationTable<Int, Int>()
        var (model, order) = ([Int: Int](), [Int]())
        for _ in 0..<20_000 {
            let key = Int.random(in: -3000...3000, using: &chance)
            let value = Int.random(in: 0...9, using: &chance)
            table.merge(key, value, +)
            if model[key] == nil { order.append(key) }
            model[key, default: 0] += value
        }
        #expect(table.count == model.count)
        #expect(model.allSatisfy { table.value(for: $0.key) == $0.value } && table.value(for: 5000) == nil)
        let entries = table.removeAll()
        #expect(entries.map(\.key) == order && entries.allSatisfy { model[$0.key] == $0.value })
        #expect(table.isEmpty && table.value(for: order[0]) == nil)
    }

    @Test func `texts, strings, pairs and optionals are keys`() {
        var texts = AggregationTable<Text, Int>()
        var strings = AggregationTable<String, Int>()
        var pairs = AggregationTable<Pair<Int?, Text>, Int>()
        for number in 0..<5000 {
            let key = "key of number \(number % 700)"
            texts.merge(Text(key), 1, +)
            strings.merge(key, 1, +)
            pairs.merge(Pair(number % 7 == 0 ? nil : number % 7, Text("\(number % 100)")), 1, +)
        }
        #expect(texts.count == 700 && strings.count == 700 && pairs.count == 700)
        #expect(texts.value(for: "key of number 12") == 8 && strings.value(for: "key of number 699") == 7)
    }

    @Test func `regular keys do not pile up`() {
        for shift in [0, 1, 8, 16, 32, 48] {
            var table = AggregationTable<Int, Int>()
            for number in 0..<10_000 { table.merge(number << shift, 1, +) }
            #expect(table.count == 10_000)
            // Of random hashes a bucket of a thousand gets ten, hardly ever thirty.
            for take in [{ Int($0 % 1000) }, { Int((($0 >> 32) * 1000) >> 32) }] as [(UInt64) -> Int] {
                var buckets = [Int](repeating: 0, count: 1000)
                for number in 0..<10_000 { buckets[take((number << shift).stableHash)] += 1 }
                #expect((buckets.max() ?? 0) < 40, "shifted by \(shift)")
            }
        }
    }

    @Test func `draining moves entries out, also when it is broken off`() {
        final class Part: Sendable {}
        struct Stop: Error {}
        var table = AggregationTable<Int, Part>()
        weak var kept: Part?
        do {
            let part = Part()
            kept = part
            for key in 0..<10 { table.upsert(key, initial: { part }, update: { _ in }) }
        }
        var seen: [Int] = []
        #expect(throws: Stop.self) {
            try table.drain { entry in
                seen.append(entry.key)
                if seen.count == 4 { throw Stop() }
            }
        }
        #expect(seen == [0, 1, 2, 3] && table.isEmpty && kept == nil)
        table.upsert(3, initial: { Part() }, update: { _ in })
        #expect(table.count == 1 && table[0].key == 3)
    }

    @Test func `its memory is accounted for as it grows`() {
        var table = AggregationTable<Text, Int>()
        let empty = table.memoryBytes
        for number in 0..<1000 { table.merge(Text("a key that needs a buffer \(number)"), 1, +) }
        #expect(table.memoryBytes >= empty + 1000 * (32 + 8 + 27))
        #expect(table.memoryBytes < empty + 1000 * 400)
    }

    @Test func `a key keeps no block of a file alive`() {
        final class Flag: Sendable {}
        weak var released: Flag?
        var table = AggregationTable<Text, Int>()
        do {
            let flag = Flag()
            released = flag
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 1)
            unsafe memory.initializeMemory(as: UInt8.self, repeating: 0x61)
            let block = unsafe TextBuffer(adopting: UnsafeRawBufferPointer(memory)) { [flag] in
                _ = flag
                unsafe $0.deallocate()
            }
            table.merge(block.text(in: 0..<100), 1, +)
        }
        #expect(released == nil && table.value(for: Text([UInt8](repeating: 0x61, count: 100))) == 1)
    }
}
