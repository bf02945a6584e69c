import ClusterModel
import Testing

@testable import EngineCore

/// splitmix64: the same seed gives the same history on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random history of an application: jobs over shared shuffles, and everything that can go wrong with them.
struct Workload {
    private var generator: SeededGenerator
    private(set) var bench: Bench
    private var auditor = Auditor()
    private var shuffles: [StagePlan] = []
    private var nextExecutor = 1
    private var alive: [Int] = []
    private var gone: [TaskLaunch] = []
    private let coresPerTask: Int

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
        let cores = seed % 4 == 3 ? 2 : 1
        self.coresPerTask = cores
        self.bench = Bench {
            $0.coresPerTask = cores
            $0.pools.mode = seed % 2 == 0 ? .fifo : .fair
            $0.pools.pools = ["heavy": PoolSettings(mode: .fair, weight: 3, minimumShare: 1)]
            $0.speculation.isEnabled = seed % 3 == 0
            $0.exclusion.isEnabled = seed % 5 == 0
            $0.exclusion.timeout = .seconds(20)
            $0.exclusion.excludesOnFetchFailure = seed % 10 == 0
            $0.exclusion.killsExcludedExecutors = seed % 20 == 0
            $0.allocation.isDynamic = seed % 4 == 0
            $0.allocation.idleTimeout = .seconds(5)
            $0.locality.resetsOnEveryLaunch = seed % 7 == 0
            $0.fetchFailureForgetsHost = seed % 6 == 0
        }
        self.step(.driverStarted)
    }

    var history: [Action] { self.bench.actions }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            self.bench.now.milliseconds += self.number(0...400)
            self.event()
        }
        self.comeToAnEnd()
    }

    private mutating func number(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &self.generator) }

    private mutating func index(below count: Int) -> Int { .random(in: 0..<count, using: &self.generator) }

    private mutating func chance(_ percent: Int) -> Bool { self.index(below: 100) < percent }

    private mutating func step(_ input: Input) {
        let actions = self.bench.step(input)
        self.auditor.audit(actions, after: input, coresPerTask: self.coresPerTask)
        self.checkBooks()
        for action in actions {
            // Most of the time the cluster does at once what it is asked.
            if case .removeExecutor(let id, _) = action, self.chance(80) {
                self.lose(id.number, .ended(message: "asked"))
            }
            if case .copyBlock(let copy) = action { self.copy(copy) }
        }
    }

    private mutating func event() {
        switch self.index(below: 100) {
        case 0..<10: self.submit()
        case 10..<18: self.add()
        case 18..<22: if let victim = self.anyExecutor() { self.lose(victim, self.cause(on: victim)) }
        case 22: self.loseHost()
        case 23: if let victim = self.anyExecutor() { self.step(.executorDraining(ExecutorID(victim))) }
        case 24: self.step(.jobCancelled(JobID(self.index(below: 40)), reason: "random"))
        case 25: self.step(.jobGroupCancelled("g\(self.index(below: 4))", reason: "random"))
        case 26..<30: self.cache()
        case 30..<32: self.reportLate()
        case 32..<36: self.step(.timePassed)
        case 36: self.step(.shuffleForgotten(ShuffleID(self.index(below: 30))))
        default: self.endRun()
        }
    }

    private mutating func submit() {
        guard self.bench.scheduler.jobs.count < 8 else { return }
        if self.shuffles.count < 30, self.chance(70) {
            let reads = (0..<self.index(below: 3)).compactMap { _ in self.anyShuffle() }
            let tasks = 1 + self.index(below: 6)
            var plan = map(self.shuffles.count, tasks, reads: Array(Set(reads)).sorted())
            if self.chance(40) { plan.preferences = (0..<tasks).map { _ in self.places() } }
            self.shuffles.append(plan)
        }
        let reads = Array(Set((0..<self.index(below: 4)).compactMap { _ in self.anyShuffle() })).sorted()
        let tasks = 1 + self.index(below: 6)
        var last = results(tasks, reads: reads)
        if self.chance(40) { last.preferences = (0..<tasks).map { _ in self.places() } }
        if self.chance(30) {
            let dataset = DatasetID(self.index(below: 3))
            last.cached = [CachedDataset(dataset, partitions: 6, replication: 1 + dataset.number)]
            last.parents = last.parents.map { StageParent($0.shuffle, behind: self.chance(50) ? [dataset] : []) }
        }
        var needed = Set<Int>()
        var open = reads
        while let next = open.popLast() {
            if needed.insert(next).inserted { open += self.shuffles[next].parents.map(\.shuffle.number) }
        }
        let stages = needed.sorted().map { self.shuffles[$0] } + [last]
        let pool = self.chance(50) ? "heavy" : "default"
        let group = self.chance(50) ? "g\(self.index(below: 4))" : nil
        self.step(.jobSubmitted(JobPlan(name: "j", stages: stages, pool: pool, group: group)))
    }

    private mutating func anyShuffle() -> Int? { self.shuffles.isEmpty ? nil : self.index(below: self.shuffles.count) }

    private mutating func places() -> [PreferredLocation] {
        (0..<self.index(below: 3)).map { _ in
            let host = self.index(below: 6)
            return PreferredLocation(
                host: "h\(host)",
                rack: "r\(host % 2)",
                executor: self.chance(30) ? self.anyExecutor().map { ExecutorID($0) } : nil
            )
        }
    }

    private mutating func add() {
        guard self.alive.count < 8 else { return }
        let host = self.index(below: 5)
        let number = self.nextExecutor
        self.nextExecutor += 1
        self.alive.append(number)
        let description = ExecutorDescription(
            id: ExecutorID(number),
            host: "h\(host)",
            rack: "r\(host % 2)",
            cores: self.coresPerTask * (1 + self.index(below: 3)),
            hasShuffleService: host == 0
        )
        self.step(.executorAdded(description))
    }

    private mutating func anyExecutor() -> Int? {
        self.alive.isEmpty ? nil : self.alive[self.index(below: self.alive.count)]
    }

    private mutating func cause(on executor: Int) -> ExecutorLossCause {
        let tasks = self.bench.running.filter { $0.executor.number == executor }.map(\.task.id)
        switch self.index(below: 3) {
        case 0: return .trapped(Array(tasks.prefix(1)), message: "trap")
        case 1: return .crashed(message: "crash")
        default: return .ended(message: "preempted")
        }
    }

    private mutating func lose(_ number: Int, _ cause: ExecutorLossCause) {
        guard let place = self.alive.firstIndex(of: number) else { return }
        self.alive.remove(at: place)
        self.gone += self.bench.running.filter { $0.executor.number == number }
        let loss = ExecutorLoss(cause, shuffleFilesSurvive: self.chance(30))
        self.step(.executorLost(ExecutorID(number), loss))
    }

    private mutating func loseHost() {
        let name = "h\(self.index(below: 5))"
        let there = self.bench.scheduler.executorViews.filter { $0.removedAt == nil && $0.description.host == name }
        let numbers = there.map(\.description.id.number)
        self.gone += self.bench.running.filter { numbers.contains($0.executor.number) }
        self.alive.removeAll { numbers.contains($0) }
        self.step(.hostLost(name))
    }

    private mutating func cache() {
        let dataset = DatasetID(self.index(below: 3))
        let executor = ExecutorID(self.anyExecutor() ?? 1)
        switch self.index(below: 10) {
        case 0: self.step(.datasetForgotten(dataset))
        case 1..<3: self.step(.blockDropped(dataset, partition: self.index(below: 6), on: executor))
        default: self.step(.blockCached(dataset, partition: self.index(below: 6), on: executor))
        }
    }

    /// Some copies are made, some have no room, and of some nothing is heard.
    private mutating func copy(_ copy: BlockCopy) {
        switch self.index(below: 10) {
        case 0: break
        case 1..<3: self.step(.blockDropped(copy.dataset, partition: copy.partition, on: copy.to))
        default: self.step(.blockCached(copy.dataset, partition: copy.partition, on: copy.to))
        }
    }

    /// A report of a run whose executor was lost: nothing comes of it.
    private mutating func reportLate() {
        guard let late = self.gone.popLast() else { return }
        let before = self.bench.actions.count
        self.step(.taskSucceeded(late.task, TaskSuccess(output: ShuffleSizes([1, 1]))))
        let answers = self.bench.actions[before...].filter { if case .kill = $0 { true } else { false } }
        #expect(answers == [.kill(late.task, on: nil, reason: .unknownAttempt)])
    }

    private mutating func endRun() {
        guard !self.bench.running.isEmpty else { return }
        let launch = self.bench.running[self.index(below: self.bench.running.count)]
        switch self.index(below: 100) {
        case 0..<6: self.step(.taskFailed(launch.task, boom))
        case 6..<8: self.step(.taskFailed(launch.task, .resultLost(message: "cut")))
        case 8..<16: self.failFetch(launch)
        case 16..<20: self.step(.taskFailed(launch.task, .killed(reason: .asked(reason: "random"))))
        default: self.succeed(launch)
        }
    }

    private mutating func succeed(_ launch: TaskLaunch) {
        let bytes = [self.number(0...1000), self.number(0...1000)]
        self.step(.taskSucceeded(launch.task, TaskSuccess(resultBytes: 1, output: ShuffleSizes(bytes))))
    }

    private mutating func failFetch(_ launch: TaskLaunch) {
        guard let parent = self.auditor.plan(of: launch.task.stage)?.parents.first else { return }
        let map = self.index(below: 6)
        let output = self.bench.scheduler.outputs(of: parent.shuffle, reduces: 0..<2)?.first { $0.map == map }
        let fetch = FetchFailure(
            shuffle: parent.shuffle,
            map: output?.map,
            reduce: 0,
            executor: output?.executor,
            host: output?.host,
            message: "refused"
        )
        self.step(.taskFailed(launch.task, .fetchFailed(fetch)))
    }

    /// Nothing fails any more, and there are good executors: everything ends.
    private mutating func comeToAnEnd() {
        for _ in 0..<20_000 {
            if self.bench.scheduler.jobs.isEmpty, self.bench.running.isEmpty { break }
            if let launch = self.bench.running.first {
                self.succeed(launch)
            } else {
                self.add()
                if let tired = self.alive.first, self.alive.count >= 8 { self.lose(tired, .ended(message: "tired")) }
                self.bench.now = max(self.bench.now, self.bench.wakeAt ?? self.bench.now.adding(milliseconds: 1))
                self.step(.timePassed)
            }
        }
        self.bench.expectEmpty()
        self.auditor.close()
        for executor in self.alive { self.lose(executor, .ended(message: "end")) }
        for shuffle in self.shuffles.indices { self.step(.shuffleForgotten(ShuffleID(shuffle))) }
        for dataset in 0..<3 { self.step(.datasetForgotten(DatasetID(dataset))) }
        self.bench.now = self.bench.now.adding(milliseconds: 100_000)
        self.step(.timePassed)
        #expect(self.bench.scheduler.executors.count == 0)
        #expect(self.bench.scheduler.shuffles.count == 0)
        #expect(self.bench.scheduler.blocks.count == 0)
        #expect(self.bench.scheduler.exclusions.count == 0)
    }

    /// What the scheduler counts is what its tables hold, and nothing waits for nothing.
    private func checkBooks() {
        let scheduler = self.bench.scheduler
        func check(_ holds: Bool, line: Int = #line) {
            if !holds { Issue.record("a book is wrong (line \(line))") }
        }
        var pending = 0
        for slot in scheduler.stages.live {
            let stage = scheduler.stages[slot]
            let runs = scheduler.runs.indices.filter {
                scheduler.runs.isTaken($0) && scheduler.runs[$0].task.stage == stage.id
            }
            check(stage.counts.active == runs.count)
            check(stage.copies.reduce(0) { $0 + Int($1) } == runs.count)
            check((stage.phase == .running) == scheduler.runnable.contains(slot))
            guard stage.phase == .running else { continue }
            let tasks = stage.tasks
            check(tasks.pendingCount == tasks.states.count { $0 == .pending })
            check(tasks.remaining == tasks.states.count { $0 == .pending || $0 == .running })
            check(tasks.remaining > 0)
            check(zip(tasks.states, tasks.copies).allSatisfy { ($0 == .running) == ($1 > 0) || $0 != .running })
            pending += tasks.pendingCount
        }
        check(scheduler.pendingTasks == pending)
        check(scheduler.wanted >= scheduler.announced || scheduler.announced == .distantFuture)
        guard pending > 0, !scheduler.settings.exclusion.isEnabled else { return }
        let isIdle = scheduler.executors.live.contains { slot in
            let executor = scheduler.executors[slot]
            return executor.freeCores >= self.coresPerTask && !executor.isDraining && !executor.isLeaving
        }
        if isIdle { check(scheduler.wanted != .distantFuture) }
    }
}
