import ApplicationMaster
import Dispatch
import EngineCore
import EngineLink
import Synchronization
import TestSupport
import Testing

@testable import Heddle

/// What a driver does outside follows the order of its decisions, whatever thread made them.
@Suite(.timeLimit(.minutes(2))) struct EffectOrderTests {
    /// Runs nothing; stands still where it is asked for the first executor, until it is let go.
    private final class Notes: ExecutorBackend {
        let totals = Mutex<[Int]>([])
        let isStanding = Atomic(false)
        let gate = DispatchSemaphore(value: 0)

        func request(executors total: Int) {
            if self.isStanding.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged {
                self.gate.wait()
            }
            self.totals.withLock { $0.append(total) }
        }

        func launch(_ orders: [LaunchOrder], for driver: Driver) {}
        func kill(_ task: TaskAttempt) {}
        func forget(dataset: Digest) {}
        func forget(shuffle: Digest) {}
        func forget(value: Digest) {}
        func copy(_ wish: CopyWish, for driver: Driver) {}
        func remove(_ executor: ExecutorID, handsOver: Bool) {}
        func stop(failure: String?) {}
    }

    private func start(_ backend: any ExecutorBackend) -> ApplicationStart {
        ApplicationStart(
            parallelism: 2,
            backend: backend,
            application: EventLog.Application(id: "test", name: "test", user: "test", properties: [:])
        ) { _, _ in }
    }

    @Test func `a total of wanted executors is not followed by an older one`() async throws {
        let backend = Notes()
        var start = self.start(backend)
        start.settings.allocation.isDynamic = true
        start.settings.allocation.backlogTimeout = .zero
        start.settings.allocation.sustainedBacklogTimeout = .zero
        let context = try HeddleContext(start)
        // One executor is asked for when the job comes. On a thread of its own, since that stands still.
        let job = Task(executorPreference: EngineThreads.apart) {
            try? await context.parallelize(0..<4, partitions: 4).count()
        }
        try await eventually("the first total is on its way") { backend.isStanding.load(ordering: .relaxed) }
        // And more of them now; whoever decides that does not wait.
        context.driver.tell(.timePassed)
        backend.gate.signal()
        try await eventually("all are asked for") { backend.totals.withLock { $0.contains(4) } }
        #expect(backend.totals.withLock { $0 == $0.sorted() && $0.first == 1 }, "\(backend.totals.withLock { $0 })")
        context.stop()
        #expect(await job.value == nil)
    }

    @Test func `a stage's report that nobody takes holds no task up`() async throws {
        let (gate, reports) = (DispatchSemaphore(value: 0), Counter())
        let start = try ApplicationStart.make("local[2]", EngineProperties())
        let driver = Driver(
            settings: start.settings,
            backend: start.backend,
            stageEnded: { _ in
                reports.add()
                if reports.value == 1 { gate.wait() }
            }
        )
        try start.begin(driver, nil)
        let context = try HeddleContext(self.start(Notes()))
        let numbers = context.parallelize(0..<2, partitions: 2).map { number in
            Computed.count.add()
            return number
        }
        let action = Step("count", at: SourceSite(#fileID, #line), CountAction<Int>.self) {
            try CountAction<Int>.open($0)
        }
        let stages = StageBuilder(action: action, on: numbers.node).stages
        var jobs: [Task<Int, any Error>] = []
        for number in 1...2 {
            jobs.append(
                Task { try await driver.run(stages, partitions: 0..<2, name: "count", label: JobLabel()).count }
            )
            // The first job's report stands still when the second job comes.
            try await eventually("the tasks run") { Computed.count.value == 2 * number && reports.value >= 1 }
        }
        gate.signal()
        for job in jobs { #expect(try await job.value == 2) }
        #expect(reports.value == 2)
    }

    // MARK: - Lanes

    @Test func `what many threads add is done one by one, in the order of adding`() async throws {
        let lane = EffectLane<Int>()
        let added = Mutex(0)
        let done = Mutex<[Int]>([])
        let atWork = Atomic(0)
        let count = 2_000
        DispatchQueue.concurrentPerform(iterations: count) { _ in
            added.withLock { next in
                lane.add(next)
                next += 1
            }
            lane.run { number in
                #expect(atWork.wrappingAdd(1, ordering: .relaxed).oldValue == 0)
                done.withLock { $0.append(number) }
                atWork.wrappingSubtract(1, ordering: .relaxed)
            }
        }
        try await eventually("all is done") { done.withLock { $0.count } == count }
        #expect(done.withLock { $0 } == Array(0..<count))
    }

    @Test func `what an effect adds comes after what was there, and keeps nobody for ever`() async throws {
        let lane = EffectLane<String>()
        let done = Mutex<[String]>([])
        let isOver = Atomic(false)
        @Sendable func carryOut(_ name: String) {
            done.withLock { $0.append(name) }
            guard !isOver.load(ordering: .relaxed) else { return }
            lane.add("more")
            lane.run { carryOut($0) }
        }
        lane.add("first")
        lane.add("second")
        lane.run { carryOut($0) }
        // There was always more, and yet this thread goes on.
        isOver.store(true, ordering: .relaxed)
        #expect(done.withLock { Array($0.prefix(3)) } == ["first", "second", "more"])
    }
}

private enum Computed {
    static let count = Counter()
}
