import Glibc
import Synchronization

/// Lets a signal that ends the process first have taken back what was begun: half a file, or parts that a store would keep.
/// The same signal again ends it at once.
enum Interruption {
    /// The signal that came; zero until one does. All that a handler may touch.
    private static let received = Atomic<Int32>(0)

    /// How soon a signal is seen.
    private static let interval: Duration = .milliseconds(50)

    /// Runs work that ends soon when it is cancelled. After a signal the process ends by that signal, and not by returning.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Before a handler needs it: a signal is no time to make it.
        Self.received.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) {
            signal(number) { number in
                Interruption.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
        let task = Task { try await work() }
        let watch = Task {
            while !Task.isCancelled, Self.received.load(ordering: .relaxed) == 0 {
                try? await Task.sleep(for: Self.interval)
            }
            if Self.received.load(ordering: .relaxed) != 0 { task.cancel() }
        }
        let result = await task.result
        watch.cancel()
        let number = Self.received.load(ordering: .relaxed)
        if number != 0 { Self.end(by: number) }
        return try result.get()
    }

    /// Its handler is the default one again. Threads of tasks block signals.
    private static func end(by number: Int32) {
        var own = sigset_t()
        unsafe sigemptyset(&own)
        unsafe sigaddset(&own, number)
        unsafe pthread_sigmask(SIG_UNBLOCK, &own, nil)
        raise(number)
    }

    /// As for what a shell runs in the background, or under `nohup`.
    private static func isIgnored(_ number: Int32) -> Bool {
        var old = sigaction()
        guard unsafe sigaction(number, nil, &old) == 0, let handler = unsafe old.__sigaction_handler.sa_handler else {
            return false
        }
        return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
