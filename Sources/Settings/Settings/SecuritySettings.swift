package import HadoopConfig

/// Who may reach the daemons and what they may do there.
package struct SecuritySettings: Hashable, Sendable {
    package enum Authentication: String, Hashable, Sendable {
        /// Callers say who they are, and are believed.
        case simple
        case kerberos
    }

    /// `hadoop.security.authentication`
    package var authentication: Authentication
    /// `heddle.security.allow-insecure-network`
    package var allowsInsecureNetwork: Bool
    /// `heddle.security.run-containers-as-root`
    package var runsContainersAsRoot: Bool
    /// `hadoop.proxyuser.*`: who may act for whom.
    package var impersonation: [ImpersonationRule]
    /// `hadoop.security.token.service.use_ip`
    package var tokenServiceUsesIP: Bool

    /// True while anything but loopback would be an open door.
    package var requiresLoopback: Bool { self.authentication == .simple && !self.allowsInsecureNetwork }

    package init(_ configuration: Configuration) throws(ConfigurationError) {
        let authentication = try configuration.value(of: CoreKeys.authentication)
        self.authentication = Authentication(rawValue: authentication) ?? .simple
        self.allowsInsecureNetwork = try configuration.value(of: HeddleKeys.allowInsecureNetwork)
        self.runsContainersAsRoot = try configuration.value(of: HeddleKeys.runContainersAsRoot)
        self.impersonation = try ImpersonationRule.all(in: configuration)
        self.tokenServiceUsesIP = try configuration.value(of: CoreKeys.serviceUsesIP)
        guard self.authentication != .kerberos else {
            throw ConfigurationError(
                configuration.problem(
                    CoreKeys.authentication.name,
                    authentication,
                    "Kerberos is not built yet; accepted: simple"
                )
            )
        }
    }

    /// What to say at start about addresses that other machines reach, or nil when there is nothing to say.
    package func networkWarning(_ addresses: [ListenAddress]) -> String? {
        let open = addresses.filter { !$0.isLoopback }
        guard self.authentication == .simple, !open.isEmpty else { return nil }
        let list = open.map { NetworkAddress(host: $0.bindHost, port: $0.port).description }.joined(separator: ", ")
        return
            "\(HeddleKeys.allowInsecureNetwork.name) is true: \(list) can be reached from other machines, and callers "
            + "are believed whatever name they give. Whoever reaches these ports can run any command here, which is how "
            + "YARN clusters were taken over by cryptominers. Keep strangers out by a firewall"
    }
}

/// `hadoop.proxyuser.NAME.hosts`, `.users` and `.groups`: whom the user NAME may act for, and from where.
package struct ImpersonationRule: Hashable, Sendable {
    package var user: String
    /// Addresses, names or networks (10.0.0.0/8) that it may come from; `*` for any.
    package var hosts: [String]
    /// Users that it may act for; `*` for any.
    package var users: [String]
    /// Groups whose members it may act for; `*` for any.
    package var groups: [String]

    static func all(in configuration: Configuration) throws(ConfigurationError) -> [ImpersonationRule] {
        let prefix = "hadoop.proxyuser."
        var names: [String] = []
        for entry in configuration.setEntries where entry.key.hasPrefix(prefix) {
            let rest = entry.key.dropFirst(prefix.count)
            guard let dot = rest.lastIndex(of: "."), dot != rest.startIndex else { continue }
            let name = String(rest[..<dot])
            if !names.contains(name) {
                names.append(name)
            }
        }
        var rules: [ImpersonationRule] = []
        for name in names {
            func list(_ field: String) throws(ConfigurationError) -> [String] {
                let key = ConfigurationKey<[String]>("\(prefix)\(name).\(field)", default: "", .list)
                return try configuration.value(of: key)
            }
            rules.append(
                ImpersonationRule(
                    user: name,
                    hosts: try list("hosts"),
                    users: try list("users"),
                    groups: try list("groups")
                )
            )
        }
        return rules
    }
}
