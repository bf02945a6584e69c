import ClusterModel
import Dispatch
import Synchronization

/// Answers that come from the thread of the transfers to one that waits for them.
final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    private let signal = DispatchSemaphore(value: 0)

    func put(_ message: Message) {
        self.messages.withLock { $0.append(message) }
        self.signal.signal()
    }

    /// - Returns: the next message; nil when none came in time.
    func take(within time: Duration) -> Message? {
        guard self.signal.wait(timeout: .now() + .milliseconds(Int(time.wholeMilliseconds))) == .success else {
            return nil
        }
        return self.messages.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
