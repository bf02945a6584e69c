/// The server's side of one DIGEST-MD5 exchange. It has no states of its own: one challenge, one response.
package struct DigestMD5Server: Sendable {
    /// Chosen by the server, once per connection: text that nobody can guess, without quotes or backslashes.
    private let nonce: String

    package init(nonce: String) {
        self.nonce = nonce
    }

    package var challenge: [UInt8] {
        Array(
            "realm=\"\(DigestMD5.realm)\",nonce=\"\(self.nonce)\",qop=\"auth\",charset=utf-8,algorithm=md5-sess".utf8
        )
    }

    /// A response that is well-formed and belongs to this challenge; whether it is true depends on the password.
    package struct Claim: Sendable {
        /// Who the client says it is.
        package let identifier: [UInt8]
        let exchange: DigestMD5.Exchange
        let digest: String

        /// Checks the digest.
        /// - Returns: the server's own proof, to be sent with SUCCESS.
        package func verified(password: [UInt8]) throws(DigestError) -> [UInt8] {
            guard DigestMD5.matches(self.exchange.clientDigest(password: password), self.digest.lowercased()) else {
                throw .wrongDigest
            }
            return Array("rspauth=\(self.exchange.serverDigest(password: password))".utf8)
        }
    }

    /// Reads the client's response.
    package func claim(in response: [UInt8]) throws(DigestError) -> Claim {
        let directives = try DigestDirectives(response)
        let username = try directives.required("username")
        guard let identifier = Base64.decode(username) else {
            throw .unacceptable(name: "username", value: username)
        }
        try self.require("nonce", self.nonce, of: directives)
        try self.require("realm", DigestMD5.realm, of: directives)
        try self.require("digest-uri", DigestMD5.uri, of: directives)
        try self.require("nc", DigestMD5.firstNonceCount, of: directives)
        let qop = directives["qop"] ?? "auth"
        guard qop == "auth" else { throw .unacceptable(name: "qop", value: qop) }
        if let authorization = directives["authzid"] {
            throw .unacceptable(name: "authzid", value: authorization)
        }
        let exchange = DigestMD5.Exchange(
            username: username,
            realm: DigestMD5.realm,
            nonce: self.nonce,
            cnonce: try directives.required("cnonce"),
            nonceCount: DigestMD5.firstNonceCount,
            uri: DigestMD5.uri
        )
        return Claim(identifier: identifier, exchange: exchange, digest: try directives.required("response"))
    }

    private func require(_ name: String, _ value: String, of directives: DigestDirectives) throws(DigestError) {
        let given = try directives.required(name)
        guard given == value else { throw .unacceptable(name: name, value: given) }
    }
}
