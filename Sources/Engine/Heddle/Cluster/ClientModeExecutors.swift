internal import ApplicationMaster
internal import ClusterModel
internal import Dispatch
internal import EngineCore
internal import EngineLink
internal import HadoopConfig
internal import Logging
internal import Settings
internal import Synchronization

/// Executors of a driver outside of the cluster: client mode. Its ApplicationMaster runs this same program in a container and
/// does what the driver says.
final class ClientModeExecutors: ExecutorSource {
    private struct State {
        var orders = MasterOrders()
        /// How many executors are wanted, for an ApplicationMaster that has not heard of it.
        var wanted: Int?
        /// Of the ApplicationMaster that does what it is told; 0: none has come.
        var attempt = 0
        var parked: ControlAnswer?
        var events: ExecutorEvents?
        var submitted: Submission.Submitted?
        /// The ApplicationMaster has come.
        var isThere = false
        var isStopped = false
    }

    private let reservation: Submission.Reservation
    var application: ApplicationID { self.reservation.id }
    private let submission: Submission
    private let state = Mutex(State())
    private let isOver = DispatchSemaphore(value: 0)

    /// How often the ResourceManager is asked how the application does, and how often whether it has ended when it should.
    private static let calmInterval = Duration.seconds(1)
    private static let eagerInterval = Duration.milliseconds(50)
    /// How long a submitted application may take to begin before its user is told why it does not.
    private static let waitWithoutWord = Duration.seconds(10)
    /// How long a stopped application may take to end before its driver goes on.
    private static let grace = DispatchTimeInterval.seconds(10)

    init(_ configuration: Configuration, _ properties: EngineProperties, logger: Logger) throws {
        let submission = try Submission(configuration, properties, role: .master, logger: logger)
        self.submission = submission
        self.reservation = try EngineThreads.wait { try await submission.reserve(for: ProgramFile.path) }
    }

    var sizes: EngineSizes { self.submission.sizes }

    /// The hosts of the ResourceManagers, whose proxy shows pages.
    var proxies: [String] { self.submission.settings.resourceManagers.map(\.client.host) }

    /// By which the cluster sees this machine.
    var ownAddress: String {
        let manager = self.submission.settings.resourceManagers[0].client
        return LocalAddress.toward(host: manager.host, port: manager.port) ?? "127.0.0.1"
    }

    func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws {
        self.state.withLock { $0.events = events }
        var environment = [ExecutorEnvironment.driverName: "\(invitation.host):\(invitation.port)"]
        environment[ExecutorEnvironment.pagesName] = invitation.pages
        let submitted = try EngineThreads.wait { [environment] in
            try await self.submission.submit(
                self.reservation,
                arguments: Array(CommandLine.arguments.dropFirst()),
                environment: environment,
                secret: invitation.secret
            )
        }
        self.state.withLock { $0.submitted = submitted }
        StandardError.write("Submitted application \(submitted.id)")
        Task(executorPreference: EngineThreads.apart) { await self.watch(submitted) }
        // A program may end without having stopped its context.
        ProcessEnd.atExit { [weak self] code in
            self?.stop(failure: code == 0 ? nil : DriverEnd.diagnostics(exitCode: code, failure: nil))
        }
    }

    func request(_ total: Int) {
        self.state.withLock { $0.wanted = total }
        self.tell { $0.wanted = total }
    }

    func remove(_ executor: ExecutorID) { self.tell { $0.removed.append(executor.number) } }

