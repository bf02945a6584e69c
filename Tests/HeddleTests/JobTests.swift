import Glibc
import Synchronization
import Testing

@testable import Heddle

/// What closures of these tests count by: globals are no captures, and here all tasks share a process.
private enum Counts {
    static let failures = Atomic(0)
    static let attempts = Atomic(0)
    static let reads = Atomic(0)
    static let parses = Atomic(0)
    static let meeting = Atomic(0)
    static let isWaiting = Atomic(false)
}

private struct Unlucky: Error, CustomStringConvertible {
    var description: String { "no luck" }
}

@Suite(.timeLimit(.minutes(2))) struct JobTests {
    @Test func `a task that throws fails the job with its place, its text and its number`() async throws {
        let context = try HeddleContext(master: "local[2]")
        let error = await #expect(throws: HeddleError.self) {
            try await context.parallelize(0..<4, partitions: 4).map { number -> Int in
                if number == 2 { throw Unlucky() }
                return number
            }.collect()
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("task 2 of stage 0 (collect at JobTests.swift:"), "\(text)")
        #expect(text.contains("failed once") && text.hasSuffix(": no luck"), "\(text)")
        // The context is as good as before.
        #expect(try await context.parallelize([1]).count() == 1)
    }

    @Test func `a task is run as often as the master says`() async throws {
        let context = try HeddleContext(master: "local[2,3]")
        let sum = try await context.parallelize(0..<3, partitions: 3).map { number -> Int in
            if number == 1 && Counts.failures.wrappingAdd(1, ordering: .relaxed).newValue < 3 { throw Unlucky() }
            return number
        }.sum()
        #expect(sum == 3)
        let error = await #expect(throws: HeddleError.self) {
            try await context.parallelize([1], partitions: 1).map { number -> Int in
                Counts.attempts.wrappingAdd(1, ordering: .relaxed)
                throw Unlucky()
            }.count()
        }
        #expect(error?.description.contains("failed 3 times") == true)
        #expect(Counts.attempts.load(ordering: .relaxed) == 3)
    }

    @Test func `ten rounds over a cached dataset read its input once`() async throws {
        let context = try HeddleContext(master: "local[2]")
        var centers = [0.0, 10.0]
        for _ in 0..<10 {
            // Made again in each round: the same work is the same dataset.
            let points = context.parallelize(0..<20, partitions: 2).map { number in
                Counts.reads.wrappingAdd(1, ordering: .relaxed)
                return Double(number)
            }.cache()
            let sums = points.map(with: centers) { centers, point in
                Pair(abs(point - centers[0]) < abs(point - centers[1]) ? 0 : 1, Pair(point, 1))
            }.reduceByKey { Pair($0.key + $1.key, $0.value + $1.value) }
            for sum in try await sums.collect() { centers[sum.key] = sum.value.key / Double(sum.value.value) }
        }
        var expected = [0.0, 10.0]
        for _ in 0..<10 {
            let near = (0..<20).map(Double.init).filter { abs($0 - expected[0]) < abs($0 - expected[1]) }
            let far = (0..<20).map(Double.init).filter { abs($0 - expected[0]) >= abs($0 - expected[1]) }
            expected = [near, far].map { $0.reduce(0, +) / Double($0.count) }
        }
        #expect(centers == expected)
        #expect(Counts.reads.load(ordering: .relaxed) == 20)
    }

    /// Each level reads the one before twice: from the last there are two to the power of forty ways to the first.
    @Test func `a dataset that is met on very many ways is looked at once`() async throws {
        let context = try HeddleContext(master: "local[2]")
        var numbers = context.range(0, 10, partitions: 2).cache()
        for _ in 0..<40 {
            numbers = numbers.zip(numbers).map { $0.key &+ $0.value }.cache()
            #expect(try await numbers.count() == 10)
        }
        #expect(try await numbers.collect() == (0..<10).map { $0 << 40 })
    }

    @Test func `what is no longer persisted is computed again`() async throws {
        let context = try HeddleContext(master: "local[2]")
        let parsed = context.parallelize(["1", "2"], partitions: 1).map { text in
            Counts.parses.wrappingAdd(1, ordering: .relaxed)
            return Int(text) ?? 0
        }.persist()
        #expect(try await parsed.sum() == 3)
        #expect(try await parsed.sum() == 3)
        #expect(Counts.parses.load(ordering: .relaxed) == 2)
        parsed.unpersist()
        #expect(try await parsed.sum() == 3)
        #expect(Counts.parses.load(ordering: .relaxed) == 4)
    }

    /// The order to end a task may overtake the task: one of them that went on would keep its thread for ever.
    @Test(.timeLimit(.minutes(1))) func `jobs that are cancelled as they begin leave no task running`() async throws {
        let context = try HeddleContext(master: "local[2]")
        for _ in 0..<200 {
            let job = Task {
                try await context.parallelize(0..<4, partitions: 4)
                    .flatMap { number in sequence(first: number) { $0 &+ 1 } }.count()
            }
            await Task.yield()
            job.cancel()
            _ = try? await job.value
        }
        #expect(try await context.parallelize(0..<4, partitions: 4).sum() == 6)
    }

    @Test func `a job ends with the task that waits for it`() async throws {
        let context = try HeddleContext(master: "local[1]")
        let job = Task {
            try await context.parallelize([1], partitions: 1).flatMap { _ in
                sequence(first: 0) { number in
                    Counts.isWaiting.store(true, ordering: .relaxed)
                    return number + 1
                }
            }.count()
        }
        while !Counts.isWaiting.load(ordering: .relaxed) { await Task.yield() }
        job.cancel()
        let error = await #expect(throws: HeddleError.self) { try await job.value }
        #expect(error?.description.contains("the job was cancelled") == true)
        #expect(try await context.parallelize([1]).count() == 1)
    }

    @Test func `what was shuffled goes with the datasets that can ask for it`() async throws {
        let context = try HeddleContext(master: "local[2]")
        let kept = context.parallelize([Pair(1, 1), Pair(2, 2)], partitions: 2).reduceByKey { $0 + $1 }
        #expect(try await kept.count() == 2)
        for number in 0..<500 {
            let pairs = context.parallelize([number], partitions: 1).map { Pair($0, $0) }
            #expect(try await pairs.reduceByKey { $0 + $1 }.count() == 1)
        }
        #expect(try #require(context.local).outputCount < 200)
        #expect(try await kept.values().sum() == 3)
    }

    @Test func `as many tasks run at a time as the master says, however many processors there are`() async throws {
        let context = try HeddleContext(master: "local[16]")
        // Each waits for all others.
        try await context.range(0, 16, partitions: 16).foreach { _ in
            Counts.meeting.wrappingAdd(1, ordering: .relaxed)
            while Counts.meeting.load(ordering: .relaxed) < 16 { sched_yield() }
        }
        #expect(Counts.meeting.load(ordering: .relaxed) == 16)
    }

    @Test func `jobs run side by side`() async throws {
        let context = try HeddleContext(master: "local[2]")
        let sums = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await context.parallelize(0..<10, partitions: 3).map(with: number) { $0 * $1 }
                        .map { Pair($0 % 3, $0) }.reduceByKey { $0 + $1 }.values().sum()
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sums == 45 * 1225)
    }

    @Test(arguments: ["", "local[", "local[0]", "local[x]", "local[2,0]", "local[1,2,3]"])
    func `a master that is not known is refused`(_ master: String) {
        let error = #expect(throws: HeddleError.self) { try HeddleContext(master: master) }
        #expect(error?.description.contains("local[N]") == true)
    }
}
