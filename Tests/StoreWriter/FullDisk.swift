import Glibc
import StateStore

/// Writes to a store whose disk is full for a while. A limit on file size stands for the disk.
enum FullDisk {
    struct Unexpected: Error {}

    static func run(store path: String) async throws {
        signal(SIGXFSZ, SIG_IGN)
        let (failures, continuation) = AsyncStream<StateStoreError>.makeStream()
        let store = try StateStore.open(path, retryDelay: .milliseconds(5)) { continuation.yield($0) }
        func record(_ key: String, _ count: Int) -> StoreOperation {
            .put(StoredRecord(kind: "test", key: key, version: 1, bytes: .init(repeating: 1, count: count)))
        }
        _ = try await store.commit([record("before", 10)], fence: store.fence)
        try self.limitFiles(to: 128 << 10)
        async let large = store.commit([record("large", 1 << 20)], fence: store.fence)
        var iterator = failures.makeAsyncIterator()
        guard let failure = await iterator.next(), failure.reason == .writeFailed else { throw Unexpected() }
        async let after = store.commit([record("after", 10)], fence: store.fence)
        try self.limitFiles(to: nil)
        guard try await large == .committed, try await after == .committed else { throw Unexpected() }
        store.close()
    }

    private static func limitFiles(to bytes: UInt?) throws {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { throw Unexpected() }
        limit.rlim_cur = bytes.map { rlim_t($0) } ?? limit.rlim_max
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { throw Unexpected() }
    }
}
