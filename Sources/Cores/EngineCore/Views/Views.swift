package import ClusterModel

/// A job as pages show it.
package struct JobView: Sendable, Equatable {
    package var id: JobID
    package var name: String
    package var group: String?
    package var pool: String
    package var submittedAt: Timestamp
    package var completedAt: Timestamp?
    /// nil: it runs.
    package var result: JobResult?
    package var stages: [StageID] = []
    package var activeStages = 0
    package var completedStages = 0
    package var skippedStages = 0
    package var failedStages = 0
    /// Tasks of all its stages; `skipped` are those of stages whose outputs were there already.
    package var tasks = StageCounts()
    package var skippedTasks = 0
}

/// A stage, by its current or last attempt, as pages show it.
package struct StageView: Sendable, Equatable {
    package var report: StageReport
    package var status: StageStatus
    package var counts: StageCounts
}

package enum StageStatus: Sendable, Hashable {
    case pending
    case active
    case complete
    case failed
    case skipped
}

/// An executor as pages show it.
package struct ExecutorView: Sendable, Equatable {
    package var description: ExecutorDescription
    package var addedAt: Timestamp
    /// nil: it is alive.
    package var removedAt: Timestamp?
    package var activeTasks: Int
    package var completedTasks: Int
    package var failedTasks: Int
    /// Partitions of datasets that it keeps.
    package var keptBlocks: Int
    package var isExcluded: Bool
    package var isDraining: Bool
}

/// Where a reduce task finds what one map task wrote for it.
package struct OutputLocation: Sendable, Equatable {
    package var map: Int
    package var task: TaskAttempt
    package var executor: ExecutorID
    package var host: String
    /// About as many.
    package var bytes: Int64
}
