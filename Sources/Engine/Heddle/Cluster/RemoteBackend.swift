internal import Dispatch
internal import EngineCore
internal import EngineLink
internal import Logging
internal import Synchronization

/// Runs tasks in executors that are processes of their own and come to the driver's control port.
///
/// Each executor keeps one question open, so that whatever the driver has for it goes out at once, and tells of ended tasks
/// with questions beside it; what has gathered in the meantime travels together.
final class RemoteBackend: ExecutorBackend {
    struct Seat {
        var server: OutputPlaces.Server
        var orders = Orders()
        var parked: ControlAnswer?
        var knownPlans: Set<Digest> = []
        var running: [Int64: LaunchOrder] = [:]
        var lastHeard: ContinuousClock.Instant
    }

    private struct State {
        var seats: [ExecutorID: Seat] = [:]
        var executorOfTask: [Int64: ExecutorID] = [:]
        /// Executors that are gone; a number is never taken again.
        var gone: Set<ExecutorID> = []
        var isStopped = false
    }

    private static let plansMaximum = 4096

    /// Told of executors that come, and asked for more.
    let cluster: any ExecutorSource
    let secret: ApplicationSecret
    private let state = Mutex(State())
    private let driver = Mutex<Weak>(Weak())
    private let control: Mutex<(ControlServer?, BlockServer?)> = Mutex((nil, nil))
    private let blocks: BlockClient

    private struct Weak {
        weak var driver: Driver?
    }

    init(cluster: any ExecutorSource, secret: ApplicationSecret) {
        self.cluster = cluster
        self.secret = secret
        self.blocks = BlockClient(secret: secret)
    }

    /// Opens the driver's ports and begins to ask for executors.
    func start(_ driver: Driver, host: String, logger: Logger) throws {
        self.driver.withLock { $0.driver = driver }
        let control = try ControlServer.start(host: host, secret: self.secret, logger: logger) {
            [weak self] method, request, answer in
            guard let self else { return answer.fail("the application has ended") }
            self.handle(method, request, answer)
        }
        let blocks = try BlockServer.start(host: host, secret: self.secret, logger: logger) { [weak self] name in
            self?.block(name)
        }
        self.control.withLock { $0 = (control, blocks) }
        try self.cluster.start(
            ExecutorInvitation(host: host, port: control.port, secret: self.secret),
            ExecutorEvents(
                lost: { [weak self] executor, cause in self?.lose(executor, cause) },
                gaveUp: { [weak self] reason in self?.driver.withLock { $0.driver }?.abandon(reason) }
            )
        )
        self.watch()
    }

    /// Looks from time to time whether executors are still heard of.
    private func watch() {
        EngineWork.queue.asyncAfter(deadline: .now() + Heartbeat.watchInterval) { [weak self] in
            guard let self else { return }
            let silent: [ExecutorID]? = self.state.withLock { state in
                if state.isStopped { return nil }
                return state.seats.filter { $0.value.lastHeard < .now - Heartbeat.timeout }.map(\.key).sorted()
            }
            guard let silent else { return }
            for executor in silent {
                self.lose(executor, .crashed(message: "nothing was heard of it for \(Heartbeat.timeout)"))
                self.cluster.remove(executor)
            }
            self.watch()
        }
    }

    /// Ends all executors and closes the ports.
    func stop(failure: String?) {
        let answers = self.state.withLock { state in
            state.isStopped = true
            for id in state.seats.keys { state.seats[id]?.orders.stops = true }
            return self.dueAnswers(&state)
        }
        self.send(answers)
        self.cluster.stop(failure: failure)
        let (control, blocks) = self.control.withLock { control in
            defer { control = (nil, nil) }
            return control
        }
        control?.stop()
        blocks?.stop()
    }

    // MARK: - The driver's wishes

    func launch(_ orders: [LaunchOrder], for driver: Driver) {
        var homeless: [LaunchOrder] = []
        let answers = self.state.withLock { state in
            for launch in orders where !self.add(launch, &state) { homeless.append(launch) }
            return self.dueAnswers(&state)
        }
        self.send(answers)
        // Its executor went in the meantime; the scheduler hears of that too.
        for launch in homeless { self.driver.withLock { $0.driver }?.taskLost(launch) }
    }

