/// One row of a store: the bytes that a daemon keeps under a kind and a key.
package struct StoredRecord: Hashable, Sendable {
    /// What sort of thing it is: `application`, `masterKey`. Together with `key` it names the row.
    package var kind: String
    package var key: String
    /// Version of the layout of `bytes`; whoever reads them decides what it understands.
    package var version: Int
    package var bytes: [UInt8]

    package init(kind: String, key: String, version: Int, bytes: [UInt8]) {
        self.kind = kind
        self.key = key
        self.version = version
        self.bytes = bytes
    }
}

/// One change of a store.
package enum StoreOperation: Hashable, Sendable {
    /// Writes the record, over an earlier one of its kind and key.
    case put(StoredRecord)
    /// Removes the record, if there is one.
    case remove(kind: String, key: String)
    /// Removes all records of a kind whose keys begin with this text.
    case removeAll(kind: String, keyPrefix: String)
}

/// Proof of having been the latest to take a store over. A commit under an older fence changes nothing.
package struct Fence: Hashable, Sendable {
    let token: Int64
}

/// What became of a batch.
package enum CommitOutcome: Hashable, Sendable {
    /// The whole batch is on disk.
    case committed
    /// Another owner has taken the store over since: nothing was written, and nothing that depends on the batch may
    /// become visible.
    case fenced
}
