import ClusterModel
import Testing

@testable import EngineCore

typealias Action = EngineScheduler.Action
typealias Input = EngineScheduler.Input

/// A scheduler under test, with a clock that the test moves and the tasks that it has launched.
struct Bench {
    var scheduler: EngineScheduler
    var now = Timestamp(milliseconds: 1_000_000)
    /// All that was decided so far.
    var actions: [Action] = []
    /// Launched and not ended, in the order of their launch.
    var running: [TaskLaunch] = []
    var wakeAt: Timestamp?

    init(_ change: (inout EngineSettings) -> Void = { _ in }) {
        var settings = EngineSettings()
        change(&settings)
        self.scheduler = EngineScheduler(settings: settings)
    }

    /// What the input led to.
    @discardableResult
    mutating func step(_ input: Input) -> [Action] {
        var actions: [Action] = []
        if let due = self.wakeAt, self.now >= due { self.wakeAt = nil }
        self.scheduler.step(input, at: self.now, into: &actions)
        for action in actions {
            switch action {
            case .launch(let launch): self.running.append(launch)
            case .taskEnded(let end): self.running.removeAll { $0.task.id == end.task.id }
            case .wakeAt(let time): self.wakeAt = time
            default: break
            }
        }
        self.actions += actions
        return actions
    }

    @discardableResult
    mutating func submit(_ stages: StagePlan..., pool: String = "default", group: String? = nil) -> [Action] {
        self.step(.jobSubmitted(JobPlan(name: "job", stages: stages, pool: pool, group: group)))
    }

    /// An executor `number` on that host.
    @discardableResult
    mutating func add(
        _ number: Int,
        host: String = "a",
        rack: String? = nil,
        cores: Int = 1,
        service: Bool = false
    ) -> [Action] {
        self.step(
            .executorAdded(
                ExecutorDescription(
                    id: ExecutorID(number),
                    host: host,
                    rack: rack,
                    cores: cores,
                    hasShuffleService: service
                )
            )
        )
    }

    @discardableResult
    mutating func lose(_ number: Int, _ cause: ExecutorLossCause = .ended(message: "gone"), survives: Bool = false)
        -> [Action]
    {
        self.step(.executorLost(ExecutorID(number), ExecutorLoss(cause, shuffleFilesSurvive: survives)))
    }

    /// The run succeeds; a map task's output has a byte for each of so many reduce partitions.
    @discardableResult
    mutating func succeed(_ launch: TaskLaunch, bytes: [Int64] = [1, 1], result: Int64 = 0) -> [Action] {
        self.step(.taskSucceeded(launch.task, TaskSuccess(resultBytes: result, output: ShuffleSizes(bytes))))
    }

    @discardableResult
    mutating func fail(_ launch: TaskLaunch, _ failure: TaskFailure = boom) -> [Action] {
        self.step(.taskFailed(launch.task, failure))
    }

    /// The run could not read that map's output.
    @discardableResult
    mutating func failFetch(_ launch: TaskLaunch, shuffle: Int, map: Int? = 0, from executor: Int?) -> [Action] {
        let fetch = FetchFailure(
            shuffle: ShuffleID(shuffle),
            map: map,
            reduce: 0,
            executor: executor.map { ExecutorID($0) },
            message: "connection refused"
        )
        return self.fail(launch, .fetchFailed(fetch))
    }

    @discardableResult
    mutating func pass(milliseconds: Int64) -> [Action] {
        self.now = self.now.adding(milliseconds: milliseconds)
        return self.step(.timePassed)
    }

    /// The run of that partition that is going on.
    func run(_ partition: Int32, stage: Int? = nil) -> TaskLaunch? {
        self.running.last { $0.task.partition == partition && (stage == nil || $0.task.stage.number == stage) }
    }

    /// Ends everything that runs, and what comes of it, with success.
    @discardableResult
    mutating func finishAll() -> [Action] {
        var all: [Action] = []
        while let next = self.running.first { all += self.succeed(next) }
        return all
    }
}

let boom = TaskFailure.exception(TaskException(type: "Oops", message: "boom"))

func map(
    _ shuffle: Int,
    _ tasks: Int,
    reduces: Int = 2,
    reads: [Int] = [],
    preferences: [[PreferredLocation]] = [],
    cached: [CachedDataset] = []
) -> StagePlan {
    StagePlan(
        name: "map \(shuffle)",
        output: .shuffle(ShuffleID(shuffle), mapPartitions: tasks, reducePartitions: reduces),
        parents: reads.map { StageParent(ShuffleID($0)) },
        preferences: preferences,
        cached: cached
    )
}

func results(
    _ tasks: Int,
    reads: [Int] = [],
    preferences: [[PreferredLocation]] = [],
    cached: [CachedDataset] = [],
    behind: [DatasetID] = []
) -> StagePlan {
    StagePlan(
        name: "results",
        output: .results(partitions: Array(0..<tasks)),
        parents: reads.map { StageParent(ShuffleID($0), behind: behind) },
        preferences: preferences,
        cached: cached
    )
}

extension [Action] {
    var launches: [TaskLaunch] { self.compactMap { if case .launch(let launch) = $0 { launch } else { nil } } }
    var ends: [TaskEnd] { self.compactMap { if case .taskEnded(let end) = $0 { end } else { nil } } }
    var kills: [TaskAttempt] { self.compactMap { if case .kill(let task, _, _) = $0 { task } else { nil } } }
    var jobEnds: [JobResult] { self.compactMap { if case .jobEnded(_, let result) = $0 { result } else { nil } } }
    var submitted: [StageReport] {
        self.compactMap { if case .stageSubmitted(let report) = $0 { report } else { nil } }
    }
    var completed: [StageReport] {
        self.compactMap { if case .stageCompleted(let report) = $0 { report } else { nil } }
    }
    var requests: [Int] { self.compactMap { if case .requestTotalExecutors(let count) = $0 { count } else { nil } } }
    var removals: [ExecutorID] { self.compactMap { if case .removeExecutor(let id, _) = $0 { id } else { nil } } }
}

extension [TaskLaunch] {
    var partitions: [Int32] { self.map(\.task.partition) }
    var executors: [Int] { self.map(\.executor.number) }
    var localities: [Locality] { self.map(\.locality) }
}

extension Bench {
    /// Nothing is left of jobs that are over, except what a later job may use.
    func expectEmpty(executors: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
        let scheduler = self.scheduler
        #expect(scheduler.jobs.isEmpty, sourceLocation: sourceLocation)
        #expect(scheduler.stages.count == 0, sourceLocation: sourceLocation)
        #expect(scheduler.runs.count == 0, sourceLocation: sourceLocation)
        #expect(scheduler.runnable.isEmpty, sourceLocation: sourceLocation)
        #expect(scheduler.waiting.isEmpty, sourceLocation: sourceLocation)
        #expect(scheduler.resubmitting.isEmpty, sourceLocation: sourceLocation)
        #expect(scheduler.unschedulable.isEmpty, sourceLocation: sourceLocation)
        #expect(scheduler.pendingTasks == 0, sourceLocation: sourceLocation)
        #expect(scheduler.freed.isEmpty && scheduler.offered.isEmpty, sourceLocation: sourceLocation)
        for slot in scheduler.executors.live {
            let executor = scheduler.executors[slot]
            #expect(executor.freeCores == executor.description.cores, sourceLocation: sourceLocation)
            #expect(executor.runs == 0, sourceLocation: sourceLocation)
        }
        if let executors { #expect(scheduler.executors.count == executors, sourceLocation: sourceLocation) }
    }
}
