/// One entry of an access control list (`AclEntry`): what somebody may do, or, of the default scope, what somebody may do
/// with the entries that are made in a folder.
package struct AccessEntry: Hashable, Sendable {
    package enum Scope: Int, Hashable, Sendable, CaseIterable, Comparable {
        case access
        case byDefault

        package static func < (left: Scope, right: Scope) -> Bool { left.rawValue < right.rawValue }
    }

    /// In the order in which HDFS lists them.
    package enum Kind: Int, Hashable, Sendable, CaseIterable, Comparable {
        case user
        case group
        /// The most that named users, and all groups, get.
        case mask
        case other

        package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }

        var word: String {
            switch self {
            case .user: "user"
            case .group: "group"
            case .mask: "mask"
            case .other: "other"
            }
        }
    }

    package var scope: Scope
    package var kind: Kind
    /// Nil for the owner, the owning group, the mask and all others.
    package var name: String?
    package var permission: Access

    package init(_ scope: Scope, _ kind: Kind, _ name: String? = nil, _ permission: Access) {
        self.scope = scope
        self.kind = kind
        self.name = name
        self.permission = permission
    }

    /// What an entry is about: a list has each once.
    struct Key: Hashable, Comparable {
        var scope: Scope
        var kind: Kind
        var name: String?

        static func < (left: Key, right: Key) -> Bool {
            if left.scope != right.scope { return left.scope < right.scope }
            if left.kind != right.kind { return left.kind < right.kind }
            guard let rightName = right.name else { return false }
            return left.name.map { Array($0.utf8).lexicographicallyPrecedes(Array(rightName.utf8)) } ?? true
        }
    }

    var key: Key { Key(scope: self.scope, kind: self.kind, name: self.name) }

    /// `default:user:bob:r-x`
    package var text: String {
        "\(self.scope == .byDefault ? "default:" : "")\(self.kind.word):\(self.name ?? ""):\(self.permission.symbol)"
    }

    // MARK: Text

    /// Entries by commas, as `setfacl` and WebHDFS write them.
    /// - Parameter withPermissions: false where entries are only named, to be removed; a permission is then passed over.
    /// - Throws: `illegalArgument`, saying which part it is.
    package static func list(_ text: String, withPermissions: Bool) throws(StagingRefusal) -> [AccessEntry] {
        var entries: [AccessEntry] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let entry = Self.entry(part, withPermissions: withPermissions) else {
                throw .illegalArgument("Invalid <aclSpec> : \(part.isEmpty ? text : String(part))")
            }
            entries.append(entry)
            guard entries.count <= 4 * AccessList.entriesMaximum else {
                throw .illegalArgument("Invalid <aclSpec> : it has too many entries")
            }
        }
        return entries
    }

    private static func entry(_ text: Substring, withPermissions: Bool) -> AccessEntry? {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
        var scope = Scope.access
        if parts.first == "default" {
            scope = .byDefault
            parts.removeFirst()
        }
        guard let word = parts.popFirst(), let kind = Kind.allCases.first(where: { $0.word == word }) else {
            return nil
        }
        let name = parts.popFirst().map(String.init) ?? ""
        guard name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        let symbol = parts.popFirst().map(String.init)
        guard parts.isEmpty, !withPermissions || symbol != nil else { return nil }
        var permission: Access = []
        if let symbol, withPermissions || !symbol.isEmpty {
            guard let known = Access(symbol: symbol) else { return nil }
            permission = known
        }
        return AccessEntry(scope, kind, name.isEmpty ? nil : name, permission)
    }
}
