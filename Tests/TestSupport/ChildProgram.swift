internal import Dispatch
internal import Glibc
internal import Synchronization

/// A program that a test starts. It inherits nothing but standard descriptors: with a copy of a test's socket it would keep
/// connections open that the test has closed. Nobody's thread waits for its end but one of its own: a test that blocked
/// one of the few threads of tasks until then could wait for a test that needs that thread.
package final class ChildProgram: Sendable {
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let process: pid_t
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: of the program.
    ///   - arguments: without the program's name.
    ///   - environment: `NAME=value` each.
    package init(_ path: String, _ arguments: [String], environment: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        throws
    {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY)] {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
        }
        // Closing what is not open is no error.
        for descriptor in STDERR_FILENO + 1..<Int32(min(sysconf(Int32(_SC_OPEN_MAX)), 65_536)) {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // Threads of tests may have signals blocked, and a program would begin with that.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let texts = unsafe ([path] + arguments).map { unsafe strdup($0) }
        let variables = unsafe environment.map { unsafe strdup($0) }
        defer { unsafe (texts + variables).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let problem = unsafe posix_spawn(&process, path, &actions, &attributes, texts + [nil], variables + [nil])
        guard problem == 0 else { throw TimedOut(description: "cannot start \(path): error \(problem)") }
        self.process = process
        self.wait()
    }

    private func wait() {
        DispatchQueue(label: "child program").async { [self] in
            var status: Int32 = 0
            while unsafe waitpid(self.process, &status, 0) < 0, errno == EINTR {}
            let ended = status
            let waiting = self.state.withLock { state in
                state.status = ended
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume(returning: ended) }
        }
    }

    package var isRunning: Bool { self.state.withLock { $0.status == nil } }

    /// Waits for its end.
    /// - Returns: what `waitpid` says of it; 0 for success.
    @discardableResult
    package func end() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status: Int32? = self.state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Ends it at once.
    @discardableResult
    package func kill() async -> Int32 {
        // Its number is its own until it was waited for.
        self.state.withLock { state in
            if state.status == nil { _ = Glibc.kill(self.process, SIGKILL) }
        }
        return await self.end()
    }
}