    private func add(_ launch: LaunchOrder, _ state: inout State) -> Bool {
        guard var seat = state.seats.removeValue(forKey: launch.executor) else { return false }
        let number = launch.task.id.number
        seat.running[number] = launch
        state.executorOfTask[number] = launch.executor
        // Not for ever: executors forget, too, and ask.
        if seat.knownPlans.count > Self.plansMaximum { seat.knownPlans = [] }
        if seat.knownPlans.insert(launch.plan.digest).inserted { seat.orders.plans.append(SentPlan(launch.plan)) }
        seat.orders.tasks.append(
            OrderedTask(task: number, outputsVersion: launch.outputsVersion, order: launch.order)
        )
        state.seats[launch.executor] = seat
        return true
    }

    func kill(_ task: TaskAttempt) {
        self.tell { state in
            guard let executor = state.executorOfTask[task.id.number] else { return }
            state.seats[executor]?.orders.kills.append(task.id.number)
        }
    }

    func forget(dataset: Digest) {
        self.tell { state in
            for id in state.seats.keys { state.seats[id]?.orders.forgottenDatasets.append(dataset) }
        }
    }

    func forget(shuffle: Digest) {
        self.tell { state in
            for id in state.seats.keys { state.seats[id]?.orders.forgottenShuffles.append(shuffle) }
        }
    }

    func forget(value: Digest) {
        self.tell { state in
            for id in state.seats.keys { state.seats[id]?.orders.forgottenValues.append(value) }
        }
    }

    func request(executors total: Int) { self.cluster.request(total) }

    func remove(_ executor: ExecutorID) {
        self.tell { $0.seats[executor]?.orders.stops = true }
        self.cluster.remove(executor)
    }

    private func tell(_ change: (inout State) -> Void) {
        let answers = self.state.withLock { state in
            change(&state)
            return self.dueAnswers(&state)
        }
        self.send(answers)
    }

    // MARK: - Answers

    /// Open questions that have an answer now.
    private func dueAnswers(_ state: inout State) -> [(ControlAnswer, Orders)] {
        var due: [(ControlAnswer, Orders)] = []
        for (id, seat) in state.seats {
            guard let parked = seat.parked, !seat.orders.isEmpty else { continue }
            due.append((parked, seat.orders))
            state.seats[id]?.parked = nil
            state.seats[id]?.orders = Orders()
        }
        return due
    }

    private func send(_ answers: [(ControlAnswer, Orders)]) {
        for (answer, orders) in answers { Self.answer(answer, orders) }
    }

    private static func answer(_ answer: ControlAnswer, _ value: some Codable & Sendable) {
        do {
            answer.succeed(try Portable.encode(value))
        } catch {
            answer.fail("the answer cannot be written: \(error)")
        }
    }

    // MARK: - Questions

    private func handle(_ method: String, _ request: [UInt8], _ answer: ControlAnswer) {
        do {
            switch method {
            case ControlMethod.exchange:
                self.exchange(try Portable.decode(Exchange.self, from: request), answer)
            case ControlMethod.register:
                self.register(try Portable.decode(Registration.self, from: request), answer)
            case ControlMethod.plan:
                let digest = try Portable.decode(Digest.self, from: request)
                guard let plan = self.plan(digest) else { return answer.fail("plan \(digest) is used by no task") }
                Self.answer(answer, SentPlan(plan))
            case ControlMethod.outputs:
                Self.answer(answer, self.places(of: try Portable.decode(Digest.self, from: request)))
            default:
                if !self.cluster.handle(method, request, answer) { answer.fail("there is no method \(method)") }
            }
        } catch {
            answer.fail("the request of \(method) cannot be read: \(error)")
        }
    }

    private func register(_ registration: Registration, _ answer: ControlAnswer) {
        guard registration.program == ProgramFingerprint.own else {
            return answer.fail(
                """
                the executor runs another program than the driver (\(registration.program), the driver's is \
                \(ProgramFingerprint.own)): closures are places in the program, so all must run the same build
                """
            )
        }
        let id = ExecutorID(registration.executor)
        let port = self.control.withLock { $0.1?.port } ?? 0
        let isTaken = self.state.withLock { state in
            guard !state.isStopped, state.seats[id] == nil, !state.gone.contains(id) else { return false }
            state.seats[id] = Seat(
                server: OutputPlaces.Server(
                    executor: registration.executor,
                    host: registration.host,
                    port: registration.blockPort
                ),
                lastHeard: .now
            )
            return true
        }
        guard isTaken else { return answer.fail("executor \(id) is not expected") }
        Self.answer(answer, Welcome(blockPort: port))
        self.driver.withLock { $0.driver }?.tell(
            .executorAdded(ExecutorDescription(id: id, host: registration.host, cores: registration.cores))
        )
    }

