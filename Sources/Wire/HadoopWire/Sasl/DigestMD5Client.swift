/// The client's side of one DIGEST-MD5 exchange: answers a challenge, then checks the server's proof.
package struct DigestMD5Client: Sendable {
    private let username: String
    private let password: [UInt8]
    /// Chosen by the client, once per connection: text that nobody can guess.
    private let cnonce: String

    package init(token: HadoopToken, cnonce: String) {
        self.username = Base64.encode(token.identifier)
        self.password = token.password
        self.cnonce = cnonce
    }

    /// What to send, and what the server must then know.
    package struct Answer: Sendable, Equatable {
        package let response: [UInt8]
        let serverProof: [UInt8]

        /// Checks SUCCESS's token.
        package func verify(_ token: [UInt8]) throws(DigestError) {
            guard
                DigestMD5.matches(
                    String(decoding: token, as: UTF8.self),
                    String(decoding: self.serverProof, as: UTF8.self)
                )
            else { throw .wrongDigest }
        }
    }

    package func answer(_ challenge: [UInt8]) throws(DigestError) -> Answer {
        let directives = try DigestDirectives(challenge)
        let nonce = try directives.required("nonce")
        let algorithm = try directives.required("algorithm")
        guard algorithm == "md5-sess" else { throw .unacceptable(name: "algorithm", value: algorithm) }
        if let offered = directives["qop"] {
            let levels = offered.split(separator: ",").map { $0.filter { $0 != " " } }
            guard levels.contains("auth") else { throw .unacceptable(name: "qop", value: offered) }
        }
        let exchange = DigestMD5.Exchange(
            username: self.username,
            realm: directives["realm"] ?? DigestMD5.realm,
            nonce: nonce,
            cnonce: self.cnonce,
            nonceCount: DigestMD5.firstNonceCount,
            uri: DigestMD5.uri
        )
        let response =
            "charset=utf-8,username=\"\(exchange.username)\",realm=\"\(quoted(exchange.realm))\","
            + "nonce=\"\(quoted(nonce))\",nc=\(exchange.nonceCount),cnonce=\"\(exchange.cnonce)\","
            + "digest-uri=\"\(exchange.uri)\",maxbuf=65536,"
            + "response=\(exchange.clientDigest(password: self.password)),qop=auth"
        return Answer(
            response: Array(response.utf8),
            serverProof: Array("rspauth=\(exchange.serverDigest(password: self.password))".utf8)
        )
    }

    /// RFC 2831's quoted string without its quotes.
    private func quoted(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            if character == "\"" || character == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(character)
        }
        return result
    }
}
