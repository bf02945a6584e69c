/// What one action wants computed: its stages in an order in which each stands after those that it reads.
package struct JobPlan: Sendable, Equatable {
    package var name: String
    /// The last one gives the job's results; the others each fill one shuffle.
    package var stages: [StagePlan]
    /// `spark.scheduler.pool`; means nothing in FIFO mode.
    package var pool: String
    /// `spark.jobGroup.id`.
    package var group: String?

    package init(name: String, stages: [StagePlan], pool: String = "default", group: String? = nil) {
        self.name = name
        self.stages = stages
        self.pool = pool
        self.group = group
    }
}

package struct StagePlan: Sendable, Equatable {
    package var name: String
    package var output: StageOutput
    package var parents: [StageParent]
    /// Where the input of each task lies, by place in the stage; empty: nothing is known of any.
    package var preferences: [[PreferredLocation]]
    /// Datasets whose cached partitions the tasks read instead of computing them, the nearest to the output first.
    package var cached: [CachedDataset]

    package init(
        name: String,
        output: StageOutput,
        parents: [StageParent] = [],
        preferences: [[PreferredLocation]] = [],
        cached: [CachedDataset] = []
    ) {
        self.name = name
        self.output = output
        self.parents = parents
        self.preferences = preferences
        self.cached = cached
    }

    package var taskCount: Int {
        switch self.output {
        case .shuffle(_, let mapPartitions, _): mapPartitions
        case .results(let partitions): partitions.count
        }
    }
}

package enum StageOutput: Sendable, Equatable {
    /// Every map partition is cut into so many reduce partitions.
    case shuffle(ShuffleID, mapPartitions: Int, reducePartitions: Int)
    /// The job's results, one for each of these partitions.
    case results(partitions: [Int])
}

/// A shuffle that a stage reads.
package struct StageParent: Sendable, Equatable {
    package var shuffle: ShuffleID
    /// The shuffle is not needed while every partition of one of these is cached; they stand in the stage's `cached`.
    package var behind: [DatasetID]

    package init(_ shuffle: ShuffleID, behind: [DatasetID] = []) {
        self.shuffle = shuffle
        self.behind = behind
    }
}

package struct CachedDataset: Sendable, Equatable {
    package var dataset: DatasetID
    /// How many partitions the dataset has.
    package var partitions: Int
    /// The dataset's partition that each task of the stage reads, by place in the stage, -1 where it reads none; empty:
    /// every task reads the one of its own partition.
    package var read: [Int]
    /// How many executors are to keep each partition.
    package var replication: Int

    package init(_ dataset: DatasetID, partitions: Int, read: [Int] = [], replication: Int = 1) {
        self.dataset = dataset
        self.partitions = partitions
        self.read = read
        self.replication = replication
    }
}

/// A place where a task would find its input near.
package struct PreferredLocation: Sendable, Hashable {
    package var host: String
    package var rack: String?
    package var executor: ExecutorID?

    package init(host: String, rack: String? = nil, executor: ExecutorID? = nil) {
        self.host = host
        self.rack = rack
        self.executor = executor
    }
}
