import Dispatch
import Glibc
import Synchronization

/// Lets a signal that ends the process first have taken back what was begun: half a file, or parts that a store would keep.
/// The same signal again ends it at once.
///
/// `DaemonSignals` is for those that go on until they are asked to end, and then end well.
enum Interruption {
    /// Runs work that ends soon when it is cancelled. After a signal the process ends by that signal, and not by returning.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let received = Received()
        let task = Task { try await work() }
        let sources = [SIGINT, SIGTERM, SIGHUP].filter { !Self.isIgnored($0) }.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                received.number.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
                task.cancel()
            }
            source.resume()
            return source
        }
        let result = await task.result
        for source in sources { source.cancel() }
        let number = received.number.load(ordering: .relaxed)
        if number != 0 { Self.end(by: number) }
        return try result.get()
    }

    /// The signal that came; zero until one does.
    private final class Received: Sendable {
        let number = Atomic<Int32>(0)
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
