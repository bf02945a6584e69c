internal import EngineLink
internal import Synchronization

/// Runs tasks: opens a plan's operators from the end of the stage back to its sources, and lets the last one pull.
///
/// What it works from is what a second process would have received, also where driver and executor share one.
final class Executor: Sendable {
    let values = ValueCache()
    let blocks: BlockStore
    let shuffles: ShuffleStore
    let settings: MemorySettings
    let memory: ExecutorMemory
    let places: BlockPlaces
    private let tasksBegun = Atomic<Int64>(0)
    /// Enough for the stages of all jobs that run at a time; an older one is opened again.
    private static let plansMaximum = 256
    private let plans = Mutex(LeastRecentlyUsed<Digest, OpenedPlan>(limit: Executor.plansMaximum))

    init(_ settings: MemorySettings, shuffles: ShuffleStore = ShuffleStore()) {
        let places = BlockPlaces(settings.localFolders)
        let blocks = BlockStore()
        // Each file of blocks is open as long as it is needed.
        EngineLimits.raiseOpenFiles()
        self.settings = settings
        self.places = places
        self.shuffles = shuffles
        self.blocks = blocks
        self.memory = ExecutorMemory(settings) { block in
            switch block {
            case .partition(let key): blocks.evict(key, places, settings)
            case .output(let key):
                // What cannot be written stays in memory, above what was meant: a task that has no room fails by itself.
                try? shuffles.output(key)?.moveToDisk(places, compresses: settings.compressesShuffles)
            }
        }
    }

    /// A number for a run of a task, which no other has had here.
    func nextTask() -> Int64 { self.tasksBegun.wrappingAdd(1, ordering: .relaxed).newValue }

    /// How many plans are kept open.
    var planCount: Int { self.plans.withLock { $0.count } }

    /// A stage's plan, as it travelled or as it was opened before.
    func opened(_ plan: EncodedPlan) throws -> OpenedPlan {
        if let known = self.plans.withLock({ $0.use(plan.digest) }) { return known }
        let decoded: StagePlan
        do {
            decoded = try Portable.decode(StagePlan.self, from: plan.bytes)
        } catch {
            throw TaskFault.corruptData("a plan: \(error)")
        }
        let opened = try OpenedPlan(decoded)
        self.plans.withLock { _ = $0.insert(opened, for: plan.digest) }
        return opened
    }

    /// Gives a task what its plan names: values that came with it, or are here from an earlier one.
    /// - Throws: `TaskFault.missingValue` where one has to be sent again.
    private func supply(_ scope: TaskScope, _ plan: OpenedPlan, _ sent: [Parameter]) throws {
        for planned in plan.values {
            let bytes = planned.bytes ?? sent.first { $0.digest == planned.digest }?.bytes
            guard let value = self.values.value(planned.digest, bytes: bytes) else {
                throw TaskFault.missingValue(planned.digest)
            }
            scope.hold(value)
        }
    }

    /// Runs a task to its end, on the caller's thread.
    /// - Parameter sent: values that came beside the plan.
    /// - Returns: what the stage's last step made.
    /// - Throws: `TaskFault`.
    func run(_ scope: TaskScope, _ plan: OpenedPlan, sent: [Parameter]) throws -> AnyObject {
        self.memory.begin(task: scope.number)
        defer { self.memory.end(task: scope.number) }
        try self.supply(scope, plan, sent)
        return try TaskScope.running.withValue(scope) {
            let made = try plan.open(plan.steps.count - 1, partition: scope.order.partition, in: scope)
            try scope.rethrow()
            return made
        }
    }
}

/// A plan whose kernels have been found.
struct OpenedPlan: Sendable {
    struct Step: Sendable {
        var planned: PlannedStep
        var functions: [FunctionWords]
        var kernel: Kernel
    }

    var steps: [Step]
    /// All values that the steps name, each once.
    var values: [PlannedValue]

    init(_ plan: StagePlan) throws {
        var digests: Set<Digest> = []
        self.values = plan.steps.flatMap { step in
            // What is read from a shuffle needs nothing of what wrote it.
            step.isShuffled ? [] : step.values + step.broadcasts.map { PlannedValue(digest: $0) }
        }.filter { digests.insert($0.digest).inserted }
        self.steps = try plan.steps.map { step in
            do {
                let functions = try step.functions.map { try FunctionWords($0) }
                return Step(planned: step, functions: functions, kernel: try Self.kernel(of: step))
            } catch is FunctionWords.UnreachableCode {
                throw TaskFault.foreignPlan("\(step.site): \(step.operation) has no code here")
            }
        }
    }

    private static func kernel(of step: PlannedStep) throws -> Kernel {
        if let offset = step.kernel.offset {
            return try FunctionWords(FunctionReference(code: offset)).function(as: Kernel.self)
        }
        guard let name = step.kernel.operation, let type = OperatorTypes.type(named: name) else {
            throw TaskFault.foreignPlan("\(step.site): \(step.operation) is unknown here")
        }
        return { try type.open($0) }
    }

    /// Opens one partition of a step's dataset.
    func open(_ index: Int, partition: Int, in scope: TaskScope) throws -> AnyObject {
        let step = self.steps[index]
        if case .shuffled(let mapTasks) = step.planned.kind {
            return ShuffleInput(
                task: scope,
                shuffle: step.planned.identity,
                mapTasks: mapTasks,
                partition: partition
            )
        }
        let input = OperatorInput(
            index: index,
            step: step,
            isLast: index == self.steps.count - 1,
            partition: partition,
            task: scope
        ) { parent, partition in
            try self.open(step.planned.parents[parent], partition: partition, in: scope)
        }
        do {
            return try step.kernel(input)
        } catch let failure as TaskFault {
            throw failure
        } catch {
            throw TaskFault.thrown("\(error)", operation: step.planned.operation, site: step.planned.site)
        }
    }
}
