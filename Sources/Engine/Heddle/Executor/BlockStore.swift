internal import Synchronization

/// The partitions of persisted datasets that this executor keeps.
final class BlockStore: Sendable {
    struct Key: Hashable, Sendable {
        var dataset: Digest
        var partition: Int
    }

    private let blocks = Mutex<[Key: any AnyObject & Sendable]>([:])

    func block(_ key: Key) -> (any AnyObject & Sendable)? { self.blocks.withLock { $0[key] } }

    func keep(_ block: any AnyObject & Sendable, as key: Key) { self.blocks.withLock { $0[key] = block } }

    func drop(_ dataset: Digest) {
        self.blocks.withLock { blocks in
            blocks = blocks.filter { $0.key.dataset != dataset }
        }
    }
}
