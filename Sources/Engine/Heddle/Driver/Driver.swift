internal import ClusterModel
internal import EngineCore
internal import Synchronization

/// Carries out what the scheduler of one application decides: hands tasks to executors, tells the scheduler how they ended,
/// and gives jobs their results.
///
/// One lock guards the scheduler and what belongs to it. Everything that is to be done outside is collected under the lock
/// and done after it, in the order of the steps that decided it: `orders` and `reports` see to that, whatever thread made the
/// step. Only tasks that a report of another leads to are launched by whoever reports, and may overtake the rest.
final class Driver: Sendable {
    /// What a job that runs is known by.
    private struct Job {
        var stages: [StageBuilder.Stage]
        var results: [[UInt8]?]
        var answer: @Sendable (Result<[[UInt8]], HeddleError>) -> Void
    }

    /// A stage of the scheduler's: what its tasks do.
    private struct Stage {
        var stage: StageBuilder.Stage
        /// A stage that gives results has one; a shuffle's may serve several.
        var jobs: Set<JobID>
        var plan: EncodedPlan?
    }

    /// What a task made, read.
    private struct Arrival {
        var yield: TaskProduct.Yield
        var metrics: TaskMetrics
        /// Take what it added into the accumulators.
        var merges: [@Sendable () -> Void]

        var success: TaskSuccess {
            switch self.yield {
            case .result(let bytes): TaskSuccess(resultBytes: Int64(bytes.count))
            case .output(let sizes): TaskSuccess(output: ShuffleSizes(sizes))
            }
        }

        static func read(_ product: TaskProduct) -> Result<Arrival, TaskFault> {
            do {
                let merges = try product.updates.compactMap { try AccumulatorTotals.shared.merge(of: $0) }
                return .success(Arrival(yield: product.yield, metrics: product.metrics, merges: merges))
            } catch {
                return .failure(.corruptData("what a task added to an accumulator: \(error)"))
            }
        }
    }

    private struct State: ~Copyable {
        var scheduler: EngineScheduler
        var names = DatasetNames()
        var shuffles = ShuffleRoster()
        var jobs: [JobID: Job] = [:]
        var stages: [StageID: Stage] = [:]
        /// What the task made whose end is being judged.
        var arrival: Arrival?
        var actions: [EngineScheduler.Action] = []
        /// Counts changes of the places of outputs.
        var outputsVersion = 0
        /// Something was added to `orders` or `reports` since the lock was taken.
        var hasEffects = false
    }

    /// What a step decided about executors; carried out in the order of these properties.
    private struct Orders {
        var kills: [TaskAttempt] = []
        var removals: [(executor: ExecutorID, handsOver: Bool)] = []
        var wantedExecutors: Int?
        var copies: [CopyWish] = []
        var forgottenDataset: Digest?
        var launches: [LaunchOrder] = []
        var wakeAt: Timestamp?

        var isEmpty: Bool {
            self.launches.isEmpty && self.wakeAt == nil && self.kills.isEmpty && self.wantedExecutors == nil
                && self.removals.isEmpty && self.copies.isEmpty && self.forgottenDataset == nil
        }
    }

    /// What the program is told.
    private enum Report {
        case stageEnded(StageReport)
        case answer(@Sendable (Result<[[UInt8]], HeddleError>) -> Void, Result<[[UInt8]], HeddleError>)
    }

    private let state: Mutex<State>
    private let orders = EffectLane<Orders>()
    /// Apart from orders, since a terminal may take nothing for as long as it likes.
    private let reports = EffectLane<Report>()
    private let clock: EngineClock
    private let backend: any ExecutorBackend
    private let events: EventLog?
    /// Told of each stage that has ended, before its job's result is known.
    private let stageEnded: (@Sendable (StageReport) -> Void)?

