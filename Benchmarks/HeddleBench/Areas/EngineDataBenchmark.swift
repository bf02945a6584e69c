import BenchmarkInput
import Heddle

/// The data layer of the engine, each part beside what it cannot be faster than or what a program would use without it, in
/// turns. CPU seconds of one thread.
enum EngineDataBenchmark {
    static func run(_ session: Session) async throws {
        let text = EngineDataInput.zipfText(bytes: session.size(48 << 20, tiny: 1 << 16))
        try self.measureWords(session, text)
        try self.measureTables(session)
        try self.measureCodecs(session)
        try self.measureSorts(session)
    }

    /// Runs both in turns; prints ours and how many times the other's time it takes.
    private static func compare(
        _ session: Session,
        _ name: String,
        with other: String,
        ours: () throws -> Int,
        theirs: () throws -> Int
    ) throws {
        var (seconds, ratios) = (Series(), Series())
        for _ in 0..<session.size(5, tiny: 1) {
            let (mine, first) = try self.seconds(ours)
            let (baseline, second) = try self.seconds(theirs)
            guard first == second else { throw BenchmarkFailure("\(name): \(first) is not \(other)'s \(second)") }
            seconds.append(mine * 1000)
            ratios.append(mine / max(baseline, 1e-9))
        }
        session.print("engine-data.\(name)", seconds.quantile(0.5), "ms")
        session.print("engine-data.\(name).times-\(other)", ratios.quantile(0.5), "ratio")
    }

    private static func seconds(_ body: () throws -> Int) rethrows -> (Double, Int) {
        let watch = Stopwatch()
        let result = try body()
        return (watch.cpuSeconds, result)
    }

    private static func measureWords(_ session: Session, _ text: TextBuffer) throws {
        try self.compare(
            session,
            "word-count",
            with: "bare-loop",
            ours: {
                var table = AggregationTable<Text, Int>()
                for line in text.text.lines {
                    for word in line.words { table.merge(word, 1, +) }
                }
                return table.count
            },
            theirs: { unsafe text.withUnsafeBytes { unsafe BareWords(counting: $0).distinct } }
        )
        try self.compare(
            session,
            "words",
            with: "bare-loop",
            ours: {
                var count = 0
                for word in text.text.words { count += word.isEmpty ? 0 : 1 }
                return count
            },
            theirs: { unsafe text.withUnsafeBytes { unsafe BareWords.count(in: $0) } }
        )
    }

    private static func measureTables(_ session: Session) throws {
        let (operations, keys) = (session.size(4_000_000, tiny: 1000), session.size(1_000_000, tiny: 100))
        for (name, count) in [("few", keys / 1000 + 1), ("many", keys)] {
            let numbers = EngineDataInput.numbers(operations, below: count)
            try self.compare(
                session,
                "table.\(name)-integers",
                with: "dictionary",
                ours: {
                    var table = AggregationTable<Int, Int>()
                    for number in numbers { table.merge(number, 1, +) }
                    return table.count
                },
                theirs: {
                    var table: [Int: Int] = [:]
                    for number in numbers { table[number, default: 0] += 1 }
                    return table.count
                }
            )
            let texts = numbers.map { Text("key-\($0)") }
            let strings = numbers.map { "key-\($0)" }
            try self.compare(
                session,
                "table.\(name)-texts",
                with: "dictionary-of-strings",
                ours: {
                    var table = AggregationTable<Text, Int>()
                    for text in texts { table.merge(text, 1, +) }
                    return table.count
                },
                theirs: {
                    var table: [String: Int] = [:]
                    for string in strings { table[string, default: 0] += 1 }
                    return table.count
                }
            )
        }
    }

    private static func measureSorts(_ session: Session) throws {
        let numbers = EngineDataInput.numbers(session.size(2_000_000, tiny: 1000), below: .max)
        let pairs = numbers.map { Pair($0, $0) }
        try self.compareSorts(session, "integers", pairs)
        try self.compareSorts(session, "texts", numbers.map { Pair(EngineDataInput.key(of: $0), $0) })
        try self.compareSorts(session, "fractions", numbers.map { Pair(Double($0), $0) })
    }

    private static func compareSorts<Key: Comparable & SendableMetatype>(
        _ session: Session,
        _ name: String,
        _ pairs: [Pair<Key, Int>]
    ) throws {
        try self.compare(
            session,
            "sort.\(name)",
            with: "array-sort",
            ours: {
                var sorted = pairs
                sorted.sortStably { $0.key }
                return sorted.last?.value ?? 0
            },
            theirs: {
                var sorted = pairs
                sorted.sort { $0.key < $1.key }
                return sorted.last?.value ?? 0
            }
        )
    }
}

extension EngineDataBenchmark {
    private static func measureCodecs(_ session: Session) throws {
        let count = session.size(2_000_000, tiny: 1000)
        let numbers = EngineDataInput.numbers(count, below: 1 << 30)
        try self.measureCodec(session, "integers", numbers)
        try self.measureCodec(session, "fractions", numbers.map { Double($0) })
        try self.measureCodec(
            session,
            "words-and-counts",
            numbers.map { Pair(Text("w\($0 % 100_000)"), $0 % 50) },
            Codec()
        )
        let rows = numbers.prefix(session.size(100_000, tiny: 100)).map {
            EngineDataInput.Row(carrier: "UA", delay: Double($0 % 90), month: $0 % 12, distance: $0 % 4000)
        }
        try self.measureCodec(session, "codable-rows", rows)
    }

    /// Writing, and reading again, each beside one copy of as many bytes.
    private static func measureCodec<Value: Codable & SendableMetatype>(
        _ session: Session,
        _ name: String,
        _ values: [Value],
        _ codec: Codec<Value> = Codec()
    ) throws {
        var sample = ByteWriter()
        try codec.store(contentsOf: values, to: &sample)
        let bytes = sample.bytes()
        session.print("engine-data.codec.\(name).size", Double(bytes.count) / Double(values.count), "bytes/value")
        let buffer = TextBuffer(copying: bytes)
        var room = ByteWriter(capacity: bytes.count + 64)
        try self.compare(
            session,
            "codec.\(name).write",
            with: "memcpy",
            ours: {
                room.removeAll()
                try codec.store(contentsOf: values, to: &room)
                return room.count
            },
            theirs: {
                room.removeAll()
                room.write(bytes: bytes)
                return room.count
            }
        )
        try self.compare(
            session,
            "codec.\(name).read",
            with: "memcpy",
            ours: {
                var reader = ByteReader(buffer)
                return try codec.loadAll(from: &reader).count - values.count
            },
            theirs: {
                room.removeAll()
                room.write(bytes: bytes)
                return room.count - bytes.count
            }
        )
    }
}
