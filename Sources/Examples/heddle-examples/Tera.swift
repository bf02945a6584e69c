import Heddle

/// Writes rows to be sorted: 99 bytes and a line end, the first ten of them a key by chance. The same number of rows is
/// always the same rows.
enum TeraGen: Application {
    static let usage = "ROWS OUTPUT [PARTITIONS]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let partitions = try arguments.count(2, or: context.defaultParallelism)
        try await context.range(0, try arguments.count(0), partitions: partitions).map { Self.row($0) }
            .saveAsTextFile(try arguments.text(1))
    }

    /// Ten letters between space and tilde, two spaces, the row's number in 32 digits, two spaces, and 53 letters of filler.
    static func row(_ number: Int) -> Text {
        var chance = SeededGenerator(seed: UInt64(number))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(99)
        for _ in 0..<10 { bytes.append(32 + UInt8(chance.next() % 95)) }
        bytes += [32, 32]
        let digits = Array(String(number).utf8)
        bytes += repeatElement(48, count: 32 - digits.count)
        bytes += digits
        bytes += [32, 32]
        for place in 0..<53 { bytes.append(65 + UInt8((number + place / 8) % 26)) }
        return Text(bytes)
    }
}

/// Sorts rows by their keys.
enum TeraSort: Application {
    static let usage = "INPUT OUTPUT [PARTITIONS]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let rows = try await context.textFile(try arguments.text(0))
        let partitions = try arguments.count(2, or: rows.partitionCount)
        try await rows.sortBy(partitions: partitions) { $0.prefix(10) }.saveAsTextFile(try arguments.text(1))
    }
}

/// Looks whether rows are in the order of their keys, and adds up their checksums, which sorting does not change.
enum TeraValidate: Application {
    static let usage = "INPUT"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let parts = try await context.textFile(try arguments.text(0)).mapPartitions { [Part($0)] }.collect()
        var all = Part()
        for part in parts { all = all.followed(by: part) }
        print("rows \(all.rows)")
        print("checksum \(String(all.checksum, radix: 16))")
        guard all.isSorted else { throw NotSorted() }
        print("sorted")
    }

    struct NotSorted: Error, CustomStringConvertible {
        var description: String { "the rows are not sorted" }
    }

    /// What is known of rows that follow each other.
    struct Part: Codable, Sendable {
        var rows = 0
        var checksum: UInt64 = 0
        var isSorted = true
        var first = Text()
        var last = Text()

        init() {}

        init(_ rows: some Sequence<Text>) {
            for row in rows {
                let key = row.prefix(10).detached()
                if self.rows == 0 { self.first = key }
                if key < self.last { self.isSorted = false }
                self.last = key
                self.rows += 1
                var checksum = Checksum()
                checksum.add(row)
                self.checksum &+= UInt64(checksum.value)
            }
        }

        func followed(by other: Part) -> Part {
            if self.rows == 0 || other.rows == 0 { return self.rows == 0 ? other : self }
            var all = self
            all.rows += other.rows
            all.checksum &+= other.checksum
            all.isSorted = self.isSorted && other.isSorted && self.last <= other.first
            all.last = other.last
            return all
        }
    }
}
