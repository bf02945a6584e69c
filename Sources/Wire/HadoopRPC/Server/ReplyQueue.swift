import HadoopWire
import NIOCore
import Synchronization

/// The answers of one connection that wait to be written. Any thread may append; the connection's event loop takes all
/// that have gathered in one piece, so that many answers cost one write.
final class ReplyQueue: Sendable {
    /// What has gathered since the last time.
    struct Batch {
        var bytes: [UInt8] = []
        /// Calls answered by `bytes`.
        var count = 0
        /// Whether a fatal answer is among them, after which the connection must close.
        var isFatal = false
    }

    private struct State {
        var batch = Batch()
        /// Whether the event loop is going to take the batch without being asked again.
        var isExpected = false
        var flush: NIOLoopBound<() -> Void>?
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Sets what to run on the event loop when answers wait.
    func open(flush: @escaping () -> Void) {
        let bound = NIOLoopBound(flush, eventLoop: self.eventLoop)
        self.state.withLock { $0.flush = bound }
    }

    /// Drops what waits and all that comes later.
    func close() {
        self.state.withLock { $0 = State() }
    }

    /// Says that `take` will follow on this turn of the event loop, so that answers given meanwhile need not ask for
    /// it.
    func expectTake() {
        self.state.withLock { $0.isExpected = true }
    }

    func append(_ header: ResponseHeader, message: [UInt8]) {
        let flush = self.state.withLock { state -> NIOLoopBound<() -> Void>? in
            guard let flush = state.flush else { return nil }
            header.appendFrame(message: message, to: &state.batch.bytes)
            state.batch.count += 1
            if case .fatal = header.status { state.batch.isFatal = true }
            if state.isExpected { return nil }
            state.isExpected = true
            return flush
        }
        guard let flush else { return }
        self.eventLoop.execute { flush.value() }
    }

    /// Hands over all that has gathered.
    func take() -> Batch {
        self.state.withLock { state in
            let batch = state.batch
            state.batch = Batch()
            state.isExpected = false
            return batch
        }
    }
}
