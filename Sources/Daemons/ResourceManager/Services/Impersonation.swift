import HadoopHTTP
import HadoopRPC
package import Settings
import Staging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Who may act for whom (`hadoop.proxyuser.NAME.hosts`, `.users`, `.groups`).
package struct Impersonation: Sendable {
    private let rules: [Rule]

    private struct Rule: Sendable {
        var user: String
        var allowsAnyHost: Bool
        var networks: [IPv4Network]
        var addresses: Set<String>
        var users: Set<String>
        var groups: Set<String>
    }

    /// Looks host names up now: once, at start.
    package init(_ rules: [ImpersonationRule]) {
        self.rules = rules.map { rule in
            Rule(
                user: rule.user,
                allowsAnyHost: rule.hosts.contains("*"),
                networks: rule.hosts.compactMap { IPv4Network($0) },
                addresses: Set(rule.hosts).union(rule.hosts.flatMap(Self.addresses(of:))),
                users: Set(rule.users),
                groups: Set(rule.groups)
            )
        }
    }

    /// - Throws: what the client is told when `realUser` may not.
    func check(_ realUser: String, _ user: String, _ address: String) throws(RPCFailure) {
        if let refusal = self.refusal(realUser, user, address) { throw .authorization(refusal) }
    }

    /// Why `realUser` may not act for `user` from an address, in Hadoop's words; nil if it may.
    package func refusal(_ realUser: String, _ user: String, _ address: String) -> String? {
        guard let rule = self.rules.first(where: { $0.user == realUser }), Self.covers(rule, user) else {
            return "User: \(realUser) is not allowed to impersonate \(user)"
        }
        let isHostAllowed =
            rule.allowsAnyHost || rule.addresses.contains(address)
            || rule.networks.contains { $0.contains(address) }
        return isHostAllowed ? nil : "Unauthorized connection for super-user: \(realUser) from IP \(address)"
    }

    private static func covers(_ rule: Rule, _ user: String) -> Bool {
        if rule.users.contains("*") || rule.users.contains(user) || rule.groups.contains("*") { return true }
        guard !rule.groups.isEmpty else { return false }
        return SystemGroups.groups(of: user).contains { rule.groups.contains($0) }
    }

    private static func addresses(of host: String) -> [String] {
        host == "*" || host.contains("/") ? [] : HostAddress.all(host)
    }
}

/// `10.0.0.0/8`.
struct IPv4Network: Hashable, Sendable {
    private var network: UInt32
    private var mask: UInt32

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Self.address(String(parts[0])), let bits = UInt32(parts[1]), bits <= 32
        else { return nil }
        self.mask = bits == 0 ? 0 : UInt32.max << (32 - bits)
        self.network = address & self.mask
    }

    func contains(_ text: String) -> Bool {
        Self.address(text).map { $0 & self.mask == self.network } ?? false
    }

    private static func address(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part) else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }
}
