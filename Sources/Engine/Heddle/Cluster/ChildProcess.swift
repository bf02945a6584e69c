internal import CLinux
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
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "\(folder)/stdout", flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "\(folder)/stderr", flags, 0o600)
        unsafe heddle_spawn_in(&actions, folder)

        let variables = Self.variables.filter { line in
            !environment.keys.contains { line.hasPrefix("\($0)=") }
        }
        let words = variables + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        let result = unsafe posix_spawn(&pid, program, &actions, nil, &argv, &envp)
        guard result == 0 else { throw FileFailure(program, "cannot be started", result) }
        self.pid = pid
        DispatchQueue(label: "heddle.engine.child").async { ended(self.wait()) }
    }

    private static var variables: [String] {
        var lines: [String] = []
        var next = unsafe environ
        while let line = unsafe next.pointee {
            lines.append(unsafe String(cString: line))
            unsafe next += 1
        }
        return lines
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
