package import ClusterModel

extension EngineScheduler {
    /// What is to be done, and what an event log is written from, in the order in which it happened. What is large and
    /// rare is kept apart, so that launches and ends of tasks stay small.
    package enum Action: Sendable, Equatable {
        /// Run it. Is also the start of the task for the event log.
        case launch(TaskLaunch)
        /// End it, and report its end as of any other. No executor: on the one that the report came from, which need not
        /// report again.
        case kill(TaskAttempt, on: ExecutorID?, reason: KillReason)
        /// The driver is to hold so many executors, whatever it held before; those that are lost are replaced.
        case requestTotalExecutors(Int)
        /// End an executor; report its loss as of any other.
        case removeExecutor(ExecutorID, RemovalReason)
        /// Step at that time or soon after, with `timePassed` if with nothing else. Replaces the wish before it.
        case wakeAt(Timestamp)

        indirect case jobStarted(JobStart)
        indirect case jobEnded(JobID, JobResult)
        indirect case stageSubmitted(StageReport)
        /// An attempt of a stage is over; the report says how.
        indirect case stageCompleted(StageReport)
        case taskEnded(TaskEnd)
        /// The output of a partition that had succeeded is gone, and the partition runs again.
        case taskResubmitted(TaskAttempt)
        indirect case executorAdded(ExecutorDescription)
        indirect case executorRemoved(ExecutorID, ExecutorLossCause)
        indirect case executorExcluded(ExecutorID, taskFailures: Int, in: StageScope?)
        case executorUnexcluded(ExecutorID)
        indirect case hostExcluded(String, executorFailures: Int, in: StageScope?)
        case hostUnexcluded(String)
        /// What executors keep about the places of this shuffle's outputs is out of date.
        case outputsChanged(ShuffleID)
        /// An executor is to fetch a cached partition from another and keep it too. It reports that it caches the partition, or
        /// that it has dropped it.
        case copyBlock(BlockCopy)
    }
}

package struct BlockCopy: Sendable, Hashable {
    package var dataset: DatasetID
    package var partition: Int
    package var from: ExecutorID
    package var to: ExecutorID
}

/// Where a task finds a cached partition that its own executor does not hold.
package struct BlockHolder: Sendable, Hashable {
    package var dataset: DatasetID
    package var partition: Int
    package var executor: ExecutorID
}

/// An attempt of a stage within which something is excluded.
package struct StageScope: Sendable, Hashable {
    package var stage: StageID
    package var attempt: Int
}

package struct TaskLaunch: Sendable, Equatable {
    package var task: TaskAttempt
    package var executor: ExecutorID
    /// Place in the stage's plan; what a job's result stage computes for the job.
    package var index: Int32
    package var locality: Locality
    package var speculative: Bool
}

/// How near a task runs to its input, as Spark names it.
package enum Locality: Int8, Sendable, Hashable, Comparable, CaseIterable {
    case processLocal
    case nodeLocal
    case noPreference
    case rackLocal
    case any

    package static func < (left: Locality, right: Locality) -> Bool { left.rawValue < right.rawValue }
}

package struct TaskEnd: Sendable, Equatable {
    package var task: TaskAttempt
    package var executor: ExecutorID
    package var index: Int32
    package var locality: Locality
    package var speculative: Bool
    /// This success is the one of its partition: results, accumulators and metrics of this run count, and of no other.
    package var counted: Bool
    package var launchedAt: Timestamp
    package var outcome: TaskOutcome
}

package enum RemovalReason: Sendable, Hashable {
    /// Nothing to do for `spark.dynamicAllocation.executorIdleTimeout` or its like.
    case idle
    case drained
    case excluded
    /// Nothing was heard of it for `spark.network.timeout`; it counts as lost already.
    case silent
    /// Excluded and idle while a task can run nowhere: another one may come in its place.
    case makesRoom

    /// Whether it is to hand over what its map tasks wrote first, where its node can serve that. One that is silent would not.
    package var handsOver: Bool { self != .silent }
}

package struct JobStart: Sendable, Equatable {
    package var job: JobID
    package var name: String
    package var group: String?
    package var pool: String
    /// All stages of the plan, in its order, those too that will be skipped.
    package var stages: [StageReport]
}

package struct StageReport: Sendable, Equatable {
    package var stage: StageID
    package var attempt: Int
    package var name: String
    /// Of this attempt, when submitted; of the whole stage before.
    package var taskCount: Int
    package var parents: [StageID]
    package var shuffle: ShuffleID?
    /// Jobs that need it, in order.
    package var jobs: [JobID]
    package var submittedAt: Timestamp?
    package var completedAt: Timestamp?
    package var outcome: StageOutcome?
}

package enum StageOutcome: Sendable, Hashable {
    case succeeded
    /// It runs again when its input is there again.
    case fetchFailed(FetchFailure)
    case failed(JobFailure)
}
