import EngineLink
import Logging
import Synchronization
import TestSupport
import Testing

@testable import EngineCore
@testable import Heddle

/// What comes to a driver's control port, and what the driver does with it.
@Suite(.timeLimit(.minutes(2))) struct RemoteBackendTests {
    /// Gives no executors; notes where they would have to go.
    private final class NoExecutors: ExecutorSource {
        let invitation = Mutex<ExecutorInvitation?>(nil)
        let events = Mutex<ExecutorEvents?>(nil)
        let removed = Mutex<[ExecutorID]>([])

        func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws {
            self.invitation.withLock { $0 = invitation }
            self.events.withLock { $0 = events }
        }

        func request(_ total: Int) {}
        func remove(_ executor: ExecutorID) { self.removed.withLock { $0.append(executor) } }
        func stop(failure: String?) {}
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private let source = NoExecutors()
    private let backend: RemoteBackend
    private let driver: Driver
    private let client: ControlClient

    init() throws {
        let secret = ApplicationSecret(application: "test")
        self.backend = RemoteBackend(cluster: self.source, secret: secret)
        self.driver = Driver(settings: EngineSettings(), backend: self.backend)
        try self.backend.start(self.driver, host: "127.0.0.1", pages: nil, logger: Self.logger)
        let port = try #require(self.source.invitation.withLock { $0 }).port
        self.client = ControlClient(host: "127.0.0.1", port: port, secret: secret, logger: Self.logger)
    }

    private func end() {
        self.client.close()
        self.backend.stop(failure: nil)
    }

    private func register(
        _ executor: Int,
        program: String = ProgramFingerprint.own,
        servicePort: Int? = nil
    ) throws {
        let registration = Registration(
            executor: executor,
            host: "127.0.0.1",
            blockPort: 1,
            cores: 1,
            program: program,
            servicePort: servicePort
        )
        _ = try self.client.call(ControlMethod.register, Portable.encode(registration))
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `an executor of another program is refused, and told why`() {
        defer { self.end() }
        let text = self.refusal { try self.register(1, program: "1-abc") }
        #expect(text.contains("the executor runs another program than the driver (1-abc"), "\(text)")
        // It was not taken for an executor: another of that number may come.
        #expect(self.refusal { try self.register(1) } == "")
    }

    @Test func `a number is taken once, also when its executor is gone`() throws {
        defer { self.end() }
        try self.register(1)
        #expect(self.refusal { try self.register(1) }.contains("executor 1 is not expected"))
        self.source.events.withLock { $0 }?.lost(ExecutorID(1), .ended(message: ""))
        #expect(self.refusal { try self.register(1) }.contains("executor 1 is not expected"))
        try self.register(2)
    }

    @Test func `executors of an ApplicationMaster that was lost are gone together`() throws {
        defer { self.end() }
        for executor in [1, 2, 100_001] { try self.register(executor) }
        self.source.events.withLock { $0 }?.lostBefore(ExecutorID(100_001), .ended(message: ""))
        let status = self.driver.status(
            of: EventLog.Application(id: "test", name: "test", user: "test", properties: [:]),
            startedAt: 0
        )
        #expect(status.executors.filter { $0.removedAt == nil }.map(\.description.id) == [ExecutorID(100_001)])
    }

    @Test func `an executor that is not known is told to end`() throws {
        defer { self.end() }
        let exchange = Exchange(executor: 7, ended: [], waits: true)
        let answer = try self.client.call(ControlMethod.exchange, Portable.encode(exchange))
        #expect(try Portable.decode(Orders.self, from: answer).stops)
    }

    @Test func `an executor keeps one question open, which is answered when there is something to say`() async throws {
        defer { self.end() }
        try self.register(1)
        let question = try Portable.encode(Exchange(executor: 1, ended: [], waits: true))
        let first = Mutex<Orders?>(nil)
        self.client.send(ControlMethod.exchange, question) { result in
            first.withLock { $0 = try? Portable.decode(Orders.self, from: result.get()) }
        }
        let second = Mutex<Orders?>(nil)
        self.client.send(ControlMethod.exchange, question) { result in
            second.withLock { $0 = try? Portable.decode(Orders.self, from: result.get()) }
        }
        try await eventually("the older question is let go") { first.withLock { $0?.isEmpty } == true }
        #expect(second.withLock { $0 == nil })
        self.backend.remove(ExecutorID(1), handsOver: true)
        try await eventually("the other is answered") { second.withLock { $0?.stops } == true }
        #expect(self.source.removed.withLock { $0 } == [ExecutorID(1)])
    }

    @Test func `an order to end a task that overtook the task goes with it`() throws {
        defer { self.end() }
        try self.register(1)
        let task = TaskAttempt(
            id: TaskID(5),
            stage: StageID(0),
            stageAttempt: 0,
            partition: 0,
            attempt: 0,
            seat: 0
        )
        let plan = SentPlan(digest: Digest(of: []), bytes: [], values: [], shuffle: nil)
        let launch = LaunchOrder(
            task: task,
            executor: ExecutorID(1),
            plan: EncodedPlan(plan),
            order: TaskOrder(plan: Digest(of: []), partition: 0, attempt: 0, slices: [])
        )
        self.backend.kill(task)
        self.backend.launch([launch], for: self.driver)
        let question = Exchange(executor: 1, ended: [], waits: true)
        let answer = try self.client.call(ControlMethod.exchange, Portable.encode(question))
        let orders = try Portable.decode(Orders.self, from: answer)
        #expect(orders.tasks.map(\.task) == [5] && orders.kills == [5])
    }

    /// What an executor is told that is to go.
    private func farewell(_ executor: Int, handsOver: Bool) throws -> Orders {
        self.backend.remove(ExecutorID(executor), handsOver: handsOver)
        let question = Exchange(executor: executor, ended: [], waits: true)
        return try Portable.decode(
            Orders.self,
            from: self.client.call(ControlMethod.exchange, Portable.encode(question))
        )
    }

    @Test func `an executor whose node has a service hands over before its container is given back`() throws {
        defer { self.end() }
        for executor in 1...2 { try self.register(executor, servicePort: 7_447) }
        try self.register(3)
        let first = try self.farewell(1, handsOver: true)
        #expect(first.leaves && !first.stops && self.source.removed.withLock { $0 }.isEmpty)
        // One that is not asked to, and one that cannot.
        for executor in 2...3 {
            let orders = try self.farewell(executor, handsOver: executor == 3)
            #expect(orders.stops && !orders.leaves)
        }
        #expect(self.source.removed.withLock { $0 } == [ExecutorID(2), ExecutorID(3)])
        let departure = Departure(executor: 1, handedOver: true)
        _ = try self.client.call(ControlMethod.leave, Portable.encode(departure))
        #expect(self.source.removed.withLock { $0 }.last == ExecutorID(1))
    }

    @Test func `what is no message, and what is no method, is refused`() {
        defer { self.end() }
        #expect(self.refusal { _ = try self.client.call(ControlMethod.exchange, [9]) }.contains("cannot be read"))
        #expect(self.refusal { _ = try self.client.call("sing", []) }.contains("there is no method sing"))
    }
}
