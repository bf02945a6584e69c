/// Which executors hold which cached partitions, and which are about to.
struct BlockTable: Sendable {
    private var holders: [DatasetID: [Int: [ExecutorID]]] = [:]
    private var countOfExecutor: [ExecutorID: Int] = [:]
    /// Of how many executors each partition is to be, for datasets where that is more than one.
    private var replication: [DatasetID: Int] = [:]
    /// Executors that were told to keep a copy and have not said yet whether they do.
    private var ordered: [Block: [ExecutorID]] = [:]

    struct Block: Sendable, Hashable, Comparable {
        var dataset: DatasetID
        var partition: Int

        static func < (left: Block, right: Block) -> Bool {
            (left.dataset.number, left.partition) < (right.dataset.number, right.partition)
        }
    }

    var count: Int { self.holders.count }

    func executors(of dataset: DatasetID, _ partition: Int) -> [ExecutorID] { self.holders[dataset]?[partition] ?? [] }

    /// How many partitions somebody holds.
    func cachedPartitions(of dataset: DatasetID) -> Int { self.holders[dataset]?.count ?? 0 }

    func hasBlocks(_ executor: ExecutorID) -> Bool { self.countOfExecutor[executor] != nil }

    func blockCount(of executor: ExecutorID) -> Int { self.countOfExecutor[executor] ?? 0 }

    mutating func insert(_ dataset: DatasetID, _ partition: Int, on executor: ExecutorID) {
        self.settle(Block(dataset: dataset, partition: partition), on: executor)
        guard !self.executors(of: dataset, partition).contains(executor) else { return }
        self.holders[dataset, default: [:]][partition, default: []].append(executor)
        self.countOfExecutor[executor, default: 0] += 1
    }

    mutating func remove(_ dataset: DatasetID, _ partition: Int, on executor: ExecutorID) {
        self.settle(Block(dataset: dataset, partition: partition), on: executor)
        guard let place = self.holders[dataset]?[partition]?.firstIndex(of: executor) else { return }
        self.holders[dataset]?[partition]?.remove(at: place)
        if self.holders[dataset]?[partition]?.isEmpty == true { self.holders[dataset]?[partition] = nil }
        if self.holders[dataset]?.isEmpty == true { self.holders[dataset] = nil }
        self.uncount(executor)
    }

    mutating func forget(_ dataset: DatasetID) {
        self.replication[dataset] = nil
        self.ordered = self.ordered.filter { $0.key.dataset != dataset }
        guard let partitions = self.holders.removeValue(forKey: dataset) else { return }
        for executors in partitions.values { for executor in executors { self.uncount(executor) } }
    }

    mutating func forget(_ executor: ExecutorID) {
        for block in self.ordered.keys { self.settle(block, on: executor) }
        guard self.hasBlocks(executor) else { return }
        for (dataset, partitions) in self.holders {
            for partition in partitions.keys { self.remove(dataset, partition, on: executor) }
        }
    }

    private mutating func uncount(_ executor: ExecutorID) {
        let left = (self.countOfExecutor[executor] ?? 0) - 1
        self.countOfExecutor[executor] = left > 0 ? left : nil
    }

    // MARK: - Copies

    mutating func want(_ replication: Int, of dataset: DatasetID) {
        if replication > 1 { self.replication[dataset] = replication }
    }

    /// Whether somebody holds the partition, and fewer hold it or are about to than should.
    func lacksCopies(_ block: Block) -> Bool {
        guard let wanted = self.replication[block.dataset] else { return false }
        let holders = self.executors(of: block.dataset, block.partition).count
        return holders > 0 && holders + self.ordered(block).count < wanted
    }

    func ordered(_ block: Block) -> [ExecutorID] { self.ordered[block] ?? [] }

    mutating func order(_ block: Block, on executor: ExecutorID) { self.ordered[block, default: []].append(executor) }

    /// Partitions that lack copies, in order.
    var lacking: [Block] {
        self.replication.keys.flatMap { dataset in
            (self.holders[dataset] ?? [:]).keys.map { Block(dataset: dataset, partition: $0) }
        }.filter(self.lacksCopies).sorted()
    }

    private mutating func settle(_ block: Block, on executor: ExecutorID) {
        guard self.ordered[block] != nil else { return }
        self.ordered[block]?.removeAll { $0 == executor }
        if self.ordered[block]?.isEmpty == true { self.ordered[block] = nil }
    }
}
