import ClusterModel
import StateStore

/// Small content whose bytes stand in the index too until its file is on disk by itself.
///
/// A flush of the disk costs the same for ten bytes and for a megabyte, and a file and its name need one each. So what is
/// small goes into the transaction that makes its file known, which many uploads share; the files themselves are brought to
/// disk afterwards, many at a time, and then their rows go.
struct SettlingContent {
    private var generations: [ContentHash: UInt64] = [:]
    private var lastGeneration: UInt64 = 0
    /// What the rows hold.
    private var bytes = 0
    private var sizes: [ContentHash: Int] = [:]

    /// What is small. A flush takes some milliseconds, in which a disk writes more than this.
    static let pieceBytesMaximum = 64 << 10
    /// What the rows hold at most: a start reads them all. When files are slower than uploads, uploads wait for their own.
    static let bytesMaximum = 64 << 20

    var isEmpty: Bool { self.generations.isEmpty }

    func hasRoom(for count: Int) -> Bool { self.bytes + count <= Self.bytesMaximum }

    /// A file that is not on disk yet has been put in its place, or found there.
    /// - Returns: whether its bytes must be stored with what names it; if not, they are, or were handed to the store before.
    mutating func note(_ hash: ContentHash, count: Int, isNewFile: Bool) -> Bool {
        let isKnown = self.generations[hash] != nil
        guard isNewFile || !isKnown else { return false }
        self.lastGeneration += 1
        self.generations[hash] = self.lastGeneration
        guard !isKnown else { return false }
        self.bytes += count
        self.sizes[hash] = count
        return true
    }

    /// One of the files to bring to disk.
    struct Item: Hashable {
        var hash: ContentHash
        fileprivate var generation: UInt64
    }

    func batch(limit: Int) -> [Item] { self.generations.prefix(limit).map { Item(hash: $0.key, generation: $0.value) } }

    /// Files are on disk, or gone.
    /// - Returns: the content whose rows may go: all but what has come anew in the meantime.
    mutating func settled(_ items: [Item]) -> [ContentHash] {
        var done: [ContentHash] = []
        for item in items where self.generations[item.hash] == item.generation {
            self.generations[item.hash] = nil
            self.bytes -= self.sizes.removeValue(forKey: item.hash) ?? 0
            done.append(item.hash)
        }
        return done
    }
}

/// Small content as rows of the index: its bytes, by its hash.
enum ContentRecord {
    static let kind = "content"
    private static let version = 1

    static func put(_ hash: ContentHash, _ bytes: [UInt8]) -> StoreOperation {
        .put(StoredRecord(kind: self.kind, key: hash.description, version: self.version, bytes: bytes))
    }

    static func remove(_ hash: ContentHash) -> StoreOperation { .remove(kind: self.kind, key: hash.description) }

    /// What had not settled when the last run ended.
    static func load(_ records: [StoredRecord]) throws -> [(hash: ContentHash, bytes: [UInt8])] {
        try records.filter { $0.kind == self.kind }.map { record in
            guard record.version == self.version, let hash = ContentHash(record.key) else {
                throw DamagedRecord(detail: "the row \(record.kind) \(record.key) has layout \(record.version)")
            }
            return (hash, record.bytes)
        }
    }
}
