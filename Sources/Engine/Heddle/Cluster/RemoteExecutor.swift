internal import CLinux
internal import ClusterModel
internal import Dispatch
internal import EngineLink
internal import Glibc
internal import HadoopConfig
internal import Logging
internal import Synchronization

/// An executor that is a process of its own: takes orders from a driver's control port, runs them, and serves what its tasks
/// wrote to other executors.
final class RemoteExecutor: Sendable {
    private struct State {
        var plans = LeastRecentlyUsed<Digest, EncodedPlan>(limit: RemoteExecutor.plansMaximum)
        var running: [Int64: TaskScope] = [:]
        var kills = EarlyKills<Int64>()
        var results: [Int64: [UInt8]] = [:]
        var ended: [EndedTask] = []
        /// A report is on its way: what ends in the meantime goes with the next.
        var isReporting = false
    }

    /// Plans that are kept; each action of a program has some of its own. What was dropped is asked for again.
    private static let plansMaximum = 256

    /// What an answer is followed by.
    private enum Question {
        /// Kept open by the driver until it has something to say: followed by the next.
        case standing
        /// Tells of ended tasks: followed by those that have ended since.
        case report
        case heartbeat
    }

    private let environment: ExecutorEnvironment
    let executor: Executor
    private let control: ControlClient
    private let blocks: BlockClient
    private let driverBlocks = Atomic(0)
    private let fetcher: OutputFetcher
    private let threads = TaskThreads()
    private let fetching = Mutex(())
    /// Copies of what other executors keep are made one after the other: tasks have the memory and the connections.
    private let copying = DispatchQueue(label: "heddle.copies")
    private let state = Mutex(State())
    private let end: @Sendable (_ failure: String?) -> Void

    /// - Parameter end: called once the driver wants nothing more, or is gone.
    init(_ environment: ExecutorEnvironment, logger: Logger, end: @escaping @Sendable (_ failure: String?) -> Void) {
        self.environment = environment
        let control = ControlClient(
            host: environment.driver.host,
            port: environment.driver.port,
            secret: environment.secret,
            lostAfter: environment.networkTimeout,
            logger: logger
        )
        self.control = control
        self.blocks = BlockClient(secret: environment.secret)
        self.end = end
        self.fetcher = OutputFetcher(
            own: environment.executor,
            inFlight: environment.memory.inFlight,
            blocks: self.blocks
        ) { shuffle in
            try Portable.decode(OutputPlaces.self, from: control.call(ControlMethod.outputs, Portable.encode(shuffle)))
        }
        self.executor = Executor(
            environment.memory,
            shuffles: ShuffleStore(executor: environment.executor, remote: self.fetcher)
        )
    }

    /// Registers and begins to work.
    /// - Parameter announced: the port by which the others are told to reach the server at a port, where something stands between.
    /// - Returns: the server of its blocks, which lives as long as it is kept.
    /// - Throws: when the driver cannot be reached, or refuses.
    func start(logger: Logger, announced: (Int) throws -> Int = { $0 }) throws -> BlockServer {
        let server = try BlockServer.start(
            host: self.environment.host,
            secret: self.environment.secret,
            logger: logger
        ) { [weak self] name in
            self?.block(name)
        }
        let registration = Registration(
            executor: self.environment.executor,
            host: self.environment.host,
            blockPort: try announced(server.port),
            cores: self.environment.cores,
            program: ProgramFingerprint.own,
            servicePort: self.environment.shuffleService?.port
        )
        let answer = try self.control.call(ControlMethod.register, Portable.encode(registration))
        self.driverBlocks.store(try Portable.decode(Welcome.self, from: answer).blockPort, ordering: .relaxed)
        self.ask(.standing)
        self.beat()
        return server
    }

    /// Says from time to time that it is there.
    private func beat() {
        let pause = DispatchTimeInterval.milliseconds(Int(max(1, self.environment.heartbeatInterval.wholeMilliseconds)))
        EngineWork.queue.asyncAfter(deadline: .now() + pause) { [weak self] in
            self?.ask(.heartbeat)
            self?.beat()
        }
    }

    // MARK: - Questions

    private func ask(_ question: Question, _ ended: [EndedTask] = []) {
        let exchange = Exchange(
            executor: self.environment.executor,
            ended: ended,
            blocks: self.executor.blocks.takeChanges(),
            waits: question == .standing
        )
        do {
            self.control.send(ControlMethod.exchange, try Portable.encode(exchange)) { result in
                self.answered(question, result)
            }
        } catch {
            self.end("\(error)")
        }
    }

    private func answered(_ question: Question, _ result: Result<[UInt8], any Error>) {
        do {
            let orders = try Portable.decode(Orders.self, from: result.get())
            if orders.stops { return self.end(nil) }
            self.take(orders)
        } catch {
            return self.end("the driver at \(self.environment.driver) is gone: \(error)")
        }
        switch question {
        case .standing: self.ask(.standing)
        case .report: self.reportRest()
        case .heartbeat: break
        }
    }

    private func report(_ ended: EndedTask) {
        let isFirst = self.state.withLock { state in
            state.ended.append(ended)
            defer { state.isReporting = true }
            return !state.isReporting
        }
        if isFirst { self.reportRest() }
    }

    private func reportRest() {
        let ended = self.state.withLock { state in
            defer { state.ended = [] }
            state.isReporting = !state.ended.isEmpty
            return state.ended
        }
        if !ended.isEmpty { self.ask(.report, ended) }
    }

    // MARK: - Orders

