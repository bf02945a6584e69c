/// The tokens and secrets of one user or container, as Hadoop's credentials files hold them (`HDTS` format). The order
/// of entries is kept.
package struct Credentials: Hashable, Sendable {
    package struct TokenEntry: Hashable, Sendable {
        /// By convention the token's service.
        package var alias: String
        package var token: HadoopToken

        package init(alias: String, token: HadoopToken) {
            self.alias = alias
            self.token = token
        }
    }

    package struct SecretEntry: Hashable, Sendable {
        package var alias: String
        package var bytes: [UInt8]

        package init(alias: String, bytes: [UInt8]) {
            self.alias = alias
            self.bytes = bytes
        }
    }

    package var tokens: [TokenEntry]
    package var secrets: [SecretEntry]

    package init(tokens: [TokenEntry] = [], secrets: [SecretEntry] = []) {
        self.tokens = tokens
        self.secrets = secrets
    }

    /// Adds a token, or replaces the one with the same alias.
    package mutating func set(_ token: HadoopToken, alias: String) {
        let entry = TokenEntry(alias: alias, token: token)
        if let index = self.tokens.firstIndex(where: { $0.alias == alias }) {
            self.tokens[index] = entry
        } else {
            self.tokens.append(entry)
        }
    }

    /// The first token of this kind.
    package func token(kind: String) -> HadoopToken? {
        self.tokens.first { $0.token.kind == kind }?.token
    }
}
