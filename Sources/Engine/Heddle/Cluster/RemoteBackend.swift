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
    private struct Ports {
        var control: ControlServer?
        var blocks: BlockServer?
        /// By which executors are told to reach it.
        var announcedBlocks = 0
    }

    private struct Weak {
        weak var driver: Driver?
    }

    private let cluster: any ExecutorSource
    private let secret: ApplicationSecret
    private let blocks: BlockClient
    private let announced: @Sendable (Int) throws -> Int
    private let seats = Mutex(ExecutorSeats())
    private let weak = Mutex(Weak())
    private let ports = Mutex(Ports())
    private let isStopped = Atomic(false)

    /// - Parameter announced: the port by which executors are told to reach the server of blocks at a port, where something stands
    ///   between.
    init(
        cluster: any ExecutorSource,
        secret: ApplicationSecret,
        announced: @escaping @Sendable (Int) throws -> Int = { $0 }
    ) {
        self.announced = announced
        self.cluster = cluster
        self.secret = secret
        self.blocks = BlockClient(secret: secret)
    }

    private var driver: Driver? { self.weak.withLock { $0.driver } }

    /// Opens the driver's ports and begins to ask for executors.
    /// - Parameter pages: where the application's pages are.
    func start(_ driver: Driver, host: String, pages: String?, logger: Logger) throws {
        self.weak.withLock { $0.driver = driver }
        let control = try ControlServer.start(host: host, secret: self.secret, logger: logger) {
            [weak self] method, request, answer in
            guard let self else { return answer.fail("the application has ended") }
            self.handle(method, request, answer)
        }
        let blocks = try BlockServer.start(host: host, secret: self.secret, logger: logger) { [weak self] name in
            self?.block(name)
        }
        let announcedBlocks = try self.announced(blocks.port)
        self.ports.withLock { $0 = Ports(control: control, blocks: blocks, announcedBlocks: announcedBlocks) }
        try self.cluster.start(
            ExecutorInvitation(host: host, port: control.port, secret: self.secret, pages: pages),
            ExecutorEvents(
                lost: { [weak self] executor, cause in self?.lose(executor, cause) },
                lostBefore: { [weak self] executor, cause in self?.lose(before: executor, cause) },
                gaveUp: { [weak self] reason in self?.driver?.tell(.allocationFailed(reason: reason)) }
            )
        )
    }

    /// Ends all executors and closes the ports.
    func stop(failure: String?) {
        self.isStopped.store(true, ordering: .relaxed)
        self.tellAll { $0.stops = true }
        self.cluster.stop(failure: failure)
        let ports = self.ports.withLock { ports in
            defer { ports = Ports() }
            return ports
        }
        ports.control?.stop()
        ports.blocks?.stop()
    }

    // MARK: - The driver's wishes

    func launch(_ orders: [LaunchOrder], for driver: Driver) { self.launch(orders, for: driver, asking: nil) }

    /// - Parameter asking: an executor whose question is about to be answered, with what it is to do next: that is one message
    ///   less than an answer to its open question, for each task.
    private func launch(_ orders: [LaunchOrder], for driver: Driver, asking: ExecutorID?) {
        var homeless: [LaunchOrder] = []
        let due = self.seats.withLock { seats in
            for launch in orders where !seats.launch(launch) { homeless.append(launch) }
            return seats.due(Set(orders.map(\.executor)).filter { $0 != asking })
        }
        Self.send(due)
        // Its executor went in the meantime; the scheduler hears of that too.
        for launch in homeless { driver.taskLost(launch) }
    }

    func kill(_ task: TaskAttempt) {
        let number = task.id.number
        let due = self.seats.withLock { seats in
            seats.kill(number).map { seats.due([$0]) } ?? []
        }
        Self.send(due)
    }

    func forget(dataset: Digest) { self.tellAll { $0.forgottenDatasets.append(dataset) } }

    func forget(shuffle: Digest) { self.tellAll { $0.forgottenShuffles.append(shuffle) } }

    func forget(value: Digest) { self.tellAll { $0.forgottenValues.append(value) } }

    func copy(_ wish: CopyWish, for driver: Driver) {
        guard let server = self.seats.withLock({ $0.server(of: wish.copy.from) }) else {
            return driver.copyFailed(wish)
        }
        let place = KeptPlace(dataset: wish.dataset, partition: wish.copy.partition, server: server)
        self.tell([wish.copy.to]) { orders in
            orders.copies.append(
                CopyOrder(place: place, usesMemory: wish.level.usesMemory, usesDisk: wish.level.usesDisk)
            )
        }
    }

    func request(executors total: Int) { self.cluster.request(total) }

    func remove(_ executor: ExecutorID, handsOver: Bool) {
        guard handsOver, self.seats.withLock({ $0.hasService(executor) }) else {
            self.tell([executor]) { $0.stops = true }
            self.cluster.remove(executor)
            return
        }
        self.tell([executor]) { $0.leaves = true }
        EngineWork.queue.asyncAfter(deadline: .now() + Self.handoverMaximum) { [weak self] in
            guard let self, self.seats.withLock({ $0.server(of: executor) }) != nil else { return }
            self.cluster.remove(executor)
        }
    }

    /// How long an executor may take to hand over its outputs; they are computed again where it does not.
    private static let handoverMaximum = DispatchTimeInterval.seconds(60)

    private func leave(_ departure: Departure, _ answer: ControlAnswer) {
        let executor = ExecutorID(departure.executor)
        if departure.handedOver { self.seats.withLock { $0.handOver(executor) } }
        // Before it ends: an end that was asked for is nobody's fault.
        self.cluster.remove(executor)
        answer.succeed([])
    }

    private func tellAll(_ change: (inout Orders) -> Void) { self.tell(self.seats.withLock { $0.all }, change) }

    private func tell(_ executors: [ExecutorID], _ change: (inout Orders) -> Void) {
        let due = self.seats.withLock { seats in
            for executor in executors { seats.order(executor, change) }
            return seats.due(executors)
        }
        Self.send(due)
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
                let launch = self.seats.withLock { $0.launches.first { $0.plan.digest == digest } }
                guard let launch else { return answer.fail("plan \(digest) is used by no task that runs") }
                Self.answer(answer, SentPlan(launch.plan))
            case ControlMethod.outputs:
                Self.answer(answer, self.places(of: try Portable.decode(Digest.self, from: request)))
            case ControlMethod.leave: self.leave(try Portable.decode(Departure.self, from: request), answer)
            default:
                if !self.cluster.handle(method, request, answer) { answer.fail("there is no method \(method)") }
            }
        } catch {
            answer.fail("the request of \(method) cannot be read: \(error)")
        }
    }

    private static func answer(_ answer: ControlAnswer, _ value: some Codable & Sendable) {
        do {
            answer.succeed(try Portable.encode(value))
        } catch {
            answer.fail("the answer cannot be written: \(error)")
        }
    }

    private static func send(_ due: [ExecutorSeats.Due]) {
        for (question, orders) in due { self.answer(question, orders) }
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
        let server = OutputPlaces.Server(
            executor: registration.executor,
            host: registration.host,
            port: registration.blockPort
        )
        let service = registration.servicePort.map { port in
            OutputPlaces.Server(
                executor: registration.executor,
                host: registration.host,
                port: port,
                folder: ShuffleService.folder(of: registration.executor, application: self.secret.application)
            )
        }
        let isTaken = self.seats.withLock { $0.register(id, server, service: service) }
        guard !self.isStopped.load(ordering: .relaxed), isTaken else {
            return answer.fail("executor \(id) is not expected: its number was taken before, or the driver has stopped")
        }
        Self.answer(answer, Welcome(blockPort: self.ports.withLock { $0.announcedBlocks }))
        self.driver?.tell(
            .executorAdded(
                ExecutorDescription(
                    id: id,
                    host: registration.host,
                    cores: registration.cores,
                    hasShuffleService: service != nil
                )
            )
        )
    }

    private func exchange(_ exchange: Exchange, _ answer: ControlAnswer) {
        let id = ExecutorID(exchange.executor)
        self.driver?.tell(.executorHeard(id))
        // Before the ends of tasks: what is launched next goes to where its input is.
        self.driver?.take(exchange.blocks, of: id)
        for ended in exchange.ended { self.taskEnded(ended, on: id) }
        Self.send(self.seats.withLock { $0.ask(id, answer, waits: exchange.waits) })
    }

    private func taskEnded(_ ended: EndedTask, on executor: ExecutorID) {
        let (launch, server) = self.seats.withLock { seats in
            (seats.taskEnded(ended.task, on: executor), seats.server(of: executor))
        }
        guard let launch, let server else { return }
        switch ended.outcome {
        case .made(let product): self.report(launch, .success(product), asking: executor)
        case .fault(let fault): self.report(launch, .failure(fault), asking: executor)
        case .madeLarge(let result, let updates, let metrics):
            EngineWork.queue.async {
                let outcome: Result<TaskProduct, TaskFault>
                do {
                    let bytes = try result.fetch(BlockName.result(ended.task), from: server, self.blocks)
                    outcome = .success(TaskProduct(yield: .result(bytes), updates: updates, metrics: metrics))
                } catch {
                    outcome = .failure(.resultLost("\(error)"))
                }
                self.tell([executor]) { $0.fetchedResults.append(ended.task) }
                self.report(launch, outcome, asking: nil)
            }
        }
    }

    private func report(_ launch: LaunchOrder, _ outcome: Result<TaskProduct, TaskFault>, asking: ExecutorID?) {
        guard let driver = self.driver else { return }
        let launches = driver.taskEnded(launch, outcome)
        if !launches.isEmpty { self.launch(launches, for: driver, asking: asking) }
    }

    private func places(of shuffle: Digest) -> OutputPlaces {
        guard let outputs = self.driver?.outputs(of: shuffle) else {
            return OutputPlaces(isComplete: false, places: [], servers: [])
        }
        let needed = Set(outputs.map(\.executor)).sorted()
        return OutputPlaces(
            isComplete: true,
            places: outputs.map { OutputPlaces.Place(mapTask: $0.map, executor: $0.executor.number) },
            servers: self.seats.withLock { seats in needed.compactMap { seats.outputServer(of: $0) } }
        )
    }

    /// Values that plans of running tasks need.
    private func block(_ name: String) -> [BlockPiece]? {
        guard let digest = BlockName.valueDigest(name) else { return nil }
        return self.seats.withLock { seats in
            seats.launches.lazy.compactMap { launch in launch.plan.values.first { $0.digest == digest } }.first
                .map { [.bytes($0.bytes)] }
        }
    }

    private func lose(before first: ExecutorID, _ cause: ExecutorLossCause) {
        for executor in self.seats.withLock({ $0.all }).filter({ $0 < first }).sorted() { self.lose(executor, cause) }
    }

    /// An executor's process ended.
    private func lose(_ id: ExecutorID, _ cause: ExecutorLossCause) {
        let handedOver = self.seats.withLock { seats in
            seats.remove(id)
            return seats.hasHandedOver(id)
        }
        if self.isStopped.load(ordering: .relaxed) { return }
        self.driver?.tell(.executorLost(id, ExecutorLoss(cause, shuffleFilesSurvive: handedOver)))
    }
}
