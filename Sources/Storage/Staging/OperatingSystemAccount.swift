import CLinux
import Glibc
import Synchronization

/// A user of the operating system, resolved once to numbers: containers and localization act as one of these.
package struct OperatingSystemAccount: Sendable, Hashable {
    package var name: String
    package var user: UInt32
    package var group: UInt32
    /// All groups, the primary one included.
    package var groups: [UInt32]

    package init(name: String, user: UInt32, group: UInt32, groups: [UInt32]) {
        self.name = name
        self.user = user
        self.group = group
        self.groups = groups
    }

    /// Whether this process already has the account's user id, so that nothing needs to change to act as it.
    package var isOwn: Bool { self.user == geteuid() }

    /// No system hands out more groups to one user than this (NGROUPS_MAX).
    private static let groupsMaximum = 65_536

    /// Looks a user up in the system's database: names go to the C library, never to a shell.
    /// - Returns: nil if the system knows no such user.
    package static func named(_ name: String) throws(SystemError) -> OperatingSystemAccount? {
        try unsafe self.lookUp(name) { record, buffer, size, found in
            unsafe getpwnam_r(name, record, buffer, size, found)
        }
    }

    private static let ownNames = Mutex<[UInt32: String]>([:])

    /// The name of the account this process runs as, or its number if it has no entry in the database. Looked up once: that may
    /// be a question to a directory service.
    package static func ownName() throws(SystemError) -> String {
        let user = geteuid()
        if let name = self.ownNames.withLock({ $0[user] }) { return name }
        let name = try self.numbered(user)?.name ?? "\(user)"
        self.ownNames.withLock { $0[user] = name }
        return name
    }

    /// - Returns: nil if the system knows no user of that number.
    package static func numbered(_ user: UInt32) throws(SystemError) -> OperatingSystemAccount? {
        try unsafe self.lookUp("user \(user)") { record, buffer, size, found in
            unsafe getpwuid_r(user, record, buffer, size, found)
        }
    }

    private typealias Query = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func lookUp(_ what: String, _ query: Query) throws(SystemError) -> OperatingSystemAccount? {
        // Directory services can return long entries: the buffer grows, to a bound no real entry reaches.
        var size = 4096
        while size <= 1 << 20 {
            var record = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { unsafe buffer.deallocate() }
            let error = unsafe query(&record, buffer, size, &found)
            if error == ERANGE {
                size *= 4
                continue
            }
            // Several C libraries report an unknown user with one of these numbers instead of an empty result.
            let isUnknown = unsafe found == nil && [0, ENOENT, ESRCH, EBADF, EPERM].contains(error)
            if isUnknown { return nil }
            guard error == 0, let name = unsafe record.pw_name else {
                throw SystemError("look up", what, number: error)
            }
            let text = unsafe String(cString: name)
            return try OperatingSystemAccount(
                name: text,
                user: unsafe record.pw_uid,
                group: unsafe record.pw_gid,
                groups: self.groups(of: text, primary: unsafe record.pw_gid)
            )
        }
        throw SystemError("look up", what, number: ERANGE)
    }

    private static func groups(of name: String, primary: UInt32) throws(SystemError) -> [UInt32] {
        var capacity = 64
        while capacity <= self.groupsMaximum {
            var groups = [gid_t](repeating: 0, count: capacity)
            let count = unsafe groups.withUnsafeMutableBufferPointer { buffer in
                unsafe Int(heddle_group_list(name, primary, buffer.baseAddress, Int32(buffer.count)))
            }
            guard count >= 0 else { throw SystemError("list the groups of", name) }
            if count <= capacity { return Array(groups.prefix(count)) }
            capacity = count
        }
        throw SystemError("list the groups of", name, number: ERANGE)
    }
}
