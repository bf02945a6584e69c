/// Who may ask what on a web port: core-site.xml's `hadoop.http.*`.
package struct WebPolicy: Sendable {
    /// The name of a caller who gives none (`hadoop.http.staticuser.user`). It may read, never write.
    package var staticUser: String
    /// Whether callers without a name are answered (`hadoop.http.authentication.simple.anonymous.allowed`).
    package var allowsAnonymous: Bool
    /// A browser is told to keep the name that a caller gave, since pages show more to some than to others.
    package var remembersNames: Bool
    /// nil: pages of other origins may not read answers.
    package var crossOrigin: CrossOriginPolicy?

    package init(
        staticUser: String = WebUser.staticName,
        allowsAnonymous: Bool = true,
        remembersNames: Bool = false,
        crossOrigin: CrossOriginPolicy? = nil
    ) {
        self.staticUser = staticUser
        self.allowsAnonymous = allowsAnonymous
        self.remembersNames = remembersNames
        self.crossOrigin = crossOrigin
    }

    /// - Throws: `PlainRefusal` 401 for a caller without a name, where it needs one. A preflight has none by its nature.
    func checkName(_ request: WebRequest) throws {
        guard !self.allowsAnonymous, request.method != .options, request.claimedUser == nil else { return }
        throw PlainRefusal(
            status: 401,
            text: "Authentication required. Name a user with ?user.name=NAME.",
            headers: [WebHeader("WWW-Authenticate", "PseudoAuth")]
        )
    }

    /// Remembers the name for the links that a page holds: a browser does not carry `user.name` from one to the next.
    /// Like the name itself the cookie proves nothing, and like the parameter's absence it never allows a write.
    func cookie(for request: WebRequest) -> WebHeader? {
        guard self.remembersNames || !self.allowsAnonymous, request.query.first("user.name") != nil,
            let user = try? WebUser(of: request)
        else { return nil }
        return WebHeader(
            "Set-Cookie",
            "\(WebUser.cookieName)=\"u=\(user.name)&p=\(user.name)&t=simple\"; Path=/; HttpOnly; SameSite=Lax"
        )
    }
}
