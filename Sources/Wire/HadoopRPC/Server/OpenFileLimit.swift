#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How many files and sockets this process may have open (`ulimit -n`).
package enum OpenFileLimit {
    /// Takes as many as the system grants (`ulimit -Hn`), as Java's daemons do; systems start programs with 1,024, which a
    /// few hundred containers use up.
    package static func raise() {
        var limit = rlimit()
        #if canImport(Musl)
        guard unsafe getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(RLIMIT_NOFILE, &limit)
        #else
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
        #endif
    }

    /// The limit that holds now; nil when the system does not tell or sets none.
    static var current: Int? {
        var limit = rlimit()
        #if canImport(Musl)
        let result = unsafe getrlimit(RLIMIT_NOFILE, &limit)
        #else
        let result = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #endif
        guard result == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)
    }
}

extension RPCServerLimits {
    /// These limits, made small enough for a process that may have so many files open: a server that runs out of files
    /// cannot accept anybody, while one at its own limit lets silent connections go.
    func fitted(toOpenFiles openFiles: Int?) -> RPCServerLimits {
        guard let openFiles else { return self }
        var fitted = self
        // A daemon serves several ports, and needs files besides.
        fitted.connectionsMaximum = min(self.connectionsMaximum, max(openFiles / 2, 8))
        fitted.idleThreshold = min(self.idleThreshold, fitted.connectionsMaximum / 2)
        return fitted
    }
}
