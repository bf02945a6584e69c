package import ClusterModel

extension ResourceManagerSettings {
    package var accessRules: ApplicationAccessRules {
        ApplicationAccessRules(isEnabled: self.isAccessControlEnabled, administrators: self.adminAccessControl)
    }

    /// True for an administrator (`yarn.admin.acl`), and for everybody when access control is off.
    package func isAdministrator(_ caller: Caller) -> Bool {
        self.accessRules.isAdministrator(caller.user, groups: caller.groups)
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
        return self.accessRules.allows(caller.user, groups: caller.groups, owner: owner, list: list)
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
