/// Which executors hold which cached partitions.
struct BlockTable: Sendable {
    private var holders: [DatasetID: [Int: [ExecutorID]]] = [:]
    private var countOfExecutor: [ExecutorID: Int] = [:]

    var count: Int { self.holders.count }

    func executors(of dataset: DatasetID, _ partition: Int) -> [ExecutorID] { self.holders[dataset]?[partition] ?? [] }

    /// How many partitions somebody holds.
    func cachedPartitions(of dataset: DatasetID) -> Int { self.holders[dataset]?.count ?? 0 }

    func hasBlocks(_ executor: ExecutorID) -> Bool { self.countOfExecutor[executor] != nil }

    mutating func insert(_ dataset: DatasetID, _ partition: Int, on executor: ExecutorID) {
        guard !self.executors(of: dataset, partition).contains(executor) else { return }
        self.holders[dataset, default: [:]][partition, default: []].append(executor)
        self.countOfExecutor[executor, default: 0] += 1
    }

    mutating func remove(_ dataset: DatasetID, _ partition: Int, on executor: ExecutorID) {
        guard let place = self.holders[dataset]?[partition]?.firstIndex(of: executor) else { return }
        self.holders[dataset]?[partition]?.remove(at: place)
        if self.holders[dataset]?[partition]?.isEmpty == true { self.holders[dataset]?[partition] = nil }
        if self.holders[dataset]?.isEmpty == true { self.holders[dataset] = nil }
        self.uncount(executor)
    }

    mutating func forget(_ dataset: DatasetID) {
        guard let partitions = self.holders.removeValue(forKey: dataset) else { return }
        for executors in partitions.values { for executor in executors { self.uncount(executor) } }
    }

    mutating func forget(_ executor: ExecutorID) {
        guard self.hasBlocks(executor) else { return }
        for (dataset, partitions) in self.holders {
            for partition in partitions.keys { self.remove(dataset, partition, on: executor) }
        }
    }

    private mutating func uncount(_ executor: ExecutorID) {
        let left = (self.countOfExecutor[executor] ?? 0) - 1
        self.countOfExecutor[executor] = left > 0 ? left : nil
    }
}
