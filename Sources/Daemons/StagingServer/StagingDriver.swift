import ClusterModel
import Crypto
import Glibc
import Logging
import NIOConcurrencyHelpers
import StagingCore
import StateStore

/// Owns the namespace, its index and its content: every call steps the core under one lock, and its caller goes on when
/// everything that the answer may have seen is on disk.
final class StagingDriver: Sendable {
    let blobs: BlobFolder

    private struct State {
        var namespace: Namespace
        var tokens: TokenBook
        var indexed: IndexedContent
        /// Uploads whose bytes may be in memory alone; true for those that were there when it was last looked.
        var streams: [WriteID: (stream: UploadStream, isOld: Bool)] = [:]
        /// Steps handed to the store so far.
        var submitted: UInt64 = 0
    }

    private struct Progress {
        /// Steps that are on disk.
        var stored: UInt64 = 0
        var failure: String?
        var waiting: [(step: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    private let state: NIOLockedValueBox<State>
    private let progress = NIOLockedValueBox(Progress())
    private let store: StateStore
    let logger: Logger
    private let stepDown: @Sendable (String) -> Void

    private init(
        namespace: Namespace,
        tokens: TokenBook,
        indexed: IndexedContent,
        blobs: BlobFolder,
        store: StateStore,
        logger: Logger,
        stepDown: @escaping @Sendable (String) -> Void
    ) {
        self.state = NIOLockedValueBox(State(namespace: namespace, tokens: tokens, indexed: indexed))
        self.blobs = blobs
        self.store = store
        self.logger = logger
        self.stepDown = stepDown
    }

    /// Opens the folder, ends the streams of the last run and removes content that nothing names.
    /// - Parameter stepDown: told why, when the index can no longer be written.
    static func open(
        folder: String,
        settings: NamespaceSettings,
        tokenTimes: TokenTimes,
        logger: Logger,
        stepDown: @escaping @Sendable (String) -> Void
    ) async throws -> StagingDriver {
        let store = try StateStore.open("\(folder)/index.db") { logger.error("\($0)") }
        do {
            let blobs = try BlobFolder(path: folder)
            let records = try store.load(except: [IndexedContent.kind])
            let stored = try InodeRecord.load(records)
            let namespace: Namespace
            if let stored {
                namespace = try Namespace(settings: settings, stored: stored.inodes, nextID: stored.nextID)
            } else {
                namespace = Namespace(settings: settings, at: Self.now())
            }
            let driver = StagingDriver(
                namespace: namespace,
                tokens: try TokenRecord.load(records, times: tokenTimes),
                indexed: try IndexedContent.load(store),
                blobs: blobs,
                store: store,
                logger: logger,
                stepDown: stepDown
            )
            let key = TokenService.newKey()
            try await driver.stepTokens { tokens, now in tokens.turn(key, at: now) }
            try await driver.recover()
            return driver
        } catch {
            store.close()
            throw error
        }
    }

    func close() async { await self.store.closed() }

    static func now() -> Timestamp {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(milliseconds: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000)
    }

    // MARK: Steps

    /// Steps the core and waits until what it saw and changed is on disk.
    /// - Throws: what the core refuses; `StagingDown` when the index cannot be written any more.
    func step<Value: Sendable>(
        _ body: @Sendable (inout Namespace, Timestamp) throws -> Value
    ) async throws -> Value {
        try await self.stepBoth { namespace, _, now in try body(&namespace, now) }
    }

    /// The same for delegation tokens.
    func stepTokens<Value: Sendable>(
        _ body: @Sendable (inout TokenBook, Timestamp) throws -> Value
    ) async throws -> Value {
        try await self.stepBoth { _, tokens, now in try body(&tokens, now) }
    }

    /// Looks at the tokens without a step: a token that was given out is on disk.
    func withTokens<Value: Sendable>(_ body: (TokenBook, Timestamp) throws -> Value) rethrows -> Value {
        try self.state.withLockedValue { state in try body(state.tokens, Self.now()) }
    }

    private func stepBoth<Value: Sendable>(
        _ body: @Sendable (inout Namespace, inout TokenBook, Timestamp) throws -> Value
    ) async throws -> Value {
        let (result, ticket) = self.state.withLockedValue { state -> (Result<Value, any Error>, UInt64) in
            let result = Result { try body(&state.namespace, &state.tokens, Self.now()) }
            self.submit(&state)
            return (result, state.submitted)
        }
        try await self.wait(for: ticket)
        return try result.get()
    }

    /// The same without waiting for the disk, where the answer says nothing that outlives this process. What is refused
    /// may have to do with what others have done, and waits.
    func stepAhead(_ body: @Sendable (inout Namespace, Timestamp) throws -> Void) async throws {
        let (result, ticket) = self.state.withLockedValue { state -> (Result<Void, any Error>, UInt64) in
            let result = Result { try body(&state.namespace, Self.now()) }
            self.submit(&state)
            return (result, state.submitted)
        }
        if case .failure = result { try await self.wait(for: ticket) }
        try result.get()
    }

    /// Looks at the tree without a step.
    func withNamespace<Value: Sendable>(_ body: (Namespace) throws -> Value) rethrows -> Value {
        try self.state.withLockedValue { state in try body(state.namespace) }
    }

    /// Steps the core without waiting, for what is neither stored nor answered.
    func note(_ body: (inout Namespace) throws -> Void) throws {
        try self.state.withLockedValue { state in try body(&state.namespace) }
    }

    private func submit(_ state: inout State, adding others: [StoreOperation] = []) {
        let step = state.namespace.takeStep()
        let operations =
            others + step.changes.map(InodeRecord.operation) + state.tokens.takeChanges().map(TokenRecord.operation)
        guard !operations.isEmpty else { return }
        state.submitted += 1
        let number = state.submitted
        // Under the lock, so that the store sees the steps in their order.
        self.store.commit(operations, fence: self.store.fence) { result in
            self.stored(number, result, dropped: step.dropped)
        }
    }

    private func stored(
        _ step: UInt64,
        _ result: Result<CommitOutcome, StateStoreError>,
        dropped: [ContentHash]
    ) {
        var failure: String?
        switch result {
        case .success(.committed): break
        case .success(.fenced): failure = "another staging server has taken over the index \(self.store.path)"
        case .failure(let error): failure = "\(error)"
        }
        let (ready, isNew) = self.progress.withLockedValue { progress in
            let isNew = failure != nil && progress.failure == nil
            progress.failure = progress.failure ?? failure
            progress.stored = step
            let ready = progress.waiting.filter { $0.step <= step }
            progress.waiting.removeAll { $0.step <= step }
            return (ready.map(\.continuation), isNew)
        }
        for continuation in ready {
            if let failure {
                continuation.resume(throwing: StagingDown(reason: failure))
            } else {
                continuation.resume()
            }
        }
        if let failure {
            if isNew { self.stepDown(failure) }
        } else if !dropped.isEmpty {
            // Not on the store's thread: a step may hold the lock and be on its way into the store.
            Task { self.release(dropped) }
        }
    }

    private func wait(for step: UInt64) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let outcome = self.progress.withLockedValue { progress -> Result<Void, any Error>? in
                if let failure = progress.failure { return .failure(StagingDown(reason: failure)) }
                if progress.stored >= step { return .success(()) }
                progress.waiting.append((step, continuation))
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    // MARK: Content

    /// Ends pins of content, and removes what nobody needs any more.
    func release(_ hashes: [ContentHash]) {
        for path in self.takeAside(hashes) { removeFile(path) }
    }

    /// The same for whoever must not wait: a large file takes long to go.
    func releaseSoon(_ hashes: [ContentHash]) {
        let aside = self.takeAside(hashes)
        guard !aside.isEmpty else { return }
        Task {
            for path in aside { removeFile(path) }
        }
    }

    private func takeAside(_ hashes: [ContentHash]) -> [String] {
        self.state.withLockedValue { state in
            let garbage = state.namespace.release(hashes)
            let rows = garbage.compactMap { state.indexed.remove($0) }
            if !rows.isEmpty { self.submit(&state, adding: rows) }
            // Content that came broken off or for a file that was longer may be in a file, too.
            return garbage.compactMap { self.blobs.setAside($0) }
        }
    }

    /// Opens a file for reading; its content stays until the reading is released.
    func openForReading(_ path: StagingPath, by caller: Caller) async throws -> Reading {
        let (reading, ticket) = self.state.withLockedValue { state -> (Result<Reading, any Error>, UInt64) in
            let result = Result { try self.reading(path, by: caller, &state) }
            self.submit(&state)
            return (result, state.submitted)
        }
        try await self.wait(for: ticket)
        return try reading.get()
    }

    /// Under the lock: a stream's file moves when its writer ends.
    private func reading(_ path: StagingPath, by caller: Caller, _ state: inout State) throws -> Reading {
        let plan = try state.namespace.open(path, by: caller, at: Self.now())
        do {
            let prefix = try plan.prefix.map { prefix in
                try state.streams[prefix.write]?.stream.spill()
                return try OpenFile(self.blobs.path(of: prefix.write), flags: O_RDONLY)
            }
            let rows = Set(plan.segments.map(\.hash).filter { state.indexed.sizes[$0] != nil })
            return Reading(plan: plan, prefix: prefix, rows: rows, driver: self)
        } catch {
            _ = state.namespace.release(plan.segments.map(\.hash))
            throw error
        }
    }

    /// The bytes of content that is in the index. Blocks.
    func indexedBytes(of hash: ContentHash) throws -> [UInt8] {
        do {
            return try IndexedContent.bytes(of: hash, in: self.store)
        } catch {
            throw self.lost(hash, error)
        }
    }

    /// The same without blocking.
    func fetchIndexedBytes(of hash: ContentHash) async throws -> [UInt8] {
        do {
            return try await IndexedContent.fetch(hash, from: self.store)
        } catch {
            throw self.lost(hash, error)
        }
    }

    private func lost(_ hash: ContentHash, _ error: any Error) -> StorageError {
        self.logger.error(
            "content \(hash) cannot be read from the index \(self.store.path): \(error). Restore the folder \(self.blobs.path) from a copy, or upload the files that hold it again"
        )
        return StorageError("read \(hash) from", self.store.path, code: EIO)
    }

    /// What a closed file holds, where it is one whole piece of content; nil for one that was put together or cut. Looks at
    /// the disk where that is not in the index.
    func wholeContent(of inode: Inode) -> ContentHash? {
        guard let segment = inode.file?.soleSegment else { return nil }
        if let size = self.state.withLockedValue({ $0.indexed.sizes[segment.hash] }) {
            return Int64(size) == segment.length ? segment.hash : nil
        }
        var status = stat()
        let isThere = unsafe stat(self.blobs.path(of: segment.hash), &status) == 0
        return isThere && Int64(status.st_size) == segment.length ? segment.hash : nil
    }

    /// Makes a received stream content and keeps it until `release`.
    func install(_ write: WriteID, as hash: ContentHash) throws {
        try self.state.withLockedValue { state in
            try self.blobs.install(write, as: hash)
            state.namespace.pin(hash)
        }
        do {
            try self.blobs.syncName(of: hash)
        } catch {
            self.release([hash])
            throw error
        }
    }

    /// Ends an upload: its content is installed, and its file closed, on disk.
    /// - Parameter bytes: all of them where they are in no file; else they are installed already.
    func finish(_ stream: UploadStream, _ segment: Segment?, _ bytes: [UInt8]?) async throws {
        defer { if let segment, bytes == nil { self.release([segment.hash]) } }
        try await self.closeFile(segment, bytes) { state, now in
            try state.namespace.finish(stream.write, segment, at: now)
            state.streams.removeValue(forKey: stream.write)?.stream.end()
        }
    }

    /// An upload whose bytes, none or few, are all there: its file is made and closed, on disk.
    func store(_ request: WriteRequest, _ bytes: [UInt8]) async throws {
        var segment: Segment?
        if !bytes.isEmpty, let hash = ContentHash(SHA256.hash(data: bytes)) {
            segment = Segment(hash: hash, length: Int64(bytes.count))
            try self.blobs.checkRoom()
        }
        let content = segment
        try await self.closeFile(content, bytes) { state, now in try state.namespace.store(request, content, at: now) }
    }

    private func closeFile(
        _ segment: Segment?,
        _ bytes: [UInt8]?,
        _ step: (inout State, Timestamp) throws -> Void
    ) async throws {
        let (result, ticket) = self.state.withLockedValue { state -> (Result<Void, any Error>, UInt64) in
            var rows: [StoreOperation] = []
            let result = Result {
                try step(&state, Self.now())
                if let segment, let bytes, let row = state.indexed.add(segment.hash, bytes) { rows.append(row) }
            }
            self.submit(&state, adding: rows)
            return (result, state.submitted)
        }
        try await self.wait(for: ticket)
        try result.get()
    }

    // MARK: Streams

    /// Begins an upload.
    /// - Parameter length: how long its sender says that it is; nil if it does not.
    func stream(of write: WriteID, length: Int?) -> UploadStream {
        let stream = UploadStream(write, length: length, in: self.blobs)
        self.state.withLockedValue { $0.streams[write] = (stream, isOld: false) }
        return stream
    }

    /// Puts uploads that have been in memory since the last call into their files, so that the end of this process takes
    /// nothing along that came long before it. Blocks.
    func spillOldStreams() {
        let old = self.state.withLockedValue { state -> [UploadStream] in
            defer { for write in state.streams.keys { state.streams[write]?.isOld = true } }
            return state.streams.values.filter { $0.isOld && !$0.stream.isSpilled }.map(\.stream)
        }
        for stream in old {
            do {
                try stream.spill()
            } catch {
                self.logger.error("an upload that is under way stays in memory: \(error)")
            }
        }
    }

    /// Ends a stream that broke or was refused.
    /// - Parameter length: bytes of it that have come.
    func abandon(_ write: WriteID, length: Int64) async {
        do {
            var isKept = false
            try self.note { isKept = $0.keepsPrefix(of: write) }
            var prefix: Segment?
            if isKept, length > 0 { prefix = self.installPrefix(write, length: length) }
            let kept = prefix
            // First: on a full disk the index may have no room for its row before these bytes are gone.
            if kept == nil { self.drop(write) }
            defer { if let kept { self.release([kept.hash]) } }
            try await self.step { namespace, now in namespace.abandon(write, prefix: kept, at: now) }
        } catch {
            self.logger.error("a broken upload could not be ended: \(error)")
        }
        self.drop(write)
    }

    /// Lets a stream's bytes go.
    private func drop(_ write: WriteID) {
        // Not under the lock: a large file takes long to go.
        self.state.withLockedValue { $0.streams.removeValue(forKey: write) }?.stream.end()
        // Of the last run nothing but the file is left.
        self.blobs.discard(write)
    }

    /// - Returns: nil where the prefix cannot be stored, on a full disk.
    private func installPrefix(_ write: WriteID, length: Int64) -> Segment? {
        do {
            return try self.storePrefix(write, length: length)
        } catch {
            self.logger.error("what came of a broken upload is lost: \(error)")
            return nil
        }
    }

    private func storePrefix(_ write: WriteID, length: Int64) throws -> Segment? {
        try self.state.withLockedValue { $0.streams[write]?.stream }?.spill()
        let file = try OpenFile(self.blobs.path(of: write), flags: O_RDWR)
        try file.sync()
        guard let hash = try BlobFolder.hash(of: file, length: length) else { return nil }
        try self.install(write, as: hash)
        return Segment(hash: hash, length: length)
    }

    /// Ends first steps whose second never came, and removes what applications have left in staging folders.
    /// - Parameter lives: finds out which applications run.
    func clean(asking lives: ApplicationLives?) async {
        do {
            let asked = try await self.step { namespace, now in namespace.beginCleaning(at: now) }
            let answers = asked.isEmpty ? [:] : await lives?(asked) ?? [:]
            // The answers may have taken their time.
            guard !Task.isCancelled else { return }
            let removed = try await self.step { namespace, now in namespace.removeAbandoned(at: now, lives: answers) }
            for path in removed { self.logger.notice("removed \(path), which nobody has used for long") }
            let key = TokenService.newKey()
            try await self.stepTokens { tokens, now in tokens.turn(key, at: now) }
        } catch {
            self.logger.error("cannot clean up: \(error)")
        }
    }

    private func recover() async throws {
        let writes = self.state.withLockedValue { $0.namespace.openWrites }
        for write in writes {
            let size = (try? OpenFile(self.blobs.path(of: write), flags: O_RDONLY).size()) ?? 0
            await self.abandon(write, length: size)
        }
        for name in try self.blobs.names(in: "streams") { removeFile("\(self.blobs.path)/streams/\(name)") }
        for name in try self.blobs.names(in: "removed") { removeFile("\(self.blobs.path)/removed/\(name)") }
        var found = self.dropUnnamedRows()
        for folder in try self.blobs.names(in: "blobs") {
            for name in try self.blobs.names(in: "blobs/\(folder)") {
                let isNeeded = ContentHash(name).map { hash in
                    self.state.withLockedValue {
                        $0.namespace.names(hash) && $0.indexed.sizes[hash] == nil
                    }
                }
                if isNeeded == true { found += 1 } else { removeFile("\(self.blobs.path)/blobs/\(folder)/\(name)") }
            }
        }
        let named = self.state.withLockedValue { $0.namespace.contentCount }
        if found < named {
            self.logger.error(
                "\(named - found) pieces of content that the index names are missing below \(self.blobs.path)/blobs; files that hold them cannot be read. Restore that folder from a copy"
            )
        }
        if !writes.isEmpty { self.logger.notice("ended \(writes.count) uploads of the last run") }
    }

    /// - Returns: how many rows of content stay.
    private func dropUnnamedRows() -> Int {
        self.state.withLockedValue { state in
            let unnamed = state.indexed.sizes.keys.filter { !state.namespace.names($0) }
            let rows = unnamed.compactMap { state.indexed.remove($0) }
            if !rows.isEmpty { self.submit(&state, adding: rows) }
            return state.indexed.sizes.count
        }
    }
}

/// The index cannot be written any more, so nothing may be answered.
struct StagingDown: Error {
    var reason: String
}

func removeFile(_ path: String) {
    // What stays is removed at the next start.
    unsafe unlink(path)
}
