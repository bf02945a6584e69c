import DequeModule

/// Who holds how much of an executor's memory: running tasks for what they gather (execution), and blocks that are kept for
/// later (storage). Spark's unified memory: either may use what the other leaves; tasks push blocks out, down to a part that
/// is storage's own, and blocks push out other blocks but never what a task holds.
///
/// It decides only. Whoever asks carries out what is to go before using what was granted.
package struct MemoryBook<Block: Hashable & Sendable>: Sendable {
    private struct Entry {
        var bytes: Int64
        var usedAt: Int64
        /// Blocks of one group do not push each other out: a dataset that does not fit would lose each partition just
        /// before it is needed.
        var group: Int64?
    }

    /// What a task holds now, and the most that it held.
    private struct Held {
        var bytes: Int64 = 0
        var most: Int64 = 0
    }

    /// For tasks and blocks together, in bytes.
    package let limit: Int64
    /// How much of it tasks leave to blocks that are there (`spark.memory.storageFraction`), in bytes.
    package let storageShare: Int64
    package private(set) var executionBytes: Int64 = 0
    package private(set) var storageBytes: Int64 = 0
    private var tasks: [Int64: Held] = [:]
    private var blocks: [Block: Entry] = [:]
    /// Uses of blocks, the longest ago first; only the last of each block's counts.
    private var uses = Deque<(block: Block, at: Int64)>()
    private var time: Int64 = 0

    package init(limit: Int64, storageShare: Int64) {
        self.limit = max(0, limit)
        self.storageShare = min(max(0, storageShare), self.limit)
    }

    package var blockCount: Int { self.blocks.count }

    package func contains(_ block: Block) -> Bool { self.blocks[block] != nil }

    // MARK: - Tasks

    /// A task begins to run; each has the same right to memory.
    package mutating func begin(task: Int64) { self.tasks[task] = Held() }

    /// A task has ended, and holds nothing any more.
    /// - Returns: the most that it held at a time, in bytes.
    @discardableResult
    package mutating func end(task: Int64) -> Int64 {
        guard let held = self.tasks.removeValue(forKey: task) else { return 0 }
        self.executionBytes -= held.bytes
        return held.most
    }

    /// A task wants to hold so many bytes more.
    /// - Parameter group: blocks that are not to go for it.
    /// - Returns: the blocks that have to go for it; nil where it gets nothing, since other tasks need the rest or blocks
    ///   that cannot be pushed out take it.
    package mutating func reserve(_ bytes: Int64, for task: Int64, sparing group: Int64? = nil) -> [Block]? {
        guard bytes > 0 else { return [] }
        guard let held = self.tasks[task] else { return nil }
        let forTasks = self.limit - min(self.storageBytes, self.storageShare)
        guard held.bytes + bytes <= forTasks / Int64(self.tasks.count) else { return nil }
        let missing = bytes - self.free
        var gone: [Block] = []
        if missing > 0 {
            let above = self.storageBytes - min(self.storageBytes, self.storageShare)
            guard missing <= min(above, self.movable(sparing: group)) else { return nil }
            gone = self.push(out: missing, sparing: group)
        }
        self.tasks[task] = Held(bytes: held.bytes + bytes, most: max(held.most, held.bytes + bytes))
        self.executionBytes += bytes
        return gone
    }

    /// A task needs so many bytes no longer.
    package mutating func release(_ bytes: Int64, of task: Int64) {
        guard let held = self.tasks[task] else { return }
        let given = min(bytes, held.bytes)
        self.tasks[task]?.bytes -= given
        self.executionBytes -= given
    }

    // MARK: - Blocks

    /// A block is to be kept, in place of one of the same name.
    /// - Parameter group: blocks of the same group stay.
    /// - Returns: the blocks that have to go for it, the longest unused first; nil where there is no room for it.
    package mutating func keep(_ block: Block, bytes: Int64, group: Int64? = nil) -> [Block]? {
        self.drop(block)
        let room = self.limit - self.executionBytes
        guard bytes <= room else { return nil }
        var gone: [Block] = []
        let missing = bytes - self.free
        if missing > 0 {
            guard missing <= self.movable(sparing: group) else { return nil }
            gone = self.push(out: missing, sparing: group)
        }
        self.blocks[block] = Entry(bytes: bytes, usedAt: 0, group: group)
        self.storageBytes += bytes
        self.use(block)
        return gone
    }

    /// A block is used: it goes later than those that were not.
    package mutating func use(_ block: Block) {
        guard self.blocks[block] != nil else { return }
        self.time += 1
        self.blocks[block]?.usedAt = self.time
        self.uses.append((block, self.time))
        // Most of it is out of date then.
        if self.uses.count > 2 * self.blocks.count + Self.usesSpared {
            self.uses = Deque(self.uses.filter { self.isLast($0) })
        }
    }

    private static var usesSpared: Int { 64 }

    private func isLast(_ use: (block: Block, at: Int64)) -> Bool { self.blocks[use.block]?.usedAt == use.at }

    /// A block is kept no longer.
    package mutating func drop(_ block: Block) {
        guard let entry = self.blocks.removeValue(forKey: block) else { return }
        self.storageBytes -= entry.bytes
    }

    private var free: Int64 { self.limit - self.executionBytes - self.storageBytes }

    private func movable(sparing group: Int64?) -> Int64 {
        guard let group else { return self.storageBytes }
        return self.blocks.values.reduce(Int64(0)) { $0 + ($1.group == group ? 0 : $1.bytes) }
    }

    private mutating func push(out bytes: Int64, sparing group: Int64?) -> [Block] {
        var gone: [Block] = []
        var spared: [(block: Block, at: Int64)] = []
        var won: Int64 = 0
        while won < bytes, let use = self.uses.popFirst() {
            guard self.isLast(use), let entry = self.blocks[use.block] else { continue }
            if group != nil && entry.group == group {
                spared.append(use)
                continue
            }
            won += entry.bytes
            gone.append(use.block)
            self.drop(use.block)
        }
        self.uses.prepend(contentsOf: spared)
        return gone
    }
}
