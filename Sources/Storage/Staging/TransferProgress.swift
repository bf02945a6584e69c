import Synchronization

/// How far a transfer is: read by whoever shows it, as often as it likes.
package final class TransferProgress: Sendable {
    private let done = Atomic<Int64>(0)
    private let all = Atomic<Int64>(-1)

    package init() {}

    /// Bytes that came or went so far. Goes back when a part has to be fetched again.
    package var bytes: Int64 { self.done.load(ordering: .relaxed) }

    /// Bytes in all; nil while nobody has said.
    package var total: Int64? {
        let total = self.all.load(ordering: .relaxed)
        return total < 0 ? nil : total
    }

    func add(_ count: Int64) { self.done.add(count, ordering: .relaxed) }

    func start(at bytes: Int64 = 0, of total: Int64?) {
        self.done.store(bytes, ordering: .relaxed)
        self.all.store(total ?? -1, ordering: .relaxed)
    }
}
