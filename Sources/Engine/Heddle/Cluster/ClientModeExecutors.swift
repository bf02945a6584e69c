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
        var desk = MasterDesk()
        /// The question of an ApplicationMaster that waits for orders.
        var parked: (attempt: Int, answer: ControlAnswer)?
        var events: ExecutorEvents?
        var submitted: Submission.Submitted?
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

    func request(_ total: Int) { self.tell { $0.request(total) } }

    func remove(_ executor: ExecutorID) { self.tell { $0.remove(executor) } }

    func stop(failure: String?) {
        let isFirst = self.state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped && state.submitted != nil
        }
        guard isFirst else { return }
        self.tell { $0.stop(failure: failure) }
        _ = self.isOver.wait(timeout: .now() + Self.grace)
    }

    private func tell(_ change: (inout MasterDesk) -> Void) {
        let due = self.state.withLock { state -> (ControlAnswer, MasterOrders)? in
            change(&state.desk)
            guard let parked = state.parked, state.desk.hasOrders else { return nil }
            state.parked = nil
            return (parked.answer, state.desk.take())
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
        let (visitor, events, answers) = self.state.withLock { state in
            let visitor = state.desk.receive(attempt: exchange.attempt)
            return (visitor, state.events, Self.answers(to: exchange, answer, from: visitor, &state))
        }
        for (answer, orders) in answers { Self.answer(answer, orders) }
        switch visitor {
        case .outdated: return true
        case .successor(let first):
            let message = "its ApplicationMaster was lost, and another has taken its place"
            events?.lostBefore(first, .ended(message: message))
        case .current: break
        }
        for lost in exchange.lost { events?.lost(ExecutorID(lost.executor), lost.cause) }
        if let reason = exchange.gaveUp { events?.gaveUp(reason) }
        return true
    }

    /// Who is answered now, and with what; a question that may wait is parked while there is nothing to tell.
    private static func answers(
        to exchange: MasterExchange,
        _ answer: ControlAnswer,
        from visitor: MasterDesk.Visitor,
        _ state: inout State
    ) -> [(ControlAnswer, MasterOrders)] {
        if case .outdated(let orders) = visitor { return [(answer, orders)] }
        var answers: [(ControlAnswer, MasterOrders)] = []
        if case .successor = visitor, let parked = state.parked {
            answers.append((parked.answer, MasterDesk.end(of: parked.attempt)))
            state.parked = nil
        }
        if exchange.waits && !state.desk.hasOrders {
            state.parked = (exchange.attempt, answer)
        } else {
            answers.append((answer, state.desk.take()))
        }
        return answers
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
            let (events, isThere, isStopped) = self.state.withLock { ($0.events, $0.desk.isAttended, $0.isStopped) }
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
