internal import Synchronization

/// The partitions of persisted datasets that this executor keeps.
final class BlockStore: Sendable {
    struct Key: Hashable, Sendable {
        var dataset: Digest
        var partition: Int
    }

    private struct State {
        var blocks: [Key: any KeptBlock] = [:]
        /// What the driver has not been told yet.
        var changes: [BlockChange] = []
        /// Copies that are being made, which are wanted until their dataset is forgotten.
        var expected: Set<Key> = []
    }

    private let state = Mutex(State())

    func block(_ key: Key) -> (any KeptBlock)? { self.state.withLock { $0.blocks[key] } }

    func keep(_ block: any KeptBlock, as key: Key) {
        self.state.withLock { state in
            if state.blocks.updateValue(block, forKey: key) == nil {
                state.changes.append(BlockChange(dataset: key.dataset, partition: key.partition, isKept: true))
            }
        }
    }

    /// Forgets one; it has to be computed again.
    func drop(_ key: Key) {
        self.state.withLock { state in
            guard state.blocks.removeValue(forKey: key) != nil else { return }
            state.changes.append(BlockChange(dataset: key.dataset, partition: key.partition, isKept: false))
        }
    }

    /// Forgets a dataset, of which the driver knows.
    /// - Returns: what was dropped.
    func drop(_ dataset: Digest) -> [Key] {
        self.state.withLock { state in
            let dropped = state.blocks.keys.filter { $0.dataset == dataset }
            for key in dropped { state.blocks[key] = nil }
            state.expected = state.expected.filter { $0.dataset != dataset }
            state.changes.removeAll { $0.dataset == dataset }
            return dropped
        }
    }

    // MARK: - Copies of what other executors keep

    /// - Returns: false where the block is here already.
    func expect(_ key: Key) -> Bool {
        self.state.withLock { state in
            if state.blocks[key] != nil {
                // The driver thought otherwise: what it is told now is late, but right.
                state.changes.append(BlockChange(dataset: key.dataset, partition: key.partition, isKept: true))
                return false
            }
            return state.expected.insert(key).inserted
        }
    }

    /// - Returns: false where the copy is wanted no longer, or a task has made the block itself.
    func keep(copy: any KeptBlock, as key: Key) -> Bool {
        self.state.withLock { state in
            guard state.expected.remove(key) != nil, state.blocks[key] == nil else { return false }
            state.blocks[key] = copy
            state.changes.append(BlockChange(dataset: key.dataset, partition: key.partition, isKept: true))
            return true
        }
    }

    /// A copy cannot be had, or has no room.
    func giveUp(_ key: Key) {
        self.state.withLock { state in
            guard state.expected.remove(key) != nil, state.blocks[key] == nil else { return }
            state.changes.append(BlockChange(dataset: key.dataset, partition: key.partition, isKept: false))
        }
    }

    // MARK: - Memory

    /// Lets a block go from memory: to disk where its level says so and there is room, else it is forgotten.
    func evict(_ key: Key, _ places: BlockPlaces, _ settings: MemorySettings) {
        guard let block = self.block(key) else { return }
        do {
            if let moved = try block.movedToDisk(places, settings) {
                self.state.withLock { state in
                    if state.blocks[key] != nil { state.blocks[key] = moved }
                }
                return
            }
        } catch {
            // As if it had been kept in memory only: it is computed again.
        }
        self.drop(key)
    }

    /// What has changed since it was asked last.
    func takeChanges() -> [BlockChange] {
        self.state.withLock { state in
            defer { state.changes = [] }
            return state.changes
        }
    }
}

/// A partition is kept by an executor from now on, or no longer.
struct BlockChange: Codable, Hashable, Sendable {
    var dataset: Digest
    var partition: Int
    var isKept: Bool
}

/// A partition that is kept.
protocol KeptBlock: AnyObject, Sendable {
    /// What of it is in memory, in bytes.
    var memoryBytes: Int { get }

    /// The same on disk; nil where it is meant to be kept in memory only.
    func movedToDisk(_ places: BlockPlaces, _ settings: MemorySettings) throws -> (any KeptBlock)?

    /// Its elements in the binary form in which they travel; nil where they have none.
    func sent(_ places: BlockPlaces, _ settings: MemorySettings) throws -> Segment?
}
