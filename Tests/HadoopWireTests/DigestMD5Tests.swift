import Testing

@testable import HadoopWire

struct DigestMD5Tests {
    private let token = HadoopToken(identifier: [1, 2, 3], password: [9, 8, 7], kind: "k", service: "s")

    private func answer(_ challenge: String) throws -> String {
        let client = DigestMD5Client(token: self.token, cnonce: "cn")
        return String(decoding: try client.answer(Array(challenge.utf8)).response, as: UTF8.self)
    }

    @Test func `client and server convince each other`() throws {
        let server = DigestMD5Server(nonce: "abc")
        let answer = try DigestMD5Client(token: self.token, cnonce: "cn").answer(server.challenge)
        let claim = try server.claim(in: answer.response)
        #expect(claim.identifier == self.token.identifier)
        let proof = try claim.verified(password: self.token.password)
        try answer.verify(proof)
    }

    @Test func `a wrong password convinces neither`() throws {
        let server = DigestMD5Server(nonce: "abc")
        let answer = try DigestMD5Client(token: self.token, cnonce: "cn").answer(server.challenge)
        let claim = try server.claim(in: answer.response)
        #expect(throws: DigestError.wrongDigest) { try claim.verified(password: [9, 8, 6]) }
        for proof in ["rspauth=00000000000000000000000000000000", "", "rspauth="] {
            #expect(throws: DigestError.wrongDigest) { try answer.verify(Array(proof.utf8)) }
        }
    }

    @Test func `an answer to another challenge is refused`() throws {
        let answer = try DigestMD5Client(token: self.token, cnonce: "cn")
            .answer(DigestMD5Server(nonce: "first").challenge)
        #expect(throws: DigestError.unacceptable(name: "nonce", value: "first")) {
            _ = try DigestMD5Server(nonce: "second").claim(in: answer.response)
        }
    }

    @Test(arguments: [
        ("nc=00000001", "nc=00000002", "nc"),
        ("digest-uri=\"/default\"", "digest-uri=\"/other\"", "digest-uri"),
        ("realm=\"default\"", "realm=\"other\"", "realm"),
        ("qop=auth", "qop=auth-conf", "qop"),
        ("qop=auth", "qop=auth,authzid=\"root\"", "authzid"),
        ("username=\"AQID\"", "username=\"?\"", "username"),
    ]) func `a changed directive is refused`(original: String, changed: String, name: String) throws {
        let server = DigestMD5Server(nonce: "abc")
        let answer = try self.answer(String(decoding: server.challenge, as: UTF8.self))
        #expect(answer.contains(original))
        let changedAnswer = Array(answer.replacing(original, with: changed).utf8)
        let error = #expect(throws: DigestError.self) { _ = try server.claim(in: changedAnswer) }
        guard case .unacceptable(let found, _)? = error else {
            Issue.record("refused for another reason: \(String(describing: error))")
            return
        }
        #expect(found == name)
    }

    @Test func `a response cut off anywhere is refused or unconvincing`() throws {
        let server = DigestMD5Server(nonce: "abc")
        let answer = try DigestMD5Client(token: self.token, cnonce: "cn").answer(server.challenge)
        let wholeDigest = answer.response.count - ",qop=auth".utf8.count
        for cut in 0..<wholeDigest {
            #expect(throws: DigestError.self, "\(cut)") {
                let claim = try server.claim(in: Array(answer.response[..<cut]))
                _ = try claim.verified(password: self.token.password)
            }
        }
    }

    @Test func `a challenge without what the client needs is not answered`() {
        for challenge in [
            "", "nonce=\"a\"", "algorithm=md5-sess", "nonce=\"a\",algorithm=md5", "nonce=\"a,algorithm=md5-sess",
            "nonce=\"a\",algorithm=md5-sess,qop=\"auth-conf\"", "nonce=\"a\\", "=", ",=\"", "nonce=\"a\"x",
        ] {
            #expect(throws: DigestError.self, "\(challenge)") { try self.answer(challenge) }
        }
    }

    @Test func `directives are read with blanks, escapes and empty elements`() throws {
        let directives = try DigestDirectives(
            Array(" a=1 ,, B = \"x\\\"y\\\\\" ,c=\"\"".replacing(" = ", with: "=").utf8)
        )
        #expect(directives["a"] == "1")
        #expect(directives["b"] == "x\"y\\")
        #expect(directives["c"] == "")
        #expect(throws: DigestError.repeated("a")) { try DigestDirectives(Array("a=1,a=2".utf8)) }
        #expect(try DigestDirectives(Array("realm=\"one\",realm=\"two\"".utf8))["realm"] == "one")
    }

    @Test func `a client quotes what a server chose`() throws {
        #expect(try self.answer("nonce=\"a\\\"b\",algorithm=md5-sess").contains("nonce=\"a\\\"b\""))
    }

    @Test func `digests are compared in full`() {
        #expect(DigestMD5.matches("abc", "abc"))
        #expect(!DigestMD5.matches("abc", "abd"))
        #expect(!DigestMD5.matches("abc", "ab"))
        #expect(!DigestMD5.matches("", "a"))
    }
}
