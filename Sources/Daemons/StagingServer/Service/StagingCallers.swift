import HadoopHTTP
import StagingCore

/// Tells who asks. With simple authentication a name is only a claim: it counts for callers on this machine and on
/// machines that the configuration trusts. Others show a delegation token.
final class StagingCallers: Sendable {
    private let superuser: String
    private let supergroup: String
    private let trustedAddresses: Set<String>
    private let refusesImpersonation: @Sendable (String, String, String) -> String?
    private let groups = UserGroups()

    init(
        superuser: String,
        supergroup: String,
        trustedAddresses: Set<String>,
        refusesImpersonation: @escaping @Sendable (_ realUser: String, _ user: String, _ address: String) -> String?
    ) {
        self.superuser = superuser
        self.supergroup = supergroup
        self.trustedAddresses = trustedAddresses
        self.refusesImpersonation = refusesImpersonation
    }

    /// - Returns: who asks, and who acts for them, if another user does (`doas`).
    /// - Throws: `RESTFailure` 401 for a caller who is nobody, 403 for one who may not be somebody else;
    ///   `StagingRefusal.invalidToken`.
    func caller(of request: WebRequest, _ tokens: TokenService) async throws -> (caller: Caller, realUser: String?) {
        let own = try self.user(of: request, tokens)
        var user = own
        if let other = request.query.first("doas"), other != own {
            try self.checkImpersonation(by: own, of: other, request)
            user = other
        }
        let groups = await self.groups.groups(of: user)
        let caller = Caller(
            user: user,
            groups: groups,
            isSuperuser: user == self.superuser || groups.contains(self.supergroup)
        )
        return (caller, user == own ? nil : own)
    }

    /// A token is good for its owner alone.
    private func checkImpersonation(by user: String, of other: String, _ request: WebRequest) throws(RESTFailure) {
        guard WebUser.isPlain(other) else {
            throw .parameter("doas", "\"\(other.prefix(64))\" is no name of a user")
        }
        let refusal =
            request.query.first("delegation") == nil
            ? self.refusesImpersonation(user, other, request.peerAddress)
            : "User: \(user) is not allowed to impersonate \(other)"
        guard let refusal else { return }
        throw RESTFailure(
            status: 403,
            javaClassName: "org.apache.hadoop.security.authorize.AuthorizationException",
            message: refusal
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
}