    func stop(failure: String?) {
        let isFirst = self.state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped && state.submitted != nil
        }
        guard isFirst else { return }
        self.tell { orders in
            orders.stops = true
            orders.failure = failure
        }
        _ = self.isOver.wait(timeout: .now() + Self.grace)
    }

    private func tell(_ change: (inout MasterOrders) -> Void) {
        let due = self.state.withLock { state -> (ControlAnswer, MasterOrders)? in
            change(&state.orders)
            guard let parked = state.parked else { return nil }
            defer {
                state.parked = nil
                state.orders = MasterOrders()
            }
            return (parked, state.orders)
        }
        if let (answer, orders) = due { Self.answer(answer, orders) }
    }

    private static func answer(_ answer: ControlAnswer, _ orders: MasterOrders) {
        do {
            answer.succeed(try Portable.encode(orders))
        } catch {
            answer.fail("\(error)")
        }
    }

    func handle(_ method: String, _ request: [UInt8], _ answer: ControlAnswer) -> Bool {
        guard method == MasterMethod.exchange else { return false }
        guard let exchange = try? Portable.decode(MasterExchange.self, from: request) else {
            answer.fail("the request of \(method) cannot be read")
            return true
        }
        if self.state.withLock({ exchange.attempt < $0.attempt }) {
            var orders = MasterOrders()
            (orders.stops, orders.failure) = (true, "attempt \(exchange.attempt) of the application is over")
            Self.answer(answer, orders)
            return true
        }
        self.follow(exchange.attempt)
        let (events, orders) = self.state.withLock { state -> (ExecutorEvents?, MasterOrders?) in
            state.isThere = true
            if exchange.waits && state.orders.isEmpty {
                state.parked = answer
                return (state.events, nil)
            }
            defer { state.orders = MasterOrders() }
            return (state.events, state.orders)
        }
        if let orders { Self.answer(answer, orders) }
        for lost in exchange.lost { events?.lost(ExecutorID(lost.executor), lost.cause) }
        if let reason = exchange.gaveUp { events?.gaveUp(reason) }
        return true
    }

    /// An ApplicationMaster that takes the place of another, which was lost with its node, say, has none of its executors: the
    /// ResourceManager ends those. It is told what the driver wants.
    private func follow(_ attempt: Int) {
        let events = self.state.withLock { state -> ExecutorEvents? in
            defer { state.attempt = attempt }
            guard attempt > state.attempt, state.attempt > 0 else { return nil }
            state.parked = nil
            state.orders.wanted = state.wanted
            state.orders.removed = []
            return state.events
        }
        let first = ContainerBook<Int>.firstExecutor(of: attempt)
        events?.lostBefore(first, .ended(message: "its ApplicationMaster was lost, and another has taken its place"))
    }

    /// Sees the application to its end.
    private func watch(_ submitted: Submission.Submitted) async {
        let submittedAt = ContinuousClock.now
        var saysWhyItWaits = true
        var saysWhereItIs = true
        while true {
            let report = try? await self.submission.report(submitted.id)
            if saysWhereItIs, let url = report?.trackingURL {
                saysWhereItIs = false
                StandardError.write("Tracking URL: \(url)")
            }
            let (events, isThere, isStopped) = self.state.withLock { ($0.events, $0.isThere, $0.isStopped) }
            if let report, report.state.isFinal {
                if !isStopped {
                    events?.gaveUp("application \(submitted.id) ended (\(report.state.name)): \(report.diagnostics)")
                }
                break
            }
            // The ResourceManager says what it waits for: a queue that is full, say.
            if let report, saysWhyItWaits, !isThere, submittedAt.duration(to: .now) > Self.waitWithoutWord {
                saysWhyItWaits = false
                StandardError.write("Application \(submitted.id) has not begun yet: \(report.diagnostics)")
            }
            await self.pause()
        }
        self.submission.clean(submitted)
        await self.submission.close()
        self.isOver.signal()
    }

    private func pause() async {
        let start = ContinuousClock.now
        repeat {
            try? await Task.sleep(for: Self.eagerInterval)
        } while start.duration(to: .now) < Self.calmInterval && !self.state.withLock { $0.isStopped }
    }
}

/// The file of the running program.
enum ProgramFile {
    static var path: String { FileBytes.target(of: "/proc/self/exe") ?? CommandLine.arguments[0] }
}
