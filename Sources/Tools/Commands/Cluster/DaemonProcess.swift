import Glibc

/// Starts the cluster's daemons: this same program, in a session of its own, its output going to a log file.
enum DaemonProcess {
    /// - Throws: when the log cannot be written or the program cannot be started.
    static func start(
        _ name: String,
        arguments: [String],
        environment: [String: String],
        log: String
    ) throws(CommandFailure) -> DaemonRecord {
        let output = unsafe open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw CommandFailure(systemError("open", log)) }
        defer { close(output) }
        let process = try Self.spawn(arguments: arguments, environment: environment, output: output)
        guard let status = ProcessStatus(process) else {
            throw CommandFailure("\(name) ended at once; see \(log)")
        }
        return DaemonRecord(name: name, process: process, startTime: status.startTime)
    }

    private static func spawn(
        arguments: [String],
        environment: [String: String],
        output: Int32
    ) throws(CommandFailure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        let newSession: Int32 = 0x80
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | newSession)
        )

        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp =
            unsafe environment.sorted { $0.key < $1.key }.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw CommandFailure(systemError("start", arguments.joined(separator: " "), code)) }
        return process
    }

    /// Takes the exit status of a child that has ended, so that it is no zombie. Nothing happens for other processes.
    static func reap(_ process: pid_t) {
        var status: Int32 = 0
        unsafe waitpid(process, &status, WNOHANG)
    }
}