    private func exchange(_ exchange: Exchange, _ answer: ControlAnswer) {
        let id = ExecutorID(exchange.executor)
        for ended in exchange.ended { self.taskEnded(ended, on: id) }
        let orders: Orders? = self.state.withLock { state in
            guard var seat = state.seats.removeValue(forKey: id) else {
                var orders = Orders()
                orders.stops = true
                return orders
            }
            seat.lastHeard = .now
            defer { state.seats[id] = seat }
            if exchange.waits && seat.orders.isEmpty {
                let older = seat.parked
                seat.parked = answer
                // Only one question stays open.
                if let older { Self.answer(older, Orders()) }
                return nil
            }
            defer { seat.orders = Orders() }
            return seat.orders
        }
        if let orders { Self.answer(answer, orders) }
    }

    private func taskEnded(_ ended: EndedTask, on executor: ExecutorID) {
        let found: (LaunchOrder, OutputPlaces.Server)? = self.state.withLock { state in
            state.executorOfTask[ended.task] = nil
            guard let seat = state.seats[executor], let launch = seat.running[ended.task] else { return nil }
            state.seats[executor]?.running[ended.task] = nil
            return (launch, seat.server)
        }
        guard let (launch, server) = found else { return }
        switch ended.outcome {
        case .made(let product): self.report(launch, .success(product))
        case .fault(let fault): self.report(launch, .failure(fault))
        case .madeLarge(let updates, let metrics):
            EngineWork.queue.async {
                let outcome: Result<TaskProduct, TaskFault>
                do {
                    let name = BlockName.result(ended.task)
                    let bytes = try self.blocks.fetch(name, from: server.host, port: server.port)
                    outcome = .success(TaskProduct(yield: .result(bytes), updates: updates, metrics: metrics))
                } catch {
                    outcome = .failure(.resultLost("\(error)"))
                }
                self.tell { $0.seats[executor]?.orders.fetchedResults.append(ended.task) }
                self.report(launch, outcome)
            }
        }
    }

    private func report(_ launch: LaunchOrder, _ outcome: Result<TaskProduct, TaskFault>) {
        guard let driver = self.driver.withLock({ $0.driver }) else { return }
        let launches = driver.taskEnded(launch, outcome)
        if !launches.isEmpty { self.launch(launches, for: driver) }
    }

    private func plan(_ digest: Digest) -> EncodedPlan? {
        self.state.withLock { state in
            for seat in state.seats.values {
                if let launch = seat.running.values.first(where: { $0.plan.digest == digest }) { return launch.plan }
            }
            return nil
        }
    }

    private func places(of shuffle: Digest) -> OutputPlaces {
        guard let outputs = self.driver.withLock({ $0.driver })?.outputs(of: shuffle) else {
            return OutputPlaces(isComplete: false, places: [], servers: [])
        }
        let needed = Set(outputs.map(\.executor))
        return OutputPlaces(
            isComplete: true,
            places: outputs.map { OutputPlaces.Place(mapTask: $0.map, executor: $0.executor.number) },
            servers: self.state.withLock { state in needed.sorted().compactMap { state.seats[$0]?.server } }
        )
    }

    /// Values that plans of running tasks need.
    private func block(_ name: String) -> [[UInt8]]? {
        self.state.withLock { state in
            for seat in state.seats.values {
                for launch in seat.running.values {
                    if let value = launch.plan.values.first(where: { BlockName.value($0.digest) == name }) {
                        return [value.bytes]
                    }
                }
            }
            return nil
        }
    }

    // MARK: - Losses

    /// An executor's process ended, or nobody has heard of it for too long.
    private func lose(_ id: ExecutorID, _ cause: ExecutorLossCause) {
        let isStopped = self.state.withLock { state in
            state.gone.insert(id)
            guard let seat = state.seats.removeValue(forKey: id) else { return state.isStopped }
            for number in seat.running.keys { state.executorOfTask[number] = nil }
            return state.isStopped
        }
        if isStopped { return }
        self.driver.withLock { $0.driver }?.tell(.executorLost(id, ExecutorLoss(cause)))
    }
}

/// How driver and executors know of each other that they are alive, where no broken connection says so.
enum Heartbeat {
    /// `spark.executor.heartbeatInterval`, by its default.
    static let interval = DispatchTimeInterval.seconds(10)
    /// `spark.network.timeout`, by its default.
    static let timeout = Duration.seconds(120)
    static let watchInterval = DispatchTimeInterval.seconds(5)
}
