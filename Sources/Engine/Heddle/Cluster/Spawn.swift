internal import CLinux
internal import Glibc
internal import HadoopConfig

/// Starts a program in a group of processes of its own, with no signal blocked or ignored.
struct Spawn {
    /// Looked for in PATH unless it is a path.
    var program: String
    /// The first is what the program is called.
    var arguments: [String]
    /// Added to this process's.
    var environment: [String: String]
    /// nil: this process's.
    var folder: String?
    /// What becomes of its descriptors from 0 on.
    var descriptors: [Descriptor]

    enum Descriptor {
        case same(Int32)
        case file(String, flags: Int32)
    }

    /// - Returns: the process, or why there is none (an error's number).
    func start() -> (process: pid_t, failure: Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, descriptor) in self.descriptors.enumerated() {
            switch descriptor {
            case .same(let end): unsafe posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
            case .file(let path, let flags):
                unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), path, flags, 0o600)
            }
        }
        if let folder = self.folder { unsafe heddle_spawn_in(&actions, folder) }
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: Int(flags)))
        let variables = ConfigurationEnvironment.process.variables.merging(self.environment) { $1 }
        var argv = unsafe self.arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe variables.sorted { $0.key < $1.key }.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let failure = unsafe posix_spawnp(&process, self.program, &actions, &attributes, &argv, &envp)
        return (process, failure)
    }
}