    private func take(_ orders: Orders) {
        self.state.withLock { state in
            for plan in orders.plans { state.plans.insert(EncodedPlan(plan), for: plan.digest) }
            for task in orders.fetchedResults { state.results[task] = nil }
        }
        for dataset in orders.forgottenDatasets { self.executor.forget(dataset: dataset) }
        for value in orders.forgottenValues { self.executor.values.drop(value) }
        for shuffle in orders.forgottenShuffles {
            self.executor.forget(shuffle: shuffle)
            self.fetcher.forget(shuffle)
        }
        for task in orders.tasks {
            // Known before its thread runs, so that an order to kill it finds it.
            let scope = TaskScope(
                executor: self.executor,
                order: task.order,
                outputsVersion: task.outputsVersion,
                kept: task.kept
            )
            let isKilled = self.state.withLock { state in
                state.running[task.task] = scope
                return state.kills.take(task.task)
            }
            if isKilled { scope.cancel() }
            self.threads.run { self.run(task.task, scope) }
        }
        if orders.leaves { EngineWork.queue.async { self.leave() } }
        for copy in orders.copies { self.copying.async { self.copy(copy) } }
        for task in orders.kills { self.kill(task) }
    }

    private func kill(_ task: Int64) {
        let scope = self.state.withLock { state in
            if state.running[task] == nil { state.kills.note(task) }
            return state.running[task]
        }
        scope?.cancel()
    }

    /// Hands over what map tasks wrote, and ends.
    private func leave() {
        var departure = Departure(executor: self.environment.executor, handedOver: false)
        if let service = self.environment.shuffleService {
            do {
                try self.executor.handOver(to: service)
                departure.handedOver = true
            } catch {
                StandardError.write(
                    """
                    executor \(departure.executor) leaves and could not hand over what its map tasks wrote, which runs again \
                    where it is needed: \(error)
                    """
                )
            }
        }
        do {
            _ = try self.control.call(ControlMethod.leave, Portable.encode(departure))
            self.end(nil)
        } catch {
            self.end("the driver at \(self.environment.driver) is gone: \(error)")
        }
    }

    private func copy(_ order: CopyOrder) {
        self.executor.copy(order)
        // The driver is told now, not with the next heartbeat: tasks go where their input is.
        self.ask(.heartbeat)
    }

    private func run(_ number: Int64, _ scope: TaskScope) {
        let outcome: Result<TaskProduct, TaskFault>
        heddle_set_task(number)
        defer { heddle_clear_task() }
        do {
            outcome = self.executor.perform(scope, plan: try self.plan(scope.order.plan))
        } catch let fault as TaskFault {
            outcome = .failure(fault)
        } catch {
            outcome = .failure(.unfetched("\(error)"))
        }
        let report: EndedTask.Outcome
        var result: [UInt8]?
        switch outcome {
        case .success(let product):
            if case .result(let bytes) = product.yield, bytes.count > EndedTask.resultMaximum {
                report = .madeLarge(LargeResult(of: bytes), updates: product.updates, metrics: product.metrics)
                result = bytes
            } else {
                report = .made(product)
            }
        case .failure(let fault): report = .fault(fault)
        }
        self.state.withLock { [result] state in
            state.running[number] = nil
            if let result { state.results[number] = result }
        }
        self.report(EndedTask(task: number, outcome: report))
    }

    /// The plan, with those of its values that are not here.
    private func plan(_ digest: Digest) throws -> EncodedPlan {
        var plan: EncodedPlan
        if let known = self.state.withLock({ $0.plans.use(digest) }) {
            plan = known
        } else {
            let answer = try self.control.call(ControlMethod.plan, Portable.encode(digest))
            plan = EncodedPlan(try Portable.decode(SentPlan.self, from: answer))
            self.state.withLock { [plan] in _ = $0.plans.insert(plan, for: digest) }
        }
        if plan.missingValues.isEmpty { return plan }
        // One at a time: what several tasks want at once travels once.
        try self.fetching.withLock { _ in
            for value in plan.missingValues where self.executor.values.value(value, bytes: nil) == nil {
                plan.values.append(try self.value(value))
            }
            for value in plan.values { _ = self.executor.values.value(value.digest, bytes: value.bytes) }
        }
        return plan
    }

    private func value(_ digest: Digest) throws -> Parameter {
        let bytes = try self.blocks.proved(
            BlockName.value(digest),
            from: self.environment.driver.host,
            port: self.driverBlocks.load(ordering: .relaxed)
        ) { Parameter(bytes: $0).digest == digest }
        guard let bytes else {
            throw TaskFault.unfetched("value \(digest) came damaged \(BlockClient.fetchesMaximum) times")
        }
        return Parameter(bytes: bytes)
    }

    private func block(_ name: String) -> [BlockPiece]? {
        if let task = BlockName.resultTask(name) {
            return self.state.withLock { $0.results[task] }.map { [.bytes($0)] }
        }
        if let kept = BlockName.Kept(name) { return self.executor.pieces(of: kept) }
        return BlockName.Shuffle(name).flatMap { self.executor.pieces(of: $0) }
    }
}

extension RemoteExecutor {
    /// Makes this process an executor if it is meant to be one, and never returns then.
    static func takeOver() throws {
        guard let environment = try ExecutorEnvironment(ExecutorEnvironment.variable) else { return }
        heddle_note_traps()
        let logger = try EngineLog.logger("heddle.executor", environment.properties)
        let executor = RemoteExecutor(environment, logger: logger) { failure in
            if let failure {
                StandardError.write("executor \(environment.executor) ends: \(failure)")
                _exit(1)
            }
            _exit(0)
        }
        let server: BlockServer
        do {
            server = try executor.start(logger: logger)
        } catch {
            StandardError.write("executor \(environment.executor) cannot start: \(error)")
            exit(1)
        }
        withExtendedLifetime((executor, server)) {
            while true { pause() }
        }
    }
}
