package import ClusterModel
import HadoopHTTP
import NodeManagerCore

/// Who may look at the logs on this node: with `yarn.acl.enable` an application's owner, whom its launch context names as
/// viewers, and administrators; else everybody.
package struct LogAccess: Sendable {
    private let rules: ApplicationAccessRules
    private let groups: UserGroups

    /// - Parameter processUser: the account of this NodeManager, an administrator of what it keeps, as in Hadoop.
    package init(rules: ApplicationAccessRules = ApplicationAccessRules(), processUser: String? = nil) {
        var rules = rules
        if let processUser { rules.administrators.add(processUser) }
        self.rules = rules
        self.groups = UserGroups()
    }

    /// A request for logs that is refused.
    enum Refusal: Error {
        /// The caller may not know more than this.
        case unknownContainer
        case notAuthorized(user: String, ApplicationID)

        /// Hadoop's words.
        var text: String {
            switch self {
            case .unknownContainer:
                "Unknown container. Container either has not started or has already completed or doesn't belong to this "
                    + "node at all."
            case .notAuthorized(let user, let application):
                "User [\(user)] is not authorized to view the logs for application \(application)"
            }
        }

        var status: Int {
            switch self {
            case .unknownContainer: 404
            case .notAuthorized: 403
            }
        }
    }

    /// - Parameters:
    ///   - view: nil for an application that is not known here: what it left is for administrators.
    /// - Throws: `Refusal`, or what a malformed name is answered with.
    func check(_ request: WebRequest, _ application: ApplicationID, _ view: NodeApplicationView?) async throws {
        guard self.rules.isEnabled else { return }
        let user = try WebUser(of: request).name
        guard await !self.allows(user, view) else { return }
        throw view == nil ? Refusal.unknownContainer : Refusal.notAuthorized(user: user, application)
    }

    func allows(_ request: WebRequest, _ view: NodeApplicationView?) async throws -> Bool {
        guard self.rules.isEnabled else { return true }
        return await self.allows(try WebUser(of: request).name, view)
    }

    private func allows(_ user: String, _ view: NodeApplicationView?) async -> Bool {
        if let view, view.user == user { return true }
        let groups = await self.groups.groups(of: user)
        return self.rules.allows(user, groups: groups, owner: view?.user, list: view?.viewers)
    }
}
