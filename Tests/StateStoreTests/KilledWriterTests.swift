import Foundation
import StateStore
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct KilledWriterTests {
    /// The child writes as fast as it can, notes every acknowledged commit in a file of its own, and is killed with
    /// SIGKILL in the middle of it.
    @Test(arguments: [1, 37, 400])
    func `no acknowledged commit is lost when the writer is killed with kill -9`(acknowledged: Int) async throws {
        let folder = try TemporaryFolder()
        let store = folder.file("state.db")
        let journal = folder.file("acknowledged")

        await #expect(processExitsWith: .signal(SIGKILL)) {
            [store = store as String, journal = journal as String, acknowledged] in
            try KilledWriter.run(store: store, journal: journal, dieAfter: acknowledged)
        }

        let noted = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(noted.count >= acknowledged)
        let again = try StateStore.open(store)
        let keys = Set(try again.load().map(\.key))
        #expect(noted.allSatisfy { keys.contains("\($0)-a") && keys.contains("\($0)-b") })
        // Batches are all or nothing, acknowledged or not.
        let halves = keys.filter { key in
            let pair = key.hasSuffix("-a") ? key.dropLast(1) + "b" : key.dropLast(1) + "a"
            return !keys.contains(String(pair))
        }
        #expect(halves.isEmpty)
        again.close()
    }
}

@Suite struct FullDiskTests {
    /// A limit on file size stands for the full disk: writes fail until it is lifted, as until somebody makes room.
    @Test func `a commit waits until there is room again, and nothing is lost`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state.db")
        await #expect(processExitsWith: .success) { [path = path as String] in
            try await FullDisk.run(store: path)
        }
        let again = try StateStore.open(path)
        #expect(try again.load().map(\.key) == ["after", "before", "large"])
        again.close()
    }
}

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

enum KilledWriter {
    static func run(store path: String, journal: String, dieAfter: Int) throws {
        let store = try StateStore.open(path)
        let descriptor = unsafe open(journal, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        for number in 0..<(dieAfter + 10_000) {
            let batch = ["\(number)-a", "\(number)-b"].map { key in
                StoreOperation.put(
                    StoredRecord(kind: "test", key: key, version: 1, bytes: .init(repeating: 7, count: 300))
                )
            }
            store.commit(batch, fence: store.fence) { result in
                guard case .success(.committed) = result else { return }
                let line = Array("\(number)\n".utf8)
                _ = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
                if number >= dieAfter { kill(getpid(), SIGKILL) }
            }
        }
        store.close()
    }
}
