import ClusterModel
import Crypto
import HadoopHTTP
import HadoopWire
import StagingCore

/// WebHDFS's delegation tokens: who shows one acts as its owner, from wherever the call comes.
struct TokenService: Sendable {
    let driver: StagingDriver

    /// As long as the HMAC that it is for.
    static func newKey() -> [UInt8] {
        unsafe SymmetricKey(size: SymmetricKeySize(bitCount: 160)).withUnsafeBytes { unsafe Array($0) }
    }

    /// - Parameters:
    ///   - service: the address that the client knows this server by.
    ///   - realUser: who asks on the caller's behalf; nil for the caller.
    ///   - kind: what the client will look for.
    /// - Returns: the token as text for addresses.
    func issue(
        to caller: Caller,
        askedBy realUser: String?,
        renewer: String,
        service: String,
        kind: String
    ) async throws -> String {
        let (token, key) = try await self.driver.stepTokens { tokens, now in
            let token = try tokens.issue(to: caller.user, renewer: renewer, realUser: realUser ?? "", at: now)
            return (token, tokens.key(token.keyID))
        }
        guard let key else { throw StagingRefusal.notPossible("No token can be issued: its key is gone") }
        let identifier = Self.identifier(of: token).bytes
        return HadoopToken(
            identifier: identifier,
            password: TokenPassword.hmacSHA1(key: key.bytes, identifier: identifier),
            kind: kind,
            service: service
        ).urlString
    }

    /// The token behind a text, if this server signed it and it is still good.
    /// - Throws: `StagingRefusal.invalidToken`.
    func known(_ text: String) throws -> StagingToken {
        let shown = try self.signed(text)
        return try self.driver.withTokens { tokens, now in try tokens.known(shown, at: now) }
    }

    /// What a text says, if this server signed it.
    func signed(_ text: String) throws(StagingRefusal) -> StagingToken {
        guard let token = HadoopToken(urlString: text),
            let identifier = try? HDFSTokenIdentifier(bytes: token.identifier)
        else { throw .invalidToken("the text is no token") }
        let key = self.driver.withTokens { tokens, _ in tokens.key(identifier.masterKeyID) }
        guard let key, TokenPassword.isValid(token.password, key: key.bytes, identifier: token.identifier) else {
            throw .invalidToken(
                "token (sequence number \(identifier.sequenceNumber)) for \(identifier.owner) was not signed here"
            )
        }
        return StagingToken(
            number: identifier.sequenceNumber,
            owner: identifier.owner,
            renewer: identifier.renewer,
            realUser: identifier.realUser,
            issuedAt: identifier.issueDate,
            maximumDate: identifier.maxDate,
            keyID: identifier.masterKeyID,
            expiresAt: identifier.maxDate
        )
    }

    private static func identifier(of token: StagingToken) -> HDFSTokenIdentifier {
        HDFSTokenIdentifier(
            owner: token.owner,
            renewer: token.renewer,
            realUser: token.realUser,
            issueDate: token.issuedAt,
            maxDate: token.maximumDate,
            sequenceNumber: token.number,
            masterKeyID: token.keyID
        )
    }
}

/// The calls about delegation tokens.
extension StagingCall {
    /// Null where tokens are not given out, as HDFS answers without Kerberos: Hadoop's client goes on without one.
    func issueToken() async throws -> String? {
        guard self.service.issuesTokens else { return nil }
        try self.checkNamed("issued")
        let asked = self.parameters.text("renewer") ?? self.caller.user
        return try await self.service.tokens.issue(
            to: self.caller,
            askedBy: self.realUser,
            // The first part of a Kerberos principal.
            renewer: String(asked.prefix { $0 != "/" && $0 != "@" }),
            service: self.parameters.text("service") ?? self.request.authority ?? "",
            kind: self.parameters.text("kind")
                ?? (self.request.isSecure ? TokenKind.secureWebHDFS : TokenKind.webHDFS)
        )
    }

    func renewToken() async throws -> Int64 {
        try self.checkNamed("renewed")
        let shown = try self.service.tokens.signed(try self.parameters.required("token"))
        let user = self.caller.user
        let expiry = try await self.driver.stepTokens { tokens, now in try tokens.renew(shown, by: user, at: now) }
        return expiry.milliseconds
    }

    func cancelToken() async throws {
        let shown = try self.service.tokens.signed(try self.parameters.required("token"))
        let user = self.caller.user
        try await self.driver.stepTokens { tokens, now in try tokens.cancel(shown, by: user, at: now) }
    }

    /// Else who has one token could live on it forever.
    private func checkNamed(_ done: String) throws(RESTFailure) {
        guard self.request.query.first("delegation") == nil else {
            throw RESTFailure(
                status: 403,
                javaClassName: "java.io.IOException",
                message: "Delegation Token can be \(done) only by callers who do not show one"
            )
        }
    }
}
