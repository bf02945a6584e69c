import ClusterModel
import Dispatch
import Synchronization

/// Answers that come from the thread of the transfers to one that waits for them.
final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    private let signal = DispatchSemaphore(value: 0)

    /// - Parameter wakes: false for what can wait until the receiver wakes for another reason.
    func put(_ message: Message, wakes: Bool = true) {
        self.messages.withLock { $0.append(message) }
        if wakes { self.signal.signal() }
    }

    /// - Returns: the next message; nil when none came in time.
    func take(within time: Duration) -> Message? {
        let deadline = DispatchTime.now() + .milliseconds(Int(time.wholeMilliseconds))
        while true {
            if let message = self.next() { return message }
            // A signal may be of a message that was taken without waiting for it.
            guard self.signal.wait(timeout: deadline) == .success else { return self.next() }
        }
    }

    private func next() -> Message? { self.messages.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
