extension EngineScheduler {
    /// What happened. Inputs about jobs, tasks and executors that are not known any more are answered, never refused.
    package enum Input: Sendable {
        /// Comes first; asks for the executors to begin with.
        case driverStarted
        /// The job gets the number `nextJob`.
        indirect case jobSubmitted(JobPlan)
        case jobCancelled(JobID, reason: String)
        case jobGroupCancelled(String, reason: String)
        case stageCancelled(StageID, reason: String)
        case allJobsCancelled(reason: String)

        case taskSucceeded(TaskAttempt, TaskSuccess)
        indirect case taskFailed(TaskAttempt, TaskFailure)

        indirect case executorAdded(ExecutorDescription)
        /// The process is gone, and its tasks and cached blocks with it.
        indirect case executorLost(ExecutorID, ExecutorLoss)
        /// It is to get no more tasks; once it has none, its removal is asked for.
        case executorDraining(ExecutorID)
        /// It has said something, and be it only that it is there.
        case executorHeard(ExecutorID)
        /// No executor will come any more, nor in the place of one that goes: every job fails, those too that are yet to come.
        case allocationFailed(reason: String)
        /// A node with all that it served, shuffle files of executors that left earlier too.
        case hostLost(String)

        case blockCached(DatasetID, partition: Int, on: ExecutorID)
        case blockDropped(DatasetID, partition: Int, on: ExecutorID)
        /// Unpersisted, or nobody can name it any more.
        case datasetForgotten(DatasetID)
        /// Nobody can name what was shuffled any more; its files may be deleted.
        case shuffleForgotten(ShuffleID)

        /// Every job ends.
        case driverStopped
        /// Nothing but that a moment asked for by `wakeAt` has come.
        case timePassed
    }
}

package struct TaskSuccess: Sendable, Equatable {
    /// What the result weighs against `spark.driver.maxResultSize`.
    package var resultBytes: Int64
    /// Of tasks whose stage fills a shuffle.
    package var output: ShuffleSizes?

    package init(resultBytes: Int64 = 0, output: ShuffleSizes? = nil) {
        self.resultBytes = resultBytes
        self.output = output
    }
}

package struct ExecutorDescription: Sendable, Equatable {
    package var id: ExecutorID
    package var host: String
    package var rack: String?
    package var cores: Int
    /// The node serves its shuffle files after it has left.
    package var hasShuffleService: Bool

    package init(id: ExecutorID, host: String, rack: String? = nil, cores: Int, hasShuffleService: Bool = false) {
        self.id = id
        self.host = host
        self.rack = rack
        self.cores = cores
        self.hasShuffleService = hasShuffleService
    }
}

package struct ExecutorLoss: Sendable, Equatable {
    package var cause: ExecutorLossCause
    /// Its shuffle files are still served by somebody.
    package var shuffleFilesSurvive: Bool

    package init(_ cause: ExecutorLossCause, shuffleFilesSurvive: Bool = false) {
        self.cause = cause
        self.shuffleFilesSurvive = shuffleFilesSurvive
    }
}

package enum ExecutorLossCause: Sendable, Hashable {
    /// These tasks ended the process by a trap or a crash of their own; they alone are charged.
    case trapped([TaskID], message: String)
    /// The process ended or fell silent and a task may be why; every task on it is charged.
    case crashed(message: String)
    /// The cluster or the user ended it, or the driver did; no task is charged.
    case ended(message: String)
    /// The node is gone; no task is charged.
    case hostLost(message: String)

    package var message: String {
        switch self {
        case .trapped(_, let message), .crashed(let message), .ended(let message), .hostLost(let message): message
        }
    }
}
