import Heddle

/// A random computation, done by the engine and, step by step, on plain arrays: the model, which shares no code with the engine,
/// not even what an element is or where chance comes from.
///
/// With a marker some elements end the process that meets them, each once.
struct RandomGraph {
    typealias Element = Pair<Int, Int>

    /// An element of the model.
    struct Row: Hashable {
        var key: Int
        var value: Int

        init(_ key: Int, _ value: Int) { (self.key, self.value) = (key, value) }
    }

    private struct Step {
        var name: String
        var data: RDD<Element>
        var model: [Row]
    }

    private let context: HeddleContext
    private let marker: String
    private var random: ModelChance
    private var steps: [Step] = []
    private var kills = 0

    /// Products of joins and unions are cut down to so many elements.
    private static let elementsMaximum = 20_000

    init(_ context: HeddleContext, seed: UInt64, marker: String) {
        self.context = context
        self.random = ModelChance(seed: seed)
        self.marker = marker
    }

    /// - Returns: what differs; empty where nothing does.
    mutating func run() async throws -> String {
        self.begin()
        for _ in 0..<self.number(6, 14) { try await self.grow() }
        for step in self.steps.suffix(3) {
            if let problem = try await self.check(step) { return problem }
        }
        return ""
    }

    /// What was done, for whoever looks for a mistake.
    var description: String { self.steps.map(\.name).joined(separator: " ") }

