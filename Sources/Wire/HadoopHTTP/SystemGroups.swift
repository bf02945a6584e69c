import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The operating system's user database.
package enum SystemGroups {
    /// The C library answers into memory of its own, which its next answer overwrites.
    private static let turn = Mutex(())

    /// Names of the groups that `user` belongs to; empty for a user whom this machine does not know.
    package static func groups(of user: String) -> [String] {
        self.turn.withLock { _ in
            guard let entry = unsafe getpwnam(user) else { return [] }
            let primary = unsafe entry.pointee.pw_gid
            var count = Int32(Self.countMaximum)
            var ids = [gid_t](repeating: 0, count: Self.countMaximum)
            guard unsafe getgrouplist(user, primary, &ids, &count) >= 0 else { return [] }
            return ids.prefix(Int(count)).compactMap { id in
                guard let group = unsafe getgrgid(id) else { return nil }
                return unsafe String(cString: group.pointee.gr_name)
            }
        }
    }

    /// Linux allows a process 65,536; nobody is in more than some hundred.
    private static let countMaximum = 1024
}
