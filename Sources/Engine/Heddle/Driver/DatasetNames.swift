internal import EngineCore

/// The scheduler's numbers for shuffles and datasets, which the graph knows by their identities.
struct DatasetNames {
    private var shuffles: [Digest: ShuffleID] = [:]
    /// Numbers are never used twice: what was forgotten and comes again is another shuffle.
    private var nextShuffle = 0
    private var datasets: [Digest: DatasetID] = [:]
    private var kept: [DatasetID: Kept] = [:]

    /// A dataset that executors keep.
    struct Kept {
        var identity: Digest
        var level: StorageLevel
    }

    private var nextDataset = 0

    /// - Returns: nil for a dataset that no stage keeps.
    func dataset(_ identity: Digest) -> DatasetID? { self.datasets[identity] }

    /// - Returns: nil for a number that was forgotten.
    func kept(_ dataset: DatasetID) -> Kept? { self.kept[dataset] }

    private mutating func named(_ dataset: StageBuilder.Stage.KeptDataset) -> DatasetID {
        if let known = self.datasets[dataset.identity] { return known }
        let id = DatasetID(self.nextDataset)
        self.nextDataset += 1
        self.datasets[dataset.identity] = id
        self.kept[id] = Kept(identity: dataset.identity, level: dataset.level)
        return id
    }

    /// - Returns: the number that the dataset had.
    mutating func forget(dataset identity: Digest) -> DatasetID? {
        guard let id = self.datasets.removeValue(forKey: identity) else { return nil }
        self.kept[id] = nil
        return id
    }

    private mutating func shuffle(_ identity: Digest) -> ShuffleID {
        if let known = self.shuffles[identity] { return known }
        let id = ShuffleID(self.nextShuffle)
        self.nextShuffle += 1
        self.shuffles[identity] = id
        return id
    }

    func known(shuffle identity: Digest) -> ShuffleID? { self.shuffles[identity] }

    /// - Returns: the number that the shuffle had.
    mutating func forget(_ shuffle: Digest) -> ShuffleID {
        let id = self.shuffle(shuffle)
        self.shuffles[shuffle] = nil
        return id
    }

    /// What the scheduler has to know of the stages of a job.
    mutating func plan(_ stages: [StageBuilder.Stage], partitions: Range<Int>, name: String) -> JobPlan {
        let plans = stages.map { stage in
            let output: StageOutput =
                if let shuffle = stage.shuffle {
                    .shuffle(
                        self.shuffle(shuffle.identity),
                        mapPartitions: stage.taskCount,
                        reducePartitions: shuffle.partitionCount
                    )
                } else {
                    .results(partitions: Array(partitions))
                }
            let parents = stage.parents.compactMap { stages[$0].shuffle }.map { StageParent(self.shuffle($0.identity)) }
            let tasks = stage.shuffle == nil ? partitions : 0..<stage.taskCount
            let cached = stage.keptDatasets(of: tasks).map { kept in
                CachedDataset(
                    self.named(kept),
                    partitions: kept.partitions,
                    read: kept.read,
                    replication: kept.level.replication
                )
            }
            return EngineCore.StagePlan(
                name: stage.name,
                output: output,
                parents: parents,
                preferences: stage.hosts(of: tasks).map { $0.map { PreferredLocation(host: $0) } },
                cached: cached
            )
        }
        return JobPlan(name: name, stages: plans)
    }

    /// A task's failure in the scheduler's words.
    mutating func failure(_ fault: TaskFault, reduce: Int) -> TaskFailure {
        switch fault {
        case .thrown: .exception(TaskException(type: "thrown", message: "\(fault)"))
        case .unfetched: .exception(TaskException(type: "unfetched", message: "\(fault)"))
        case .noRoom: .exception(TaskException(type: "noRoom", message: "\(fault)"))
        case .fetchFailed(let shuffle, let mapTask, let executor, let reason):
            .fetchFailed(
                FetchFailure(
                    shuffle: self.shuffle(shuffle),
                    map: mapTask,
                    reduce: reduce,
                    executor: executor.map { ExecutorID($0) },
                    message: reason
                )
            )
        // It runs again, and is handed its values again.
        case .missingValue: .killed(reason: .asked(reason: "\(fault)"))
        case .foreignPlan, .corruptData: .refused(message: "\(fault)")
        case .resultLost: .resultLost(message: "\(fault)")
        case .cancelled: .killed(reason: .asked(reason: "\(fault)"))
        }
    }
}
