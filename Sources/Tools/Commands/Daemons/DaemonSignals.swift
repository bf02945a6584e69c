import Dispatch
import Glibc

/// The signals that ask a daemon to end, as one sequence; from its creation on they no longer end the process by
/// themselves.
final class DaemonSignals: Sendable {
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let sources: [Source]

    /// Dispatch's sources may be used from every thread; its module does not say so yet.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }

    private static let names = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")]

    /// Whether a reason to end is a signal's name, which is how a daemon ends when it is asked to.
    static func isSignal(_ reason: String) -> Bool { self.names.contains { $0.1 == reason } }

    init() {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        self.stream = stream
        self.continuation = continuation
        self.sources = Self.names.map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return Source(source: source)
        }
        // A daemon outlives the terminal it was started from.
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Ends the daemon as a signal would, for a reason of its own.
    func end(_ reason: String) {
        self.continuation.yield(reason)
    }

    /// Returns the first reason to end: a signal's name, or what `end` was given.
    func first() async -> String {
        for await reason in self.stream { return reason }
        return "cancelled"
    }
}
