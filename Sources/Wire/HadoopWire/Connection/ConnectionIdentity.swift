/// Who is at the other end of a connection, once that is settled.
package struct ConnectionIdentity: Hashable, Sendable {
    package enum Proof: Hashable, Sendable {
        /// None: the name is what the client claimed.
        case claimed
        case token(kind: String, identifier: [UInt8])
    }

    /// The short name of the effective user.
    package var user: String
    /// Who acts as `user`, when that is somebody else.
    package var realUser: String?
    package var proof: Proof

    package init(user: String, realUser: String?, proof: Proof) {
        self.user = user
        self.realUser = realUser
        self.proof = proof
    }

    /// A principal without host and realm: `yarn/host@REALM` is `yarn`.
    static func shortName(_ name: String) -> String {
        String(name.prefix { $0 != "/" && $0 != "@" })
    }
}
