import ClusterModel

/// What a launch context may not contain; the texts name the entry and the rule.
enum RequestChecks {
    /// Names in the work directory that belong to the NodeManager.
    private static let reservedNames: Set<String> = ["launch_container.sh", "container_tokens", "tmp"]

    /// - Returns: nil when the context can be launched.
    static func problem(in context: LaunchContext, user: String) -> String? {
        if let problem = self.problem(inUser: user) { return problem }
        for variable in context.environment where !isVariableName(variable.name) {
            return "Environment variable '\(variable.name)' cannot be exported by a shell: use letters, digits and '_',"
                + " not starting with a digit."
        }
        return self.problem(inNames: context.localResources.map(\.name)) ?? self.collision(in: context.localResources)
    }

    /// The user's name becomes a path and stands between double quotes in the launch script.
    private static func problem(inUser user: String) -> String? {
        let forbidden: Set<Character> = ["/", "\"", "$", "`", "\\", ",", ":"]
        let isFine =
            !user.isEmpty && user != "." && user != ".."
            && user.allSatisfy { !forbidden.contains($0) && !$0.isWhitespace && ($0.asciiValue ?? 0x80) >= 0x20 }
        return isFine ? nil : "User name '\(user)' cannot name a folder of this node."
    }

    /// Hadoop's clients cannot send one name twice, and its NodeManager would link whichever came last.
    private static func collision(in resources: [NamedResource]) -> String? {
        var known: [String: LocalResource] = [:]
        for named in resources {
            guard let other = known.updateValue(named.resource, forKey: named.name) else { continue }
            return "Local resources \(other.source.path) and \(named.resource.source.path) would both be linked as "
                + "'\(named.name)': choose separate names."
        }
        return nil
    }

    private static func problem(inNames names: [String]) -> String? {
        var links: Set<String> = []
        for name in names {
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            if name.contains("\0") || parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
                return "Local resource '\(name)' would leave the container's working directory: use a relative name"
                    + " without '.' and '..'."
            }
            if let first = parts.first, self.reservedNames.contains(String(first)) {
                return "Local resource '\(name)' has a name that belongs to the NodeManager: choose another."
            }
            links.insert(name)
        }
        // A link below another link would be written into the shared cache.
        for name in names {
            var parent = name
            while let slash = parent.lastIndex(of: "/") {
                parent = String(parent[..<slash])
                if links.contains(parent) {
                    return "Local resource '\(name)' lies inside local resource '\(parent)': choose separate names."
                }
            }
        }
        return nil
    }
}
