/// Users and groups in Hadoop's form: `user1,user2 group1,group2`; `*` is everybody, a single blank nobody.
package struct AccessControlList: Sendable, Hashable {
    private var allowsEverybody: Bool
    private var users: Set<String>
    private var groups: Set<String>

    package init(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        func names(_ index: Int) -> Set<String> {
            guard index < parts.count else { return [] }
            let trimmed = parts[index].split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            return Set(trimmed.filter { !$0.isEmpty })
        }
        self.users = names(0)
        self.groups = names(1)
        self.allowsEverybody = self.users.contains("*") || self.groups.contains("*")
    }

    package mutating func add(_ user: String) { self.users.insert(user) }

    package func allows(_ user: String, groups: [String]) -> Bool {
        self.allowsEverybody || self.users.contains(user) || groups.contains { self.groups.contains($0) }
    }
}

/// Who may do what with what belongs to an application: `yarn.acl.enable` and `yarn.admin.acl`.
package struct ApplicationAccessRules: Sendable, Hashable {
    /// False: everybody may do everything.
    package var isEnabled: Bool
    package var administrators: AccessControlList

    package init(isEnabled: Bool = false, administrators: String = "*") {
        self.isEnabled = isEnabled
        self.administrators = AccessControlList(administrators)
    }

    /// True for an administrator, and for everybody when access control is off.
    package func isAdministrator(_ user: String, groups: [String]) -> Bool {
        !self.isEnabled || self.administrators.allows(user, groups: groups)
    }

    /// - Parameters:
    ///   - owner: whose application it is; nil when nobody knows, so that only administrators remain.
    ///   - list: the application's own VIEW_APP or MODIFY_APP list; nil: it names nobody.
    package func allows(_ user: String, groups: [String], owner: String?, list: String?) -> Bool {
        guard self.isEnabled, user != owner else { return true }
        return AccessControlList(list ?? " ").allows(user, groups: groups)
            || self.isAdministrator(user, groups: groups)
    }
}
