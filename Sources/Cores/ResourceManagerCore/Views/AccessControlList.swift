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

    package func allows(_ user: String, groups: [String]) -> Bool {
        self.allowsEverybody || self.users.contains(user) || groups.contains { self.groups.contains($0) }
    }
}

extension ResourceManagerSettings {
    /// True for an administrator (`yarn.admin.acl`), and for everybody when access control is off.
    package func isAdministrator(_ caller: Caller) -> Bool {
        !self.isAccessControlEnabled
            || AccessControlList(self.adminAccessControl).allows(caller.user, groups: caller.groups)
    }

    /// True when `caller` may do this to an application: its owner, an administrator, whoever its list names, and
    /// everybody when access control is off (`yarn.acl.enable`).
    package func allows(
        _ caller: Caller,
        _ operation: ApplicationOperation,
        owner: String,
        viewAccessControl: String?,
        modifyAccessControl: String?
    ) -> Bool {
        guard self.isAccessControlEnabled, caller.user != owner else { return true }
        let list =
            switch operation {
            case .view: viewAccessControl
            case .modify: modifyAccessControl
            }
        return AccessControlList(list ?? " ").allows(caller.user, groups: caller.groups)
            || self.isAdministrator(caller)
    }

    /// As above, for readers of a published view.
    package func allows(_ caller: Caller, _ operation: ApplicationOperation, on application: ApplicationView) -> Bool {
        self.allows(
            caller,
            operation,
            owner: application.user,
            viewAccessControl: application.viewAccessControl,
            modifyAccessControl: application.modifyAccessControl
        )
    }
}
