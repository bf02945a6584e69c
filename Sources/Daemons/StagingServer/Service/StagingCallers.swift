import Glibc
import HadoopHTTP
import NIOConcurrencyHelpers
import StagingCore

/// Tells who asks. With simple authentication a name is only a claim: it counts for callers on this machine and on
/// machines that the configuration trusts. Others show a delegation token.
final class StagingCallers: Sendable {
    private let superuser: String
    private let supergroup: String
    private let trustedAddresses: Set<String>
    private let groups = NIOLockedValueBox<[String: (names: [String], until: ContinuousClock.Instant)]>([:])

    init(superuser: String, supergroup: String, trustedAddresses: Set<String>) {
        self.superuser = superuser
        self.supergroup = supergroup
        self.trustedAddresses = trustedAddresses
    }

    /// - Throws: `RESTFailure` 401 for a caller who is nobody, 403 for one who wants to be somebody else;
    ///   `StagingRefusal.invalidToken`.
    func caller(of request: WebRequest, _ tokens: TokenService) throws -> Caller {
        let user = try self.user(of: request, tokens)
        if let other = request.query.first("doas"), other != user {
            throw RESTFailure(
                status: 403,
                javaClassName: "org.apache.hadoop.security.authorize.AuthorizationException",
                message: "User: \(user) is not allowed to impersonate \(other)"
            )
        }
        let groups = self.groups(of: user)
        return Caller(
            user: user,
            groups: groups,
            isSuperuser: user == self.superuser || groups.contains(self.supergroup)
        )
    }

    /// A token's owner, whoever else the caller says to be; else the name that is given, if it is believed.
    private func user(of request: WebRequest, _ tokens: TokenService) throws -> String {
        if let token = request.query.first("delegation") { return try tokens.known(token).owner }
        let isTrusted =
            HostGuard.isLocal(request.peerAddress, to: request.localAddress)
            || self.trustedAddresses.contains(request.peerAddress)
        guard isTrusted else {
            throw RESTFailure.unauthenticated(
                "A name alone is not believed from \(request.peerAddress): show a delegation token, or name "
                    + "that address in heddle.staging.trusted-addresses"
            )
        }
        guard case .named(let user) = try WebUser(of: request) else {
            throw RESTFailure.unauthenticated("Authentication required: name a user with user.name")
        }
        return user
    }

    /// `hadoop.security.groups.cache.secs`
    private static let cacheTime: Duration = .seconds(300)
    private static let cacheMaximum = 10_000

    private func groups(of user: String) -> [String] {
        self.groups.withLockedValue { cache in
            let now = ContinuousClock.now
            if let known = cache[user], known.until > now { return known.names }
            if cache.count >= Self.cacheMaximum { cache = [:] }
            // Under the lock: the system's calls are not made for several threads.
            let names = Self.systemGroups(of: user)
            cache[user] = (names, now + Self.cacheTime)
            return names
        }
    }

    /// Empty for a user whom this machine does not know.
    private static func systemGroups(of user: String) -> [String] {
        guard let entry = unsafe getpwnam(user) else { return [] }
        let primary = unsafe entry.pointee.pw_gid
        var count: Int32 = 1_024
        var ids = [gid_t](repeating: 0, count: Int(count))
        guard unsafe getgrouplist(user, primary, &ids, &count) >= 0 else { return [] }
        return ids.prefix(Int(count)).compactMap { id in
            guard let group = unsafe getgrgid(id) else { return nil }
            return unsafe String(cString: group.pointee.gr_name)
        }
    }
}
