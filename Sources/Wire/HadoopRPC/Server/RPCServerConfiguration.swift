/// What a server listens on, serves and accepts.
package struct RPCServerConfiguration: Sendable {
    /// A name or an address of this host; `0.0.0.0` for every interface.
    package var host: String
    /// 0 for any free port.
    package var port: Int
    package var services: [any RPCService]
    package var authentication: RPCServerAuthentication
    package var limits: RPCServerLimits

    package init(
        host: String,
        port: Int,
        services: [any RPCService],
        authentication: RPCServerAuthentication,
        limits: RPCServerLimits = RPCServerLimits()
    ) {
        self.host = host
        self.port = port
        self.services = services
        self.authentication = authentication
        self.limits = limits
    }
}

/// How callers of a port prove who they are. Runs before any service sees a call.
package struct RPCServerAuthentication: Sendable {
    /// Whether the name that a client claims is taken for true (`hadoop.security.authentication=simple`).
    package var acceptsSimple: Bool

    /// The account behind a token identifier, with the password that proves it; nil when the port takes no tokens.
    /// Called on an event loop: must not block. Throws `.invalidToken(…)` for unknown keys, finished attempts and
    /// expired tokens.
    package var tokens: (@Sendable (_ identifier: [UInt8]) throws(RPCFailure) -> TokenAccount)?

    /// Whether `realUser` may act as `user` from `address` (`hadoop.proxyuser.*`). Throws what the client is told. When
    /// nil, nobody may act as somebody else.
    package var impersonation:
        (@Sendable (_ realUser: String, _ user: String, _ address: String) throws(RPCFailure) -> Void)?

    package init(
        acceptsSimple: Bool,
        tokens: (@Sendable (_ identifier: [UInt8]) throws(RPCFailure) -> TokenAccount)? = nil,
        impersonation: (
            @Sendable (_ realUser: String, _ user: String, _ address: String) throws(RPCFailure) -> Void
        )? = nil
    ) {
        self.acceptsSimple = acceptsSimple
        self.tokens = tokens
        self.impersonation = impersonation
    }

    /// Names are believed, tokens are not looked at.
    package static var simple: RPCServerAuthentication { RPCServerAuthentication(acceptsSimple: true) }
}

/// What a token stands for.
package struct TokenAccount: Sendable {
    /// One of `TokenKind`.
    package var kind: String
    /// The caller's name: the attempt id for AMRM and NM tokens, the owner for delegation tokens.
    package var user: String
    package var realUser: String?
    /// What the token's holder must know: the HMAC under the issuer's key.
    package var password: [UInt8]

    package init(kind: String, user: String, realUser: String? = nil, password: [UInt8]) {
        self.kind = kind
        self.user = user
        self.realUser = realUser
        self.password = password
    }
}
