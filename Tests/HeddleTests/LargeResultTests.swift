import Synchronization
import TestSupport
import Testing

@testable import Heddle

/// How often tasks ran, for each test in a place of its own.
private let runs = (0..<9).map { _ in Counter() }

/// A result that travels as a block, over lines that break and lines that change what they carry.
@Suite(.timeLimit(.minutes(3))) struct LargeResultTests {
    private static let length = 3 << 20

    /// What a job with one large result comes to, and how often its task ran.
    private func outcome(
        _ place: Int,
        properties: [String: String] = [:],
        _ line: @escaping (Int) throws -> Relay
    ) async throws -> (Result<[[UInt8]], any Error>, runs: Int) {
        let executors = ExecutorsHere(try Folder())
        let context = try executors.context(properties)
        defer { context.stop() }
        let relay = Mutex<Relay?>(nil)
        defer { relay.withLock { $0 }?.close() }
        try executors.add(1) { port in
            let new = try line(port)
            relay.withLock { $0 = new }
            return new
        }
        let numbers = context.parallelize([Self.length], partitions: 1).map(with: place) { place, length in
            runs[place].add()
            return (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        }
        do {
            return (.success(try await numbers.collect()), runs[place].value)
        } catch {
            return (.failure(error), runs[place].value)
        }
    }

    private static let expected = (0..<Self.length).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    @Test func `a result whose transfer is cut is fetched again, and its task does not run again`() async throws {
        let relay = Mutex<Relay?>(nil)
        let (outcome, runs) = try await self.outcome(0) { port in
            let new = try Relay(to: port, cuts: Relay.Cuts(connections: 2, fromServer: 1_000_000))
            relay.withLock { $0 = new }
            return new
        }
        #expect(try outcome.get() == [Self.expected])
        #expect(runs == 1)
        #expect(relay.withLock { $0 }?.connections ?? 0 > 2)
    }

    @Test func `where each transfer is cut the task runs again, and at last the job fails and says so`() async throws {
        // Each fetch tries four times.
        for (place, cut) in [(7, 4), (8, .max)] {
            let properties = ["spark.task.maxFailures": "2"]
            let (outcome, runs) = try await self.outcome(place, properties: properties) { port in
                try Relay(to: port, cuts: Relay.Cuts(connections: cut, fromServer: 1_000_000))
            }
            #expect(runs == 2)
            if cut == 4 {
                #expect(try outcome.get() == [Self.expected])
                continue
            }
            let error = #expect(throws: HeddleError.self) { try outcome.get() }
            let text = "\(error.map { "\($0)" } ?? "")"
            #expect(text.contains("failed 2 times, most recently on executor 1: its result was lost"), "\(text)")
            #expect(text.contains("cannot be fetched"), "\(text)")
        }
    }

    @Test func `a result that is damaged on its way is fetched again`() async throws {
        let (outcome, runs) = try await self.outcome(1) { port in
            try Relay(to: port, damage: Relay.Damage(every: 1_000_000, times: 1))
        }
        #expect(try outcome.get() == [Self.expected])
        #expect(runs == 1)
    }

    @Test func `where each fetch is damaged the task runs again`() async throws {
        // Three bytes of each answer's three million: three fetches of the first run.
        let (outcome, runs) = try await self.outcome(2) { port in
            try Relay(to: port, damage: Relay.Damage(every: 1_000_000, times: 9))
        }
        #expect(try outcome.get() == [Self.expected])
        #expect(runs == 2)
    }

    @Test func `a result that cannot be had at all fails the job, which says what came`() async throws {
        let (outcome, runs) = try await self.outcome(3, properties: ["spark.task.maxFailures": "2"]) { port in
            try Relay(to: port, damage: Relay.Damage(every: 1_000_000))
        }
        let error = #expect(throws: HeddleError.self) { try outcome.get() }
        let text = "\(error.map { "\($0)" } ?? "")"
        #expect(text.contains("failed 2 times, most recently on executor 1: its result was lost"), "\(text)")
        #expect(text.contains("with the checksum") && text.contains("3 times others came"), "\(text)")
        #expect(runs == 2)
    }

    /// What a job comes to whose closure needs a large value, over a line that changes what it carries.
    private func outcome(_ place: Int, _ damage: Relay.Damage) async throws -> (Result<[Int], any Error>, runs: Int) {
        let executors = ExecutorsHere(try Folder())
        let relay = Mutex<Relay?>(nil)
        let context = try executors.context(["spark.task.maxFailures": "2"]) { port in
            let new = try Relay(to: port, damage: damage)
            relay.withLock { $0 = new }
            return new
        }
        defer {
            context.stop()
            relay.withLock { $0 }?.close()
        }
        try executors.add(1)
        let value = Pair(place, Self.expected)
        let sizes = context.parallelize([0], partitions: 1).map(with: value) { value, number in
            runs[value.key].add()
            return value.value.count
        }
        do {
            return (.success(try await sizes.collect()), runs[place].value)
        } catch {
            return (.failure(error), runs[place].value)
        }
    }

    @Test func `a value that is damaged on its way is fetched again, and then its task runs again`() async throws {
        for (place, times) in [(4, 1), (5, 9)] {
            let (outcome, runs) = try await self.outcome(place, Relay.Damage(every: 1_000_000, times: times))
            #expect(try outcome.get() == [Self.length])
            #expect(runs == 1)
        }
        let (outcome, runs) = try await self.outcome(6, Relay.Damage(every: 1_000_000))
        let error = #expect(throws: HeddleError.self) { try outcome.get() }
        let text = "\(error.map { "\($0)" } ?? "")"
        #expect(text.contains("failed 2 times") && text.contains("came damaged 3 times"), "\(text)")
        #expect(runs == 0)
    }

    @Test func `a result of another length is another one`() {
        let result = LargeResult(of: [1, 2, 3])
        #expect(result == LargeResult(of: [1, 2, 3]))
        for other in [[], [1, 2], [1, 2, 4], [1, 2, 3, 0]] as [[UInt8]] { #expect(result != LargeResult(of: other)) }
    }
}
