import Glibc
import Settings
import Staging

/// Which account of the operating system a user's containers run as.
struct ContainerAccounts: Sendable {
    private enum Rule: Sendable {
        /// The NodeManager's own: it has not the right to choose, or was told to.
        case own
        case submitter
        case fixed(String)
    }

    private let rule: Rule

    /// - Parameter isRoot: whether the NodeManager runs as root.
    init(_ settings: ContainerIdentitySettings, isRoot: Bool = geteuid() == 0) {
        switch settings.account {
        case _ where !isRoot || settings.allowsRoot: self.rule = .own
        case .submitter: self.rule = .submitter
        case .fixed(let name): self.rule = .fixed(name)
        }
    }

    /// Whether containers run as other users than the NodeManager.
    var areOthers: Bool {
        if case .own = self.rule { false } else { true }
    }

    /// - Returns: nil for the NodeManager's own account.
    /// - Throws: when the system knows no such user, or it is root.
    func account(of user: String) throws(AccountProblem) -> OperatingSystemAccount? {
        let name: String
        switch self.rule {
        case .own: return nil
        case .submitter: name = user
        case .fixed(let fixed): name = fixed
        }
        let found: OperatingSystemAccount?
        do throws(SystemError) {
            found = try OperatingSystemAccount.named(name)
        } catch {
            throw AccountProblem(description: "User \(name) cannot be looked up: \(error)")
        }
        guard let found else {
            throw AccountProblem(
                description: "This node has no user \(name): this NodeManager runs as root and containers as their"
                    + " submitter. Create the user, or set heddle.security.run-containers-as-root=true to run all"
                    + " containers as root."
            )
        }
        guard found.user != 0 else {
            throw AccountProblem(
                description: "User \(name) is root: containers do not run as root unless"
                    + " heddle.security.run-containers-as-root=true."
            )
        }
        return found
    }
}

struct AccountProblem: Error, Sendable, CustomStringConvertible {
    var description: String
}
