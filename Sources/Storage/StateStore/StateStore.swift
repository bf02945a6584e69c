import Foundation
import GRDB
import Synchronization

/// A daemon's durable memory: records under a kind and a key in one SQLite file.
///
/// `commit` is the only way in. Batches that arrive while a transaction is being written share the next one (group
/// commit), so that the number of flushes does not grow with the number of callers; each batch is written whole or not
/// at all, in the order of the calls.
///
/// Whoever opens the file last owns it: `Fence` is its number, and every transaction compares it with the row in the
/// file, so a predecessor that is still alive is told `fenced` at its next commit. The same question can be put to a
/// replicated store, which is why it is part of the call.
package final class StateStore: Sendable {
    package let path: String
    /// Under which this instance writes.
    package let fence: Fence

    private let database: DatabaseQueue
    private let writer: DispatchQueue
    private let reader: RecordReader
    private let inbox = Mutex(Inbox())
    private let retryDelay: Duration
    private let onRetry: @Sendable (StateStoreError) -> Void

    /// What waits for the next transaction.
    private struct Inbox {
        var batches: [Batch] = []
        var isScheduled = false
        var isClosed = false
    }

    private struct Batch: Sendable {
        var operations: [StoreOperation]
        var fence: Fence
        var completion: @Sendable (Result<CommitOutcome, StateStoreError>) -> Void
    }

    /// Opens the file at `path`, making it and its folder if they are missing, and takes it over from any earlier owner.
    /// - Parameters:
    ///   - retryDelay: pause before a transaction that failed for a passing reason (a full disk) is tried again.
    ///   - onRetry: told of each such failure, on the store's own thread.
    /// - Throws: `StateStoreError` when the file cannot be opened, is damaged, or was written by a newer version.
    package static func open(
        _ path: String,
        retryDelay: Duration = .seconds(1),
        onRetry: @escaping @Sendable (StateStoreError) -> Void = { _ in }
    ) throws(StateStoreError) -> StateStore {
        try StoreFile.prepare(path)
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.busyTimeout)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            }
            let database = try DatabaseQueue(path: path, configuration: configuration)
            return try StateStore(path: path, database: database, retryDelay: retryDelay, onRetry: onRetry)
        } catch {
            throw Self.storeError(error, path: path)
        }
    }

    /// A store that ends with the process, for a daemon that is configured to remember nothing.
    package static func inMemory(
        onRetry: @escaping @Sendable (StateStoreError) -> Void = { _ in }
    ) throws(StateStoreError) -> StateStore {
        let path = Self.memoryPath
        do {
            let database = try DatabaseQueue()
            return try StateStore(path: path, database: database, retryDelay: .seconds(1), onRetry: onRetry)
        } catch {
            throw Self.storeError(error, path: path)
        }
    }

    private static let memoryPath = ":memory:"

    /// Another owner holds the write lock only for one transaction.
    private static let busyTimeout: TimeInterval = 10

    /// Makes the tables if they are missing, and takes the store over.
    private init(
        path: String,
        database: DatabaseQueue,
        retryDelay: Duration,
        onRetry: @escaping @Sendable (StateStoreError) -> Void
    ) throws {
        try StoreSchema.prepare(database, path: path)
        self.path = path
        self.fence = Fence(token: try StoreSchema.takeOver(database))
        self.database = database
        self.reader = RecordReader(path: path) {
            guard path != Self.memoryPath else { return database }
            var configuration = Configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        self.retryDelay = retryDelay
        self.onRetry = onRetry
        self.writer = DispatchQueue(label: "heddle.state-store")
    }

    /// All records, sorted by kind, then key.
    /// - Parameter kinds: what is left out, to be read one by one when it is needed.
    /// - Throws: `StateStoreError` with reason `corrupt` when a row fails its checksum.
    package func load(except kinds: [String] = []) throws(StateStoreError) -> [StoredRecord] {
        try self.read { try StoreSchema.records(in: $0, except: kinds, path: self.path) }
    }

    /// The keys of one kind, sorted, and how many bytes each has. Reads none of them.
    package func sizes(of kind: String) throws(StateStoreError) -> [(key: String, bytes: Int)] {
        try self.read { try StoreSchema.sizes(of: kind, in: $0) }
    }

    /// One record, as the last transaction left it; a transaction that is being written makes nobody wait. Blocks while the
    /// disk is read.
    /// - Returns: nil when there is none.
    /// - Throws: as `load`.
    package func record(kind: String, key: String) throws(StateStoreError) -> StoredRecord? {
        try self.reader.record(kind: kind, key: key)
    }

    /// The same for callers that must not block: what several ask for at one time is read together.
    package func fetch(kind: String, key: String) async throws(StateStoreError) -> StoredRecord? {
        let outcome = await withCheckedContinuation { continuation in
            self.reader.ask(kind: kind, key: key) { continuation.resume(returning: $0) }
        }
        return try outcome.get()
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            return try self.database.read(body)
        } catch {
            throw Self.storeError(error, path: self.path)
        }
    }

    /// Queues a batch for the next transaction; `completion` runs on the store's thread, in the order of the calls, once
    /// the batch is on disk or refused. A full disk or a busy file is waited out: what was queued stays in order.
    package func commit(
        _ operations: [StoreOperation],
        fence: Fence,
        completion: @escaping @Sendable (Result<CommitOutcome, StateStoreError>) -> Void
    ) {
        let batch = Batch(operations: operations, fence: fence, completion: completion)
        let (refused, mustSchedule) = self.inbox.withLock { inbox -> (Bool, Bool) in
            guard !inbox.isClosed else { return (true, false) }
            inbox.batches.append(batch)
            defer { inbox.isScheduled = true }
            return (false, !inbox.isScheduled)
        }
        if refused {
            completion(.failure(StateStoreError(reason: .closed, path: self.path, detail: "")))
        }
        if mustSchedule {
            self.writer.async { self.writePending() }
        }
    }

    /// The same for callers that can wait.
    package func commit(_ operations: [StoreOperation], fence: Fence) async throws(StateStoreError) -> CommitOutcome {
        let result = await withCheckedContinuation { continuation in
            self.commit(operations, fence: fence) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Writes what is queued, then closes the file. Later commits fail. Not to be called from a completion.
    package func close() {
        self.inbox.withLock { $0.isClosed = true }
        self.writer.sync {
            self.writePending()
            // The last to close checkpoints the log into the database; a failure to do so loses nothing.
            self.reader.close()
            try? self.database.close()
        }
    }

    /// The same for callers that must not block. Closing again does nothing.
    package func closed() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                self.close()
                done.resume()
            }
        }
    }

    /// On the writer's thread: one transaction for everything that has queued up.
    private func writePending() {
        let batches = self.inbox.withLock { inbox -> [Batch] in
            inbox.isScheduled = false
            defer { inbox.batches = [] }
            return inbox.batches
        }
        guard !batches.isEmpty else { return }
        do {
            let outcomes = try self.database.writeWithoutTransaction { database in
                try Self.write(batches, in: database)
            }
            for (batch, outcome) in zip(batches, outcomes) {
                batch.completion(.success(outcome))
            }
        } catch {
            self.writeFailed(batches, Self.storeError(error, path: self.path))
        }
    }

    private func writeFailed(_ batches: [Batch], _ failure: StateStoreError) {
        let mayPass = failure.reason == .writeFailed
        let isClosed = self.inbox.withLock { inbox in
            if mayPass, !inbox.isClosed {
                inbox.batches = batches + inbox.batches
                inbox.isScheduled = true
            }
            return inbox.isClosed
        }
        guard mayPass, !isClosed else {
            for batch in batches {
                batch.completion(.failure(failure))
            }
            return
        }
        self.onRetry(failure)
        let delay = Int(self.retryDelay / .milliseconds(1))
        self.writer.asyncAfter(deadline: .now() + .milliseconds(delay)) { self.writePending() }
    }

    private static func write(_ batches: [Batch], in database: Database) throws -> [CommitOutcome] {
        var outcomes: [CommitOutcome] = []
        try database.inTransaction(.immediate) {
            let owner = try StoreSchema.owner(in: database)
            for batch in batches {
                guard batch.fence.token == owner else {
                    outcomes.append(.fenced)
                    continue
                }
                for operation in batch.operations {
                    try StoreSchema.apply(operation, in: database)
                }
                outcomes.append(.committed)
            }
            return .commit
        }
        return outcomes
    }

    /// SQLite's codes in the operator's terms.
    static func storeError(_ error: any Error, path: String) -> StateStoreError {
        if let error = error as? StateStoreError { return error }
        guard let error = error as? DatabaseError else {
            return StateStoreError(reason: .inaccessible, path: path, detail: "\(error)")
        }
        let detail = error.message ?? "\(error.resultCode)"
        return switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: StateStoreError(reason: .corrupt, path: path, detail: detail)
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_NOMEM:
            StateStoreError(reason: .writeFailed, path: path, detail: detail)
        default: StateStoreError(reason: .inaccessible, path: path, detail: detail)
        }
    }
}
