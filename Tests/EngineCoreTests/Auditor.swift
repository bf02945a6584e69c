import ClusterModel
import Testing

@testable import EngineCore

/// Keeps books of an application from the inputs and actions alone, and holds the scheduler to them.
struct Auditor {
    private var freeCores: [ExecutorID: Int] = [:]
    private var draining: Set<ExecutorID> = []
    private var running: [TaskID: TaskLaunch] = [:]
    private var plans: [StageID: StagePlan] = [:]
    private var stagesOfJob: [JobID: [StageID]] = [:]
    private var ended: Set<JobID> = []
    private var open: Set<Attempt> = []
    private var closed: Set<Attempt> = []
    private var counted: Set<Counted> = []
    private var forgotten: Set<Int> = []
    private var holders: [Block: Set<ExecutorID>] = [:]

    private struct Block: Hashable {
        var dataset: DatasetID
        var partition: Int
    }

    private struct Attempt: Hashable {
        var stage: StageID
        var attempt: Int
    }

    private struct Counted: Hashable {
        var stage: Int
        var shuffle: Int
        var partition: Int32
    }

    /// Cheaper than an expectation while it holds, which is millions of times.
    private func check(_ holds: Bool, _ text: String = "books", line: Int = #line) {
        if !holds { Issue.record("\(text) (line \(line))") }
    }

    func plan(of stage: StageID) -> StagePlan? { self.plans[stage] }

    mutating func audit(_ actions: [Action], after input: Input, coresPerTask: Int) {
        if case .executorDraining(let id) = input { self.draining.insert(id) }
        if case .shuffleForgotten(let shuffle) = input {
            self.forgotten.insert(shuffle.number)
            self.dropForgotten()
        }
        self.note(input)
        var jobPlan: JobPlan?
        if case .jobSubmitted(let plan) = input { jobPlan = plan }
        for action in actions { self.audit(action, jobPlan, coresPerTask) }
    }

    /// Takes note of who keeps what.
    private mutating func note(_ input: Input) {
        switch input {
        case .blockCached(let dataset, let partition, let executor):
            guard self.freeCores[executor] != nil else { return }
            self.holders[Block(dataset: dataset, partition: partition), default: []].insert(executor)
        case .blockDropped(let dataset, let partition, let executor):
            self.holders[Block(dataset: dataset, partition: partition)]?.remove(executor)
        case .datasetForgotten(let dataset): self.holders = self.holders.filter { $0.key.dataset != dataset }
        default: break
        }
    }

    /// From one that has it to one that has it not, and that stays.
    private func check(_ copy: BlockCopy) {
        let holders = self.holders[Block(dataset: copy.dataset, partition: copy.partition)] ?? []
        self.check(holders.contains(copy.from) && !holders.contains(copy.to), "a copy of what is not there")
        self.check(self.freeCores[copy.from] != nil && self.freeCores[copy.to] != nil, "a copy of the dead")
        self.check(!self.draining.contains(copy.to), "a copy for one that leaves")
    }

    private mutating func audit(_ action: Action, _ jobPlan: JobPlan?, _ coresPerTask: Int) {
        switch action {
        case .executorAdded(let executor): self.freeCores[executor.id] = executor.cores
        case .executorRemoved(let id, _):
            self.freeCores[id] = nil
            for block in self.holders.keys { self.holders[block]?.remove(id) }
        case .copyBlock(let copy): self.check(copy)
        case .removeExecutor(let id, _): self.draining.insert(id)
        case .jobStarted(let start):
            self.check(self.stagesOfJob[start.job] == nil)
            self.stagesOfJob[start.job] = start.stages.map(\.stage)
            for (report, plan) in zip(start.stages, jobPlan?.stages ?? []) { self.plans[report.stage] = plan }
            // A job that names it keeps it.
            for report in start.stages { if let shuffle = report.shuffle { self.forgotten.remove(shuffle.number) } }
        case .jobEnded(let job, let result):
            self.end(job, result)
            self.dropForgotten()
        case .stageSubmitted(let report):
            let attempt = Attempt(stage: report.stage, attempt: report.attempt)
            self.check(self.open.insert(attempt).inserted && !self.closed.contains(attempt))
            self.check(self.open.count { $0.stage == report.stage } == 1)
        case .stageCompleted(let report):
            let attempt = Attempt(stage: report.stage, attempt: report.attempt)
            self.check(self.open.remove(attempt) != nil && self.closed.insert(attempt).inserted)
        case .launch(let launch): self.launch(launch, coresPerTask)
        case .taskEnded(let end): self.end(end, coresPerTask)
        case .kill(let task, let executor, _):
            if executor != nil { self.check(self.running[task.id]?.executor == executor) }
        default: break
        }
    }

    /// What is computed anew after it was forgotten counts anew, once no job needs it.
    private mutating func dropForgotten() {
        for shuffle in self.forgotten {
            let isNeeded = self.stagesOfJob.contains { job, stages in
                !self.ended.contains(job) && stages.contains { self.shuffle(of: $0) == shuffle }
            }
            guard !isNeeded else { continue }
            self.forgotten.remove(shuffle)
            self.counted = self.counted.filter { $0.shuffle != shuffle }
        }
    }

    private mutating func launch(_ launch: TaskLaunch, _ coresPerTask: Int) {
        let free = self.freeCores[launch.executor]
        self.check(free != nil, "a task on an executor that is gone")
        self.check((free ?? 0) >= coresPerTask, "more tasks than cores")
        self.check(!self.draining.contains(launch.executor))
        self.freeCores[launch.executor] = (free ?? 0) - coresPerTask
        self.check(self.running.updateValue(launch, forKey: launch.task.id) == nil)
        let attempt = Attempt(stage: launch.task.stage, attempt: Int(launch.task.stageAttempt))
        self.check(self.open.contains(attempt), "a task of an attempt that is not open")
    }

    private mutating func end(_ end: TaskEnd, _ coresPerTask: Int) {
        let launch = self.running.removeValue(forKey: end.task.id)
        self.check(launch?.task == end.task)
        if let free = self.freeCores[end.executor] { self.freeCores[end.executor] = free + coresPerTask }
        guard end.counted else { return }
        self.check(end.outcome == .success)
        let shuffle = self.shuffle(of: end.task.stage)
        let key = Counted(
            stage: shuffle == nil ? end.task.stage.number : -1,
            shuffle: shuffle ?? -1,
            partition: end.task.partition
        )
        self.check(self.counted.insert(key).inserted, "a partition counted twice")
    }

    private func shuffle(of stage: StageID) -> Int? {
        guard case .shuffle(let shuffle, _, _) = self.plans[stage]?.output else { return nil }
        return shuffle.number
    }

    private mutating func end(_ job: JobID, _ result: JobResult) {
        self.check(self.ended.insert(job).inserted)
        guard result == .succeeded, let last = self.stagesOfJob[job]?.last, let plan = self.plans[last] else { return }
        let count = self.counted.count { $0.stage == last.number }
        self.check(count == plan.taskCount, "a job succeeded without all results")
    }

    /// All is over.
    func close() {
        self.check(self.ended.count == self.stagesOfJob.count, "a job never ended")
        self.check(self.open.isEmpty)
        self.check(self.running.isEmpty)
    }
}
