import Glibc
import StateStore

/// Writes as fast as it can, notes every acknowledged commit in a file of its own, and kills itself in the middle of it.
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
