import ClusterModel
import StateStore

/// Small content, whose bytes are rows of the index by their hash.
///
/// A file and its name cost the disk several flushes, and a file system much work, whether it has ten bytes or a megabyte. A
/// row goes into the transaction that makes its content known, which many uploads share.
struct IndexedContent {
    /// What is small.
    static let pieceBytesMaximum = 64 << 10

    /// In bytes.
    private(set) var sizes: [ContentHash: Int32]

    /// - Returns: the row to store; nil if it is stored already, or with an earlier step.
    mutating func add(_ hash: ContentHash, _ bytes: [UInt8]) -> StoreOperation? {
        guard self.sizes[hash] == nil else { return nil }
        self.sizes[hash] = Int32(clamping: bytes.count)
        let record = StoredRecord(kind: Self.kind, key: hash.description, version: Self.version, bytes: bytes)
        return .put(record)
    }

    /// - Returns: what removes the row; nil if the content is in no row.
    mutating func remove(_ hash: ContentHash) -> StoreOperation? {
        self.sizes.removeValue(forKey: hash).map { _ in .remove(kind: Self.kind, key: hash.description) }
    }

    static let kind = "content"
    private static let version = 1

    /// The bytes of one piece. Blocks while the disk is read.
    static func bytes(of hash: ContentHash, in store: StateStore) throws -> [UInt8] {
        try self.bytes(of: hash, try store.record(kind: self.kind, key: hash.description))
    }

    /// The same without blocking.
    static func fetch(_ hash: ContentHash, from store: StateStore) async throws -> [UInt8] {
        try self.bytes(of: hash, try await store.fetch(kind: self.kind, key: hash.description))
    }

    private static func bytes(of hash: ContentHash, _ record: StoredRecord?) throws -> [UInt8] {
        guard let record else {
            throw DamagedRecord(detail: "the row \(self.kind) \(hash) is missing")
        }
        guard record.version == self.version else {
            throw DamagedRecord(detail: "the row \(self.kind) \(hash) has layout \(record.version)")
        }
        return record.bytes
    }

    /// What an index has rows for.
    static func load(_ store: StateStore) throws -> IndexedContent {
        var sizes: [ContentHash: Int32] = [:]
        for (key, size) in try store.sizes(of: self.kind) {
            guard let hash = ContentHash(key) else {
                throw DamagedRecord(detail: "the row \(self.kind) \(key) has no hash for a name")
            }
            sizes[hash] = Int32(clamping: size)
        }
        return IndexedContent(sizes: sizes)
    }
}
