import Glibc
import Heddle

/// What happens to a task that meets a certain element.
struct Fault: Codable, Sendable {
    enum Kind: String, Codable {
        /// It never ends, though its executor is well.
        case hang
        /// Its whole executor stands still.
        case freeze
        /// It takes memory until somebody ends it, each time that it runs.
        case eat
        /// It ends its process as a mistake in C does.
        case crash
        /// It writes a gigabyte to standard error.
        case shout
    }

    var kind: Kind
    /// A file that is made by the first task that meets the element; only that one is struck.
    var marker: String

    func strike() {
        if self.kind == .eat { return self.eat() }
        guard mark(self.marker) else { return }
        switch self.kind {
        case .hang: while true { pause() }
        case .freeze: _ = kill(getpid(), SIGSTOP)
        case .crash: _ = kill(getpid(), SIGSEGV)
        case .shout: self.shout()
        case .eat: break
        }
    }

    private func shout() {
        let line = [UInt8](repeating: UInt8(ascii: "e"), count: 1 << 20)
        for _ in 0..<1024 { _ = unsafe write(STDERR_FILENO, line, line.count) }
    }

    /// A gigabyte at most, until somebody looks.
    private func eat() {
        let pieces = (0..<32).map { [UInt8](repeating: UInt8($0), count: 32 << 20) }
        withExtendedLifetime(pieces) { while true { pause() } }
    }
}

/// The sum of 0..<40 in eight tasks, one of which meets the fault.
func sum(_ context: HeddleContext, meeting fault: Fault) async throws -> Int {
    try await context.parallelize(0..<40, partitions: 8).map(with: fault) { fault, number in
        if number == 37 { fault.strike() }
        return number
    }.sum()
}
