internal import Synchronization

/// Runs tasks: opens a plan's operators from the end of the stage back to its sources, and lets the last one pull.
///
/// What it works from is what a second process would have received, also where driver and executor share one.
final class Executor: Sendable {
    let values = ValueCache()
    let blocks = BlockStore()
    let shuffles: ShuffleStore
    private let plans = Mutex<[Digest: OpenedPlan]>([:])

    init(shuffles: ShuffleStore = ShuffleStore()) { self.shuffles = shuffles }

    /// Takes a stage's plan as it travelled.
    func add(plan bytes: [UInt8], digest: Digest) throws {
        if self.plans.withLock({ $0[digest] != nil }) { return }
        let plan: StagePlan
        do {
            plan = try Portable.decode(StagePlan.self, from: bytes)
        } catch {
            throw TaskFault.corruptData("a plan: \(error)")
        }
        let opened = try OpenedPlan(plan)
        self.plans.withLock { $0[digest] = opened }
    }

    /// Runs a task to its end, on the caller's thread.
    /// - Returns: what the stage's last step made.
    /// - Throws: `TaskFault`.
    func run(_ scope: TaskScope) throws -> AnyObject {
        guard let plan = self.plans.withLock({ $0[scope.order.plan] }) else {
            throw TaskFault.foreignPlan("plan \(scope.order.plan) was not sent")
        }
        return try TaskScope.running.withValue(scope) {
            try plan.open(plan.steps.count - 1, partition: scope.order.partition, in: scope)
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

    init(_ plan: StagePlan) throws {
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
                store: scope.executor.shuffles,
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
