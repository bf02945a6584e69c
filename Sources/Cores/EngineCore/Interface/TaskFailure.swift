/// Why a run of a task gave nothing.
package enum TaskFailure: Sendable, Hashable {
    /// The program threw.
    case exception(TaskException)
    /// Output of an earlier stage could not be read.
    case fetchFailed(FetchFailure)
    /// The process ended while the task ran; `charged`: it may be the task's doing.
    case executorLost(ExecutorID, message: String, charged: Bool)
    /// The task itself ended the process by a trap or a crash.
    case trapped(message: String)
    /// The executor ended it because the scheduler or the user asked.
    case killed(reason: KillReason)
    /// The result was computed and lost before the driver had it.
    case resultLost(message: String)
    /// One result alone is above what the driver takes.
    case resultTooLarge(bytes: Int64)
    /// Trying again cannot help: another binary, another graph, a task that cannot be read.
    case refused(message: String)
    /// Another attempt was allowed to write the output instead.
    case commitDenied

    /// Whether it counts toward `spark.task.maxFailures`.
    package var counts: Bool {
        switch self {
        case .exception, .trapped, .resultLost, .resultTooLarge, .refused: true
        case .executorLost(_, _, let charged): charged
        case .fetchFailed, .killed, .commitDenied: false
        }
    }
}

package struct TaskException: Sendable, Hashable {
    /// The error's type.
    package var type: String
    package var message: String
    package var trace: String

    package init(type: String, message: String, trace: String = "") {
        self.type = type
        self.message = message
        self.trace = trace
    }
}

package struct FetchFailure: Sendable, Hashable {
    package var shuffle: ShuffleID
    /// nil: where the outputs lie was not known at all.
    package var map: Int?
    package var reduce: Int
    /// Who was asked for it.
    package var executor: ExecutorID?
    package var host: String?
    package var message: String

    package init(
        shuffle: ShuffleID,
        map: Int?,
        reduce: Int,
        executor: ExecutorID?,
        host: String? = nil,
        message: String
    ) {
        self.shuffle = shuffle
        self.map = map
        self.reduce = reduce
        self.executor = executor
        self.host = host
        self.message = message
    }
}

package enum KillReason: Sendable, Hashable {
    case anotherAttemptSucceeded
    case stageCancelled(reason: String)
    /// The scheduler knows nothing of this run (any more).
    case unknownAttempt
    /// Somebody else's wish, as a task killed by hand.
    case asked(reason: String)
}

/// How a run of a task ended.
package enum TaskOutcome: Sendable, Hashable {
    case success
    /// Apart, so that the many successes stay small.
    indirect case failure(TaskFailure)
}

package enum JobResult: Sendable, Hashable {
    case succeeded
    case failed(JobFailure)
}

/// Why a job failed; the driver makes the user's text of it.
package enum JobFailure: Sendable, Hashable {
    /// One task failed as often as `spark.task.maxFailures` allows, or in a way that no other run can mend.
    case taskFailed(TaskFailureRecord)
    /// A stage lost its input again and again (`spark.stage.maxConsecutiveAttempts`).
    case stageFailed(StageID, attempts: Int, last: FetchFailure)
    /// `spark.driver.maxResultSize`.
    case resultsTooLarge(StageID, tasks: Int, bytes: Int64, limit: Int64)
    /// Every executor is excluded for this task.
    case excludedEverywhere(StageID, partition: Int, last: TaskFailure?)
    case cancelled(reason: String)
    case driverStopped
    /// There is no executor to run it, and none will come.
    case noExecutors(reason: String)
    /// The plan itself is wrong.
    case invalidPlan(reason: String)
}

package struct TaskFailureRecord: Sendable, Hashable {
    package var stage: StageID
    package var stageName: String
    package var partition: Int
    /// How often it failed in a way that counts.
    package var failures: Int
    package var attempt: TaskAttempt
    package var executor: ExecutorID
    package var host: String
    package var last: TaskFailure
}