    private mutating func number(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &self.random) }

    private mutating func any() -> Step { self.steps[self.number(max(0, self.steps.count - 4), self.steps.count - 1)] }

    private mutating func begin() {
        for _ in 0..<2 {
            let keys = [3, 50, 4_000][self.number(0, 2)]
            let rows = (0..<self.number(0, 6_000)).map { Row(($0 &* 7_919 &+ 13) % keys, $0) }
            let data = self.context.parallelize(
                rows.map { Pair($0.key, $0.value) },
                partitions: self.number(1, 5)
            )
            self.steps.append(Step(name: "parallelize(\(rows.count))", data: data, model: rows))
        }
    }

    private func check(_ step: Step) async throws -> String? {
        let found = try await step.data.collect().map { Row($0.key, $0.value) }.sorted(by: Self.precedes)
        let expected = step.model.sorted(by: Self.precedes)
        if found != expected {
            let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? -1
            return "\(step.name): \(found.count) elements, \(expected.count) expected; the first difference at \(place)"
        }
        let sorted = try await step.data.sortBy(partitions: 3) { $0.value }.collect()
        if zip(sorted, sorted.dropFirst()).contains(where: { $0.value > $1.value }) {
            return "\(step.name): not sorted"
        }
        if sorted.count != expected.count { return "\(step.name): sorting lost elements" }
        return nil
    }

    private static func precedes(_ left: Row, _ right: Row) -> Bool {
        (left.key, left.value) < (right.key, right.value)
    }

    private mutating func add(_ name: String, _ data: RDD<Element>, _ model: [Row]) {
        if model.count <= Self.elementsMaximum {
            self.steps.append(Step(name: name, data: data, model: model))
            return
        }
        self.steps.append(
            Step(
                name: "\(name) filter",
                data: data.filter { $0.value % 7 == 0 },
                model: model.filter { $0.value % 7 == 0 }
            )
        )
    }

    private mutating func grow() async throws {
        let (one, two) = (self.any(), self.any())
        let parameter = self.number(2, 40)
        switch self.number(0, 14) {
        case 0:
            self.add(
                "map",
                one.data.map(with: parameter) { Pair(($1.key &* $0 &+ 1) % 5_000, $1.value &+ $0) },
                one.model.map { Row(($0.key &* parameter &+ 1) % 5_000, $0.value &+ parameter) }
            )
        case 1:
            self.add(
                "filter",
                one.data.filter(with: parameter) { $1.value % $0 != 0 },
                one.model.filter { $0.value % parameter != 0 }
            )
        case 2:
            self.add(
                "flatMap",
                one.data.flatMap { [$0, Pair($0.key + 1, $0.value / 2)] },
                one.model.flatMap { [$0, Row($0.key + 1, $0.value / 2)] }
            )
        case 3: self.add("union", one.data.union(two.data), one.model + two.model)
        case 4: self.add("distinct", one.data.distinct(), Array(Set(one.model)))
        case 5: self.add("repartition", one.data.repartition(self.number(1, 6)), one.model)
        case 6: self.persist(one)
        case 7: self.kill(one)
        default: self.gather(one, two)
        }
    }

    private mutating func gather(_ one: Step, _ two: Step) {
        let groups = Dictionary(grouping: one.model, by: \.key).mapValues { $0.map(\.value) }
        let others = Dictionary(grouping: two.model, by: \.key).mapValues { $0.map(\.value) }
        let sums = groups.mapValues { $0.reduce(0, &+) }
        let otherSums = others.mapValues { $0.reduce(0, &+) }
        let partitions = self.number(1, 5)
        func rows(_ values: [Int: Int]) -> [Row] { values.map { Row($0.key, $0.value) } }
        switch self.number(0, 6) {
        case 0: self.add("reduceByKey", one.data.reduceByKey(partitions: partitions) { $0 &+ $1 }, rows(sums))
        case 1:
            self.add(
                "groupByKey",
                one.data.groupByKey(partitions: partitions).mapValues { $0.reduce($0.count, &+) },
                rows(groups.mapValues { $0.reduce($0.count, &+) })
            )
        case 2:
            let joined = one.data.join(two.data.reduceByKey { $0 &+ $1 }, partitions: partitions)
            self.add(
                "join",
                joined.mapValues { $0.key &* 3 &+ $0.value },
                one.model.compactMap { pair in otherSums[pair.key].map { Row(pair.key, pair.value &* 3 &+ $0) } }
            )
        case 3:
            let joined = one.data.fullOuterJoin(two.data.reduceByKey { $0 &+ $1 }, partitions: partitions)
            let lonely = otherSums.filter { groups[$0.key] == nil }
            self.add(
                "fullOuterJoin",
                joined.mapValues { ($0.key ?? 5) &* 3 &+ ($0.value ?? 7) },
                one.model.map { Row($0.key, $0.value &* 3 &+ (otherSums[$0.key] ?? 7)) }
                    + lonely.map { Row($0.key, 15 &+ $0.value) }
            )
        case 4:
            self.add(
                "subtractByKey",
                one.data.subtractByKey(two.data, partitions: partitions),
                one.model.filter { others[$0.key] == nil }
            )
        case 5:
            let keys = Set(groups.keys).union(others.keys)
            self.add(
                "cogroup",
                one.data.cogroup(two.data, partitions: partitions).mapValues {
                    $0.key.reduce(0, &+) &* 5 &+ $0.value.reduce($0.value.count, &+)
                },
                keys.map { key in
                    let other = others[key] ?? []
                    return Row(key, (sums[key] ?? 0) &* 5 &+ other.reduce(other.count, &+))
                }
            )
        default:
            self.add(
                "aggregateByKey",
                one.data.aggregateByKey([Int](), partitions: partitions, { $0 + [$1] }, { $0 + $1 })
                    .mapValues { $0.max() ?? 0 },
                rows(groups.mapValues { $0.max() ?? 0 })
            )
        }
    }

    private mutating func persist(_ step: Step) {
        let levels: [StorageLevel] = [
            .memoryOnly, .memoryAndDisk, .diskOnly, .memoryOnlySerialized, .memoryAndDiskSerialized, .memoryOnly2,
            .memoryAndDisk2, .diskOnly2,
        ]
        self.add("persist", step.data.persist(levels[self.number(0, levels.count - 1)]), step.model)
    }

    /// An element of the step ends the process that meets it first.
    private mutating func kill(_ step: Step) {
        // In an order that is the same each time, so that a seed has the same victims.
        let rows = step.model.sorted(by: Self.precedes)
        guard !self.marker.isEmpty, self.kills < 3, let victim = rows.randomElement(using: &self.random) else { return }
        self.kills += 1
        let order = Pair("\(self.marker)-\(self.kills)", Pair(victim.key, victim.value))
        let data = step.data.map(with: order) { order, element in
            if element == order.value { die(once: order.key, signal: 9) }
            return element
        }
        self.add("kill", data, step.model)
    }
}

/// The chance of the model: Marsaglia's xorshift, scaled (Vigna's xorshift64*).
private struct ModelChance: RandomNumberGenerator {
    private var state: UInt64

    /// The state must not be 0; seeds that follow each other are to begin far from each other.
    init(seed: UInt64) {
        self.state = (seed &+ 1) &* 0xD129_0D3A_0F45_1B2F | 1
        for _ in 0..<8 { _ = self.next() }
    }

    mutating func next() -> UInt64 {
        self.state ^= self.state >> 12
        self.state ^= self.state << 25
        self.state ^= self.state >> 27
        return self.state &* 0x2545_F491_4F6C_DD1D
    }
}
