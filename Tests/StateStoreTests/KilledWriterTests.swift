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
