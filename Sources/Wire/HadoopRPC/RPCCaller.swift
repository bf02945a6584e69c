/// Who calls, as authenticated before dispatch.
package struct RPCCaller: Sendable, Hashable {
    /// The short name of the effective user. For token callers the user that the token names.
    package var user: String
    /// Who really connected when `user` is impersonated; nil otherwise.
    package var realUser: String?
    package var authentication: Authentication
    /// The peer's IP address, without port.
    package var address: String

    package enum Authentication: Sendable, Hashable {
        /// The name is only what the client claimed.
        case simple
        /// The client proved that it holds this token.
        case token(kind: String, identifier: [UInt8])
    }

    package init(user: String, realUser: String? = nil, authentication: Authentication, address: String) {
        self.user = user
        self.realUser = realUser
        self.authentication = authentication
        self.address = address
    }
}
