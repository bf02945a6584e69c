/// An application's containers as whoever gets them for its driver sees them: how many more to ask for, which executor each
/// granted one becomes, and when to give up. A plain value; its owner talks to the cluster, or starts processes itself.
package struct ContainerBook<Container: Hashable & Sendable>: Sendable {
    package enum Input: Sendable {
        /// The driver wants so many executors, whatever it wanted before.
        case wanted(Int)
        case granted(Container, host: String)
        case ended(Container, ExecutorLossCause)
        /// The node refused to start it, or could not be reached.
        case launchFailed(Container, message: String)
        /// The driver has told an executor to end: its container is given back.
        case removed(ExecutorID)
    }

    package enum Action: Sendable, Equatable {
        /// Start this executor in the container.
        case launch(Container, ExecutorID, host: String)
        /// Give the container back.
        case release(Container)
        /// The executor is gone.
        case lost(ExecutorID, ExecutorLossCause)
        /// Nothing is asked for any more.
        case gaveUp(String)
    }

    private var wanted = 0
    /// The most that was wanted at a time; failures are measured by it.
    private var wantedMaximum = 0
    private var executors: [Container: ExecutorID] = [:]
    private var nextExecutor: Int
    private var failures = 0
    private var hasGivenUp = false

    /// `spark.executor.maxNumFailures`; nil: twice as many as are wanted, and three at least.
    private let failuresMaximum: Int?

    /// More executors than an attempt of an application ever has.
    private static var executorsOfAttempt: Int { 100_000 }

    /// - Parameter attempt: the application's, from 1. No executor has the number of one of an earlier attempt.
    package init(failuresMaximum: Int? = nil, attempt: Int = 1) {
        self.failuresMaximum = failuresMaximum
        self.nextExecutor = Self.firstExecutor(of: attempt).number
    }

    /// The number that the first executor of an attempt has: those of all earlier attempts are lower.
    package static func firstExecutor(of attempt: Int) -> ExecutorID {
        ExecutorID(1 + max(0, attempt - 1) * Self.executorsOfAttempt)
    }

    /// How many containers are asked for now.
    package var missing: Int { self.hasGivenUp ? 0 : max(0, self.wanted - self.executors.count) }

    package var count: Int { self.executors.count }

    package func container(of executor: ExecutorID) -> Container? {
        self.executors.first { $0.value == executor }?.key
    }

    package mutating func step(_ input: Input) -> [Action] {
        switch input {
        case .wanted(let count):
            self.wanted = max(0, count)
            self.wantedMaximum = max(self.wantedMaximum, self.wanted)
            return []
        case .granted(let container, let host):
            guard self.missing > 0, self.executors[container] == nil else { return [.release(container)] }
            let executor = ExecutorID(self.nextExecutor)
            self.nextExecutor += 1
            self.executors[container] = executor
            return [.launch(container, executor, host: host)]
        case .ended(let container, let cause):
            guard let executor = self.executors.removeValue(forKey: container) else { return [] }
            return self.ended(executor, cause)
        case .launchFailed(let container, let message):
            guard let executor = self.executors.removeValue(forKey: container) else { return [] }
            let cause = ExecutorLossCause.crashed(message: "its container could not be started: \(message)")
            return [.release(container)] + self.ended(executor, cause)
        case .removed(let executor):
            guard let container = self.container(of: executor) else { return [] }
            return [.release(container)]
        }
    }

    private mutating func ended(_ executor: ExecutorID, _ cause: ExecutorLossCause) -> [Action] {
        // A task that ends its executor is charged for it; this is about executors that cannot start or stay.
        guard case .crashed(let message) = cause else { return [.lost(executor, cause)] }
        self.failures += 1
        guard self.failures >= self.failuresMaximum ?? max(3, 2 * self.wantedMaximum), !self.hasGivenUp else {
            return [.lost(executor, cause)]
        }
        self.hasGivenUp = true
        return [
            .lost(executor, cause),
            .gaveUp("\(self.failures) executors failed (spark.executor.maxNumFailures), the last one so: \(message)"),
        ]
    }
}
