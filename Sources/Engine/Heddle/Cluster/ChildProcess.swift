internal import Dispatch
internal import Glibc
internal import Synchronization

/// A process that this one started and waits for.
final class ChildProcess: Sendable {
    enum End: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)

        var text: String {
            switch self {
            case .exited(let code): "it ended with exit code \(code)"
            case .signalled(let number):
                "it was ended by signal \(number) (\(unsafe String(cString: strsignal(number))))"
            }
        }
    }

    private let pid: pid_t
    private let isOver = DispatchSemaphore(value: 0)
    /// Guards the number: it is another's as soon as the process has been waited for.
    private let isRunning = Mutex(true)

    /// Starts a program whose output goes to `stdout` and `stderr` of its folder.
    /// - Parameters:
    ///   - environment: added to this process's.
    ///   - ended: called once, on a thread of its own.
    /// - Throws: `FileFailure`.
    init(
        program: String,
        arguments: [String],
        environment: [String: String],
        folder: String,
        ended: @escaping @Sendable (End) -> Void
    ) throws {
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        let spawn = Spawn(
            program: program,
            arguments: arguments,
            environment: environment,
            folder: folder,
            descriptors: [
                .file("/dev/null", flags: O_RDONLY), .file("\(folder)/stdout", flags: flags),
                .file("\(folder)/stderr", flags: flags),
            ]
        )
        let (process, failure) = spawn.start()
        guard failure == 0 else { throw FileFailure(program, "cannot be started", failure) }
        self.pid = process
        DispatchQueue(label: "heddle.engine.child").async { ended(self.wait()) }
    }

    private func wait() -> End {
        var info = unsafe siginfo_t()
        // Looked at first and taken under the lock: until then the number is still this process's.
        while unsafe waitid(P_PID, id_t(self.pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        var status: Int32 = 0
        self.isRunning.withLock { isRunning in
            while unsafe waitpid(self.pid, &status, 0) < 0 && errno == EINTR {}
            isRunning = false
        }
        self.isOver.signal()
        return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    }

    /// Asks it to end; it is waited for as before.
    func endSoon() { self.isRunning.withLock { if $0 { _ = kill(self.pid, SIGTERM) } } }

    /// How long a process may take to end by itself.
    private static let grace = DispatchTimeInterval.seconds(2)

    /// Waits for the end, and sends SIGKILL where it does not come.
    func end() {
        if self.isOver.wait(timeout: .now() + Self.grace) == .timedOut {
            self.isRunning.withLock { if $0 { _ = kill(self.pid, SIGKILL) } }
            self.isOver.wait()
        }
        self.isOver.signal()
    }
}
