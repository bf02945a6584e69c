import Foundation

/// Word count with nothing but a loop over the bytes and a table made for it alone, in two threads: what is left to gain.
enum BareLoop {
    /// - Returns: how many words there are, different ones and all.
    static func words(_ path: String) async throws -> String {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let middle = data.withUnsafeBytes { bytes in
            var place = bytes.count / 2
            while place < bytes.count, bytes[place] > 32 { place += 1 }
            return place
        }
        async let first = Self.count(data, 0..<middle)
        let second = await Self.count(data, middle..<data.count)
        let tables = await [first, second]
        let merged = tables[0].merging(tables[1])
        return "\(merged.used)/\(merged.total)"
    }

    @concurrent
    private static func count(_ data: Data, _ range: Range<Int>) async -> WordTable {
        data.withUnsafeBytes { bytes in
            var table = WordTable(bytes)
            var start = -1
            var hash: UInt64 = 0
            for index in range {
                let byte = bytes[index]
                if byte > 32 {
                    if start < 0 { (start, hash) = (index, 0) }
                    hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
                } else if start >= 0 {
                    table.add(start, index - start, hash, 1)
                    start = -1
                }
            }
            if start >= 0 { table.add(start, range.upperBound - start, hash, 1) }
            return table
        }
    }
}

/// Words by where they first stand.
private struct WordTable: @unchecked Sendable {
    private struct Entry {
        var start: Int
        var length: Int
        var hash: UInt64
        var count: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var entries: [Entry]
    private(set) var used = 0
    private let mask = (1 << 18) - 1

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.entries = Array(repeating: Entry(start: 0, length: 0, hash: 0, count: 0), count: 1 << 18)
    }

    var total: Int { self.entries.reduce(0) { $0 + $1.count } }

    mutating func add(_ start: Int, _ length: Int, _ hash: UInt64, _ count: Int) {
        var place = Int(truncatingIfNeeded: hash ^ hash >> 29) & self.mask
        while true {
            let entry = self.entries[place]
            if entry.count == 0 { break }
            if entry.hash == hash, entry.length == length, self.isSame(entry.start, start, length) {
                self.entries[place].count += count
                return
            }
            place = (place + 1) & self.mask
        }
        precondition(self.used < self.mask / 2, "more words than the table is made for")
        self.used += 1
        self.entries[place] = Entry(start: start, length: length, hash: hash, count: count)
    }

    private func isSame(_ left: Int, _ right: Int, _ length: Int) -> Bool {
        for index in 0..<length where self.bytes[left + index] != self.bytes[right + index] { return false }
        return true
    }

    func merging(_ other: WordTable) -> WordTable {
        var merged = self
        for entry in other.entries where entry.count > 0 {
            merged.add(entry.start, entry.length, entry.hash, entry.count)
        }
        return merged
    }
}
