internal import ClusterModel
internal import EngineCore
internal import Synchronization

/// Carries out what the scheduler of one application decides: hands tasks to executors, tells the scheduler how they ended,
/// and gives jobs their results.
///
/// One lock guards the scheduler and what belongs to it. Everything that is to be done outside is collected under the lock
/// and done after it.
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
    }

    /// What is done after a step, outside of the lock.
    private struct Effects {
        var launches: [LaunchOrder] = []
        var kills: [TaskAttempt] = []
        var answers: [() -> Void] = []
        var wakeAt: Timestamp?
        var wantedExecutors: Int?
        var removals: [(executor: ExecutorID, handsOver: Bool)] = []
        var copies: [CopyWish] = []
        /// For whoever is told of stages.
        var endedStages: [StageReport] = []

        mutating func add(_ other: Effects) {
            self.launches += other.launches
            self.kills += other.kills
            self.answers += other.answers
            self.wakeAt = other.wakeAt ?? self.wakeAt
            self.wantedExecutors = other.wantedExecutors ?? self.wantedExecutors
            self.removals += other.removals
            self.copies += other.copies
            self.endedStages += other.endedStages
        }
    }

    private let state: Mutex<State>
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
        let (id, effects) = self.state.withLock { state in
            var effects = Effects()
            for shuffle in state.shuffles.abandoned() {
                effects.add(self.step(.shuffleForgotten(state.names.forget(shuffle)), &state))
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
            effects.add(self.step(.jobSubmitted(plan), &state))
            return (id, effects)
        }
        cancellation.know(id)
        self.carryOut(effects)
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
    func tell(_ input: EngineScheduler.Input) { self.carryOut(self.state.withLock { self.step(input, &$0) }) }

    /// Tells the scheduler how a task ended.
    /// - Returns: what is to be launched now, for whoever reports to carry out.
    func taskEnded(_ order: LaunchOrder, _ outcome: Result<TaskProduct, TaskFault>) -> [LaunchOrder] {
        let arrival = outcome.flatMap { Arrival.read($0) }
        var effects = self.state.withLock { state in
            switch arrival {
            case .success(let arrival):
                state.arrival = arrival
                // A run that nobody knows any more is not judged.
                defer { state.arrival = nil }
                return self.step(.taskSucceeded(order.task, arrival.success), &state)
            case .failure(let fault):
                let failure = state.names.failure(fault, reduce: Int(order.task.partition))
                return self.step(.taskFailed(order.task, failure), &state)
            }
        }
        let launches = effects.launches
        effects.launches = []
        self.carryOut(effects)
        return launches
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
        let effects = self.state.withLock { state in
            var effects = Effects()
            for change in changes {
                guard let dataset = state.names.dataset(change.dataset) else { continue }
                let input: EngineScheduler.Input =
                    change.isKept
                    ? .blockCached(dataset, partition: change.partition, on: executor)
                    : .blockDropped(dataset, partition: change.partition, on: executor)
                effects.add(self.step(input, &state))
            }
            return effects
        }
        self.carryOut(effects)
    }

    /// A copy that was to be made is not.
    func copyFailed(_ wish: CopyWish) {
        self.tell(.blockDropped(wish.copy.dataset, partition: wish.copy.partition, on: wish.copy.to))
    }

    /// Forgets what executors keep of a dataset.
    func forget(_ dataset: Digest) {
        let effects = self.state.withLock { state in
            state.names.forget(dataset: dataset).map { self.step(.datasetForgotten($0), &state) } ?? Effects()
        }
        self.carryOut(effects)
        self.backend.forget(dataset: dataset)
    }

    // MARK: - Steps

    private func step(_ input: EngineScheduler.Input, _ state: inout State) -> Effects {
        var effects = Effects()
        var actions: [EngineScheduler.Action] = []
        swap(&actions, &state.actions)
        let now = self.clock.now
        state.scheduler.step(input, at: now, into: &actions)
        for action in actions {
            if let events = self.events { Self.log(action, at: now, state, events) }
            self.take(action, &state, &effects)
        }
        for index in effects.launches.indices { effects.launches[index].outputsVersion = state.outputsVersion }
        actions.removeAll(keepingCapacity: true)
        swap(&actions, &state.actions)
        return effects
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

    private func take(_ action: EngineScheduler.Action, _ state: inout State, _ effects: inout Effects) {
        switch action {
        case .launch(let launch): effects.launches.append(self.order(launch, &state))
        case .kill(let task, _, _): effects.kills.append(task)
        case .wakeAt(let time): effects.wakeAt = time
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
            effects.answers.append { job.answer(answer) }
        case .requestTotalExecutors(let total): effects.wantedExecutors = total
        case .removeExecutor(let executor, let reason):
            effects.removals.append((executor, handsOver: reason.handsOver))
        case .outputsChanged: state.outputsVersion += 1
        case .copyBlock(let copy):
            guard let kept = state.names.kept(copy.dataset) else { return }
            effects.copies.append(CopyWish(kept, copy))
        case .stageCompleted(let report): if self.stageEnded != nil { effects.endedStages.append(report) }
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

    private func carryOut(_ effects: Effects) {
        if let stageEnded { for report in effects.endedStages { stageEnded(report) } }
        for answer in effects.answers { answer() }
        for task in effects.kills { self.backend.kill(task) }
        for (executor, handsOver) in effects.removals { self.backend.remove(executor, handsOver: handsOver) }
        if let total = effects.wantedExecutors { self.backend.request(executors: total) }
        for copy in effects.copies { self.backend.copy(copy, for: self) }
        if !effects.launches.isEmpty { self.backend.launch(effects.launches, for: self) }
        if let time = effects.wakeAt {
            self.clock.wake(at: time) { [weak self] in self?.tell(.timePassed) }
        }
    }
}

/// What runs tasks for a driver.
protocol ExecutorBackend: Sendable {
    /// Runs tasks; each is reported by `Driver.taskEnded`.
    func launch(_ orders: [LaunchOrder], for driver: Driver)
    func kill(_ task: TaskAttempt)
    /// Drops what is kept of a dataset.
    func forget(dataset: Digest)
    /// Drops what was written for a shuffle.
    func forget(shuffle: Digest)
    /// Has an executor keep what another keeps. It reports that it does, or that it does not.
    func copy(_ wish: CopyWish, for driver: Driver)
    /// Drops a broadcast.
    func forget(value: Digest)
    /// The scheduler wants so many executors, whatever it wanted before.
    func request(executors total: Int)
    /// Ends an executor; its loss is reported as of any other.
    /// - Parameter handsOver: whether it gives what its map tasks wrote to its node's service first, where there is one.
    func remove(_ executor: ExecutorID, handsOver: Bool)
    /// Ends all executors.
    /// - Parameter failure: why the application counts as failed; nil where it does not.
    func stop(failure: String?)
}

/// A task that is to be run.
struct LaunchOrder: Sendable {
    var task: TaskAttempt
    var executor: ExecutorID
    var plan: EncodedPlan
    var order: TaskOrder
    /// Kept partitions that the task reads and that other executors have.
    var kept: [KeptHolder] = []
    /// How current the places of outputs must be that the task reads.
    var outputsVersion = 0
}

/// Which executor keeps a partition that a task on another one reads.
struct KeptHolder: Sendable {
    var dataset: Digest
    var partition: Int
    var executor: ExecutorID
}

/// A partition that is to be kept by one executor more.
struct CopyWish: Sendable {
    var dataset: Digest
    var level: StorageLevel
    var copy: BlockCopy

    init(_ kept: DatasetNames.Kept, _ copy: BlockCopy) {
        self.dataset = kept.identity
        self.level = kept.level
        self.copy = copy
    }
}

/// What a task made, as its end is reported.
struct TaskProduct: Codable, Sendable {
    enum Yield: Codable, Sendable {
        case result([UInt8])
        /// How many bytes a map task wrote for each partition; the bytes stay with the executor.
        case output([Int64])
    }

    var yield: Yield
    /// What it added to accumulators.
    var updates: [AccumulatorUpdate] = []
    var metrics = TaskMetrics()
}

/// A stage's plan as it travels.
struct EncodedPlan: Sendable {
    var bytes: [UInt8]
    var digest: Digest
    /// Values that are sent beside it.
    var values: [Parameter]
    /// Values that have not been fetched yet.
    var missingValues: [Digest] = []
    /// The shuffle that its tasks write.
    var shuffle: Digest?
    /// What the stage does, and where that stands; does not travel.
    var name = ""

    /// As an executor receives it.
    init(_ sent: SentPlan) {
        self.bytes = sent.bytes
        self.digest = sent.digest
        self.values = []
        self.missingValues = sent.values
        self.shuffle = sent.shuffle
    }

    init(_ stage: StageBuilder.Stage) {
        // Everything in a plan has a binary form of its own.
        let bytes = (try? Portable.encode(stage.plan)) ?? []
        self.bytes = bytes
        self.digest = Digest(of: bytes)
        self.values = stage.values + stage.broadcasts.compactMap(\.parameter)
        self.shuffle = stage.shuffle?.identity
        self.name = stage.name
    }
}
