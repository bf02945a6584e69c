import Dispatch
import GRDB
import Synchronization

/// Reads single records of a store on a connection of its own: a transaction that is being written makes nobody wait.
///
/// Whoever must not block is answered by one thread, which reads what was asked for meanwhile in one go: a thread for each
/// question would spend more on waiting for the connection than on reading.
final class RecordReader: Sendable {
    typealias Outcome = Result<StoredRecord?, StateStoreError>

    private struct Question: Sendable {
        var kind: String
        var key: String
        var answer: @Sendable (Outcome) -> Void
    }

    private struct State {
        var database: DatabaseQueue?
        var waiting: [Question] = []
        var isScheduled = false
        var isClosed = false
    }

    private let path: String
    /// Opens the connection, when the first record is asked for.
    private let open: @Sendable () throws -> DatabaseQueue
    private let thread = DispatchQueue(label: "heddle.state-store.reader")
    private let state = Mutex(State())

    /// - Parameter path: what errors name.
    init(path: String, open: @escaping @Sendable () throws -> DatabaseQueue) {
        self.path = path
        self.open = open
    }

    /// Blocks while the disk is read.
    func record(kind: String, key: String) throws(StateStoreError) -> StoredRecord? {
        do {
            // One statement is a transaction of its own; `read` would make three of it.
            return try self.database().unsafeRead { try self.record(kind, key, in: $0) }
        } catch {
            throw StateStore.storeError(error, path: self.path)
        }
    }

    /// - Parameter answer: called on the reader's thread, once.
    func ask(kind: String, key: String, _ answer: @escaping @Sendable (Outcome) -> Void) {
        let question = Question(kind: kind, key: key, answer: answer)
        let mustSchedule = self.state.withLock { state in
            state.waiting.append(question)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { self.thread.async { self.answerAll() } }
    }

    /// Later questions fail.
    func close() {
        let database = self.state.withLock { state in
            state.isClosed = true
            return state.database
        }
        try? database?.close()
    }

    private func answerAll() {
        let questions = self.state.withLock { state in
            state.isScheduled = false
            defer { state.waiting = [] }
            return state.waiting
        }
        do {
            try self.database().unsafeRead { database in
                for question in questions {
                    question.answer(self.outcome { try self.record(question.kind, question.key, in: database) })
                }
            }
        } catch {
            // The connection is not there: no question was reached.
            for question in questions { question.answer(.failure(StateStore.storeError(error, path: self.path))) }
        }
    }

    private func outcome(_ body: () throws -> StoredRecord?) -> Outcome {
        do {
            return .success(try body())
        } catch {
            return .failure(StateStore.storeError(error, path: self.path))
        }
    }

    private func record(_ kind: String, _ key: String, in database: Database) throws -> StoredRecord? {
        try StoreSchema.record(kind: kind, key: key, in: database, path: self.path)
    }

    private func database() throws -> DatabaseQueue {
        try self.state.withLock { state in
            guard !state.isClosed else { throw StateStoreError(reason: .closed, path: self.path, detail: "") }
            if let opened = state.database { return opened }
            let opened = try self.open()
            state.database = opened
            return opened
        }
    }
}
