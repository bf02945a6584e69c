package import ClusterModel
import HadoopHTTP
package import HadoopWire

/// Who may look at aggregated logs: whom their file names as owner and viewers, and administrators; with access control
/// off everybody.
package struct LogViewers: Sendable {
    private let rules: @Sendable () -> ApplicationAccessRules
    private let processUser: String?
    private let groups = UserGroups()

    /// - Parameters:
    ///   - processUser: the account of the daemon that shows them, an administrator, as in Hadoop.
    ///   - rules: those of the moment.
    package init(processUser: String? = nil, rules: @escaping @Sendable () -> ApplicationAccessRules) {
        self.processUser = processUser
        self.rules = rules
    }

    package func allow(_ user: String, _ contents: AggregatedLog) async -> Bool {
        let rules = self.rules()
        guard rules.isEnabled, user != contents.owner, user != self.processUser else { return true }
        return rules.allows(
            user,
            groups: await self.groups.groups(of: user),
            owner: contents.owner,
            list: contents.viewers
        )
    }
}
