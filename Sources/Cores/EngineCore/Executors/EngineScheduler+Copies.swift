// Cached partitions that several executors keep, and those that a task reads from another executor.
extension EngineScheduler {
    /// Has copies made of a partition until enough executors keep it or are about to. One that cannot keep its copy says so,
    /// and is asked again only when executors come or go.
    mutating func orderCopies(of block: BlockTable.Block) {
        guard !self.isStopped else { return }
        while self.blocks.lacksCopies(block), let copy = self.copy(of: block) {
            self.blocks.order(block, on: copy.to)
            self.actions.append(.copyBlock(copy))
        }
    }

    /// Executors have come or gone.
    mutating func orderMissingCopies() {
        for block in self.blocks.lacking { self.orderCopies(of: block) }
    }

    /// The next copy of a partition: on another host than those that have it where there is one, on the executor that holds
    /// the fewest partitions.
    private func copy(of block: BlockTable.Block) -> BlockCopy? {
        let holders = self.blocks.executors(of: block.dataset, block.partition)
        guard let source = holders.first(where: { self.isStaying($0) }) else { return nil }
        let taken = holders + self.blocks.ordered(block)
        let hosts = Set(taken.compactMap { self.executors.slot(of: $0) }.map { self.executors[$0].host })
        let targets = self.executors.live.filter {
            self.executors[$0].mayHaveTasks && !taken.contains(self.executors[$0].id)
        }
        // The first of equals, which is the executor of the lowest number.
        let target = targets.min { one, two in
            let (left, right) = (self.executors[one], self.executors[two])
            let (isLeftNear, isRightNear) = (hosts.contains(left.host), hosts.contains(right.host))
            if isLeftNear != isRightNear { return isRightNear }
            return self.blocks.blockCount(of: left.id) < self.blocks.blockCount(of: right.id)
        }
        guard let target else { return nil }
        return BlockCopy(
            dataset: block.dataset,
            partition: block.partition,
            from: source,
            to: self.executors[target].id
        )
    }

    private func isStaying(_ id: ExecutorID) -> Bool {
        self.executors.slot(of: id).map { !self.executors[$0].isLeaving } ?? false
    }

    /// Where cached partitions are that a task reads and its executor does not hold.
    package func holders(for launch: TaskLaunch) -> [BlockHolder] {
        guard self.blocks.count > 0, let slot = self.stages.slot(of: launch.task.stage) else { return [] }
        return self.stages[slot].plan.cached.compactMap { cached in
            let read = cached.read.isEmpty ? Int(launch.task.partition) : cached.read[Int(launch.index)]
            let holders = self.blocks.executors(of: cached.dataset, read)
            guard !holders.contains(launch.executor), let holder = holders.first(where: self.isStaying) else {
                return nil
            }
            return BlockHolder(dataset: cached.dataset, partition: read, executor: holder)
        }
    }
}