    init(
        settings: EngineSettings,
        backend: any ExecutorBackend,
        events: EventLog? = nil,
        stageEnded: (@Sendable (StageReport) -> Void)? = nil,
        clock: EngineClock = EngineClock()
    ) {
        self.events = events
        self.stageEnded = stageEnded
        self.state = Mutex(State(scheduler: EngineScheduler(settings: settings)))
        self.clock = clock
        self.backend = backend
    }

    // MARK: - Jobs

    /// Runs the stages of an action.
    /// - Parameters:
    ///   - name: what it is called.
    ///   - label: to which group and pool it belongs.
    /// - Returns: what each task of the last stage made, in the order of `partitions`.
    /// - Throws: `HeddleError`; `CancellationError` is a job error too, since the job was cancelled with its task.
    func run(
        _ stages: [StageBuilder.Stage],
        partitions: Range<Int>,
        name: String,
        label: JobLabel
    ) async throws -> [[UInt8]] {
        let cancellation = JobCancellation(self)
        let result: Result<[[UInt8]], HeddleError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.submit(stages, partitions, name, label, cancellation) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private func submit(
        _ stages: [StageBuilder.Stage],
        _ partitions: Range<Int>,
        _ name: String,
        _ label: JobLabel,
        _ cancellation: JobCancellation,
        _ answer: @escaping @Sendable (Result<[[UInt8]], HeddleError>) -> Void
    ) {
        let job = Job(stages: stages, results: Array(repeating: nil, count: partitions.count), answer: answer)
        let id = self.withState { state in
            for shuffle in state.shuffles.abandoned() {
                self.step(.shuffleForgotten(state.names.forget(shuffle)), &state)
                // Under the lock: a job of another thread may be about to write the same shuffle anew.
                self.backend.forget(shuffle: shuffle)
            }
            state.shuffles.add(stages)
            let id = state.scheduler.nextJob
            var plan = state.names.plan(stages, partitions: partitions, name: name)
            plan.group = label.group
            if let pool = label.pool { plan.pool = pool }
            // Before the step: an empty job ends within it.
            state.jobs[id] = job
            self.step(.jobSubmitted(plan), &state)
            return id
        }
        cancellation.know(id)
    }

    func cancel(_ job: JobID, reason: String) { self.tell(.jobCancelled(job, reason: reason)) }

    /// What the application does now.
    func status(of application: EventLog.Application, startedAt: Int64) -> LiveStatus {
        self.state.withLock { state in
            let now = CalendarClock.milliseconds
            return LiveStatus(
                application: application,
                startedAt: startedAt,
                now: now,
                offset: now - self.clock.now.milliseconds,
                jobs: state.scheduler.jobViews,
                stages: state.scheduler.stageViews,
                executors: state.scheduler.executorViews
            )
        }
    }

    /// Why the job failed that ended last; nil if it did not.
    var lastFailure: String? { self.state.withLock { $0.scheduler.lastJobFailure?.text } }

    // MARK: - Reports

    /// Tells the scheduler what happened.
    func tell(_ input: EngineScheduler.Input) { self.withState { self.step(input, &$0) } }

    /// Tells the scheduler how a task ended.
    /// - Returns: what is to be launched now, for whoever reports to carry out.
    func taskEnded(_ order: LaunchOrder, _ outcome: Result<TaskProduct, TaskFault>) -> [LaunchOrder] {
        let arrival = outcome.flatMap { Arrival.read($0) }
        return self.withState { state in
            var launches: [LaunchOrder] = []
            switch arrival {
            case .success(let arrival):
                state.arrival = arrival
                // A run that nobody knows any more is not judged.
                defer { state.arrival = nil }
                self.step(.taskSucceeded(order.task, arrival.success), &state, launches: &launches)
            case .failure(let fault):
                let failure = state.names.failure(fault, reduce: Int(order.task.partition))
                self.step(.taskFailed(order.task, failure), &state, launches: &launches)
            }
            return launches
        }
    }

    /// A task was to run on an executor that is gone.
    func taskLost(_ order: LaunchOrder) {
        let message = "it was gone when the task was to start"
        self.tell(.taskFailed(order.task, .executorLost(order.executor, message: message, charged: false)))
    }

    /// Where the outputs of a shuffle lie, without tasks that wrote nothing; nil while one is missing.
    func outputs(of shuffle: Digest) -> [OutputLocation]? {
        self.state.withLock { state in
            state.names.known(shuffle: shuffle).flatMap { state.scheduler.outputs(of: $0, reduces: 0..<Int.max) }
        }
    }

    /// Takes note of what an executor keeps of datasets.
    func take(_ changes: [BlockChange], of executor: ExecutorID) {
        if changes.isEmpty { return }
        self.withState { state in
            for change in changes {
                guard let dataset = state.names.dataset(change.dataset) else { continue }
                let input: EngineScheduler.Input =
                    change.isKept
                    ? .blockCached(dataset, partition: change.partition, on: executor)
                    : .blockDropped(dataset, partition: change.partition, on: executor)
                self.step(input, &state)
            }
        }
    }

    /// A copy that was to be made is not.
    func copyFailed(_ wish: CopyWish) {
        self.tell(.blockDropped(wish.copy.dataset, partition: wish.copy.partition, on: wish.copy.to))
    }

    /// Forgets what executors keep of a dataset.
    func forget(_ dataset: Digest) {
        self.withState { state in
            if let id = state.names.forget(dataset: dataset) { self.step(.datasetForgotten(id), &state) }
            self.add(Orders(forgottenDataset: dataset), &state)
        }
    }

    // MARK: - Steps

    /// Does something with the state, and then what that leads to outside.
    private func withState<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, hasEffects) = self.state.withLock { state in
            let result = body(&state)
            defer { state.hasEffects = false }
            return (result, state.hasEffects)
        }
        if hasEffects {
            // A job's answer keeps nobody, and the program waits for it; whoever is told of stages may stand still.
            if self.stageEnded == nil { self.reports.run { self.carryOut($0) } }
            self.orders.run { self.carryOut($0) }
            if self.stageEnded != nil { self.reports.run { self.carryOut($0) } }
        }
        return result
    }

    private func add(_ orders: Orders, _ state: inout State) {
        state.hasEffects = true
        self.orders.add(orders)
    }

    private func add(_ report: Report, _ state: inout State) {
        state.hasEffects = true
        self.reports.add(report)
    }

    private func step(_ input: EngineScheduler.Input, _ state: inout State) {
        var launches: [LaunchOrder] = []
        self.step(input, &state, launches: &launches)
        if !launches.isEmpty { self.add(Orders(launches: launches), &state) }
    }

    /// - Parameter launches: what is to be launched, by whoever steps.
    private func step(_ input: EngineScheduler.Input, _ state: inout State, launches: inout [LaunchOrder]) {
        var orders = Orders()
        var actions: [EngineScheduler.Action] = []
        swap(&actions, &state.actions)
        let now = self.clock.now
        state.scheduler.step(input, at: now, into: &actions)
        for action in actions {
            if let events = self.events { Self.log(action, at: now, state, events) }
            self.take(action, &state, &orders)
        }
        for index in orders.launches.indices { orders.launches[index].outputsVersion = state.outputsVersion }
        actions.removeAll(keepingCapacity: true)
        swap(&actions, &state.actions)
        swap(&launches, &orders.launches)
        if !orders.isEmpty { self.add(orders, &state) }
    }

    private static func log(
        _ action: EngineScheduler.Action,
        at time: Timestamp,
        _ state: borrowing State,
        _ events: EventLog
    ) {
        var metrics: TaskMetrics?
        switch action {
        case .jobStarted(let start):
            guard let job = state.jobs[start.job] else { return }
            events.know(zip(start.stages, job.stages).map { ($0.stage, $1.datasets) })
        case .taskEnded(let end) where end.outcome == .success: metrics = state.arrival?.metrics
        default: break
        }
        events.take(action, at: time, metrics: metrics)
    }

    private func take(_ action: EngineScheduler.Action, _ state: inout State, _ orders: inout Orders) {
        switch action {
        case .launch(let launch): orders.launches.append(self.order(launch, &state))
        case .kill(let task, _, _): orders.kills.append(task)
        case .wakeAt(let time): orders.wakeAt = time
        case .jobStarted(let start):
            guard let job = state.jobs[start.job] else { return }
            for (report, stage) in zip(start.stages, job.stages) {
                state.stages[report.stage, default: Stage(stage: stage, jobs: [])].jobs.insert(start.job)
            }
        case .taskEnded(let end):
            guard end.counted, let arrival = state.arrival.take() else { return }
            for merge in arrival.merges { merge() }
            guard case .result(let bytes) = arrival.yield, let job = state.stages[end.task.stage]?.jobs.first else {
                return
            }
            state.jobs[job]?.results[Int(end.index)] = bytes
        case .jobEnded(let id, let result):
            guard let job = state.jobs.removeValue(forKey: id) else { return }
            for (number, stage) in state.stages where stage.jobs.contains(id) {
                state.stages[number]?.jobs.remove(id)
                if stage.jobs.count == 1 { state.stages[number] = nil }
            }
            let answer: Result<[[UInt8]], HeddleError>
            switch result {
            case .succeeded: answer = .success(job.results.compactMap { $0 })
            case .failed(let failure): answer = .failure(.job(failure.text))
            }
            self.add(.answer(job.answer, answer), &state)
        case .requestTotalExecutors(let total): orders.wantedExecutors = total
        case .removeExecutor(let executor, let reason):
            orders.removals.append((executor, handsOver: reason.handsOver))
        case .outputsChanged: state.outputsVersion += 1
        case .copyBlock(let copy):
            guard let kept = state.names.kept(copy.dataset) else { return }
            orders.copies.append(CopyWish(kept, copy))
        case .stageCompleted(let report): if self.stageEnded != nil { self.add(.stageEnded(report), &state) }
        case .stageSubmitted, .taskResubmitted, .executorAdded, .executorRemoved, .executorExcluded,
            .executorUnexcluded, .hostExcluded, .hostUnexcluded:
            break
        }
    }

    private func order(_ launch: TaskLaunch, _ state: inout State) -> LaunchOrder {
        guard var stage = state.stages[launch.task.stage] else {
            preconditionFailure("the scheduler launches a task of stage \(launch.task.stage), which no job has")
        }
        let plan: EncodedPlan
        if let known = stage.plan {
            plan = known
        } else {
            plan = EncodedPlan(stage.stage)
            stage.plan = plan
            state.stages[launch.task.stage] = stage
        }
        let partition = Int(launch.task.partition)
        let order = TaskOrder(
            plan: plan.digest,
            partition: partition,
            attempt: Int(launch.task.attempt),
            slices: stage.stage.slices(for: partition)
        )
        let kept = state.scheduler.holders(for: launch).compactMap { holder in
            state.names.kept(holder.dataset).map { kept in
                KeptHolder(dataset: kept.identity, partition: holder.partition, executor: holder.executor)
            }
        }
        return LaunchOrder(task: launch.task, executor: launch.executor, plan: plan, order: order, kept: kept)
    }

    private func carryOut(_ orders: Orders) {
        for task in orders.kills { self.backend.kill(task) }
        for (executor, handsOver) in orders.removals { self.backend.remove(executor, handsOver: handsOver) }
        if let total = orders.wantedExecutors { self.backend.request(executors: total) }
        for copy in orders.copies { self.backend.copy(copy, for: self) }
        if let dataset = orders.forgottenDataset { self.backend.forget(dataset: dataset) }
        if !orders.launches.isEmpty { self.backend.launch(orders.launches, for: self) }
        if let time = orders.wakeAt {
            self.clock.wake(at: time) { [weak self] in self?.tell(.timePassed) }
        }
    }

    private func carryOut(_ report: Report) {
        switch report {
        case .stageEnded(let stage): self.stageEnded?(stage)
        case .answer(let tell, let result): tell(result)
        }
    }
}
