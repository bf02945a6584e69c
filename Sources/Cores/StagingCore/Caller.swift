/// Who asks.
package struct Caller: Hashable, Sendable {
    package var user: String
    package var groups: [String]
    /// The server's own user and its administrators may do everything.
    package var isSuperuser: Bool

    package init(user: String, groups: [String] = [], isSuperuser: Bool = false) {
        self.user = user
        self.groups = groups
        self.isSuperuser = isSuperuser
    }
}

/// What a caller wants to do with an entry: `FsAction`'s bits.
package struct Access: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let execute = Access(rawValue: 1)
    package static let write = Access(rawValue: 2)
    package static let read = Access(rawValue: 4)

    /// - Parameter symbol: `FsAction.SYMBOL`: `rwx` with a dash for what is not asked.
    /// - Returns: nil for anything else.
    package init?(symbol: String) {
        var access: Access = []
        guard symbol.utf8.count == 3 else { return nil }
        for (letter, (expected, bit)) in zip(symbol, [("r", Access.read), ("w", .write), ("x", .execute)]) {
            if String(letter) == expected {
                access.insert(bit)
            } else if letter != "-" {
                return nil
            }
        }
        self = access
    }

    /// `r-x`
    package var symbol: String {
        "\(self.contains(.read) ? "r" : "-")\(self.contains(.write) ? "w" : "-")\(self.contains(.execute) ? "x" : "-")"
    }

    /// `FsAction`'s name, as HDFS's message has it.
    var name: String {
        switch self {
        case []: "NONE"
        case .execute: "EXECUTE"
        case .write: "WRITE"
        case [.write, .execute]: "WRITE_EXECUTE"
        case .read: "READ"
        case [.read, .execute]: "READ_EXECUTE"
        case [.read, .write]: "READ_WRITE"
        default: "ALL"
        }
    }
}

extension Attributes {
    func allow(_ access: Access, _ caller: Caller) -> Bool {
        if caller.isSuperuser { return true }
        let (owner, middle, other) = self.classes
        if caller.user == self.owner { return owner.isSuperset(of: access) }
        guard self.hasAccessList else {
            return (caller.groups.contains(self.group) ? middle : other).isSuperset(of: access)
        }
        let list = self.acl.filter { $0.scope == .access }
        func allows(_ entry: AccessEntry) -> Bool { entry.permission.intersection(middle).isSuperset(of: access) }
        if let own = list.first(where: { $0.kind == .user && $0.name == caller.user }) { return allows(own) }
        // One group that may is enough; who is in any of them is none of the others.
        let groups = list.filter { $0.kind == .group && caller.groups.contains($0.name ?? self.group) }
        return groups.isEmpty ? other.isSuperset(of: access) : groups.contains(where: allows)
    }

    /// `drwxr-xr-x`
    func symbols(isDirectory: Bool) -> String {
        var text = isDirectory ? "d" : "-"
        for (index, letter) in "rwxrwxrwx".enumerated() {
            text.append(self.mode & (0o400 >> UInt16(index)) != 0 ? letter : "-")
        }
        if self.mode & Attributes.stickyBit != 0 {
            text.removeLast()
            text.append(self.mode & 1 != 0 ? "t" : "T")
        }
        return text
    }
}
