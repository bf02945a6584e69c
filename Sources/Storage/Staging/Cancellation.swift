import Synchronization

/// Asks blocking work on another thread to end soon.
package final class Cancellation: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package func cancel() {
        self.flag.store(true, ordering: .relaxed)
    }

    package var isCancelled: Bool { self.flag.load(ordering: .relaxed) }
}
