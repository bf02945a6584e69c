import Glibc
import Synchronization

/// The one line a supervisor says at its start, as it arrives on a pipe.
final class SupervisorAnswer: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isComplete = false
        var waiter: CheckedContinuation<String, Never>?
    }

    private let state = Mutex(State())
    private let maximum: Int

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// The line without its end; empty if the supervisor ended without saying anything.
    var text: String {
        get async {
            await withCheckedContinuation { continuation in
                let text: String? = self.state.withLock { state in
                    if state.isComplete { return Self.line(state.bytes) }
                    state.waiter = continuation
                    return nil
                }
                if let text { continuation.resume(returning: text) }
            }
        }
    }

    /// Takes what the pipe holds now.
    /// - Returns: whether more is to come.
    func read(from descriptor: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 512)
        let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return true }
        let (waiter, text): (CheckedContinuation<String, Never>?, String) = self.state.withLock { state in
            state.bytes += chunk.prefix(max(0, count))
            let isComplete = count <= 0 || state.bytes.contains(UInt8(ascii: "\n")) || state.bytes.count > self.maximum
            state.isComplete = isComplete
            defer { if isComplete { state.waiter = nil } }
            return (isComplete ? state.waiter : nil, Self.line(state.bytes))
        }
        let isComplete = self.state.withLock { $0.isComplete }
        waiter?.resume(returning: text)
        return !isComplete
    }

    private static func line(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
