import HadoopProtos

import struct FoundationEssentials.Data

/// What a port accepts as proof of who calls.
package struct ServerAuthentication: Sendable {
    /// Whether the name that a client claims is believed.
    package var acceptsSimple: Bool
    /// Looks up who a token identifier stands for; nil when the port takes no tokens.
    package var tokens: (@Sendable (_ identifier: [UInt8]) throws(WireRefusal) -> TokenHolder)?
    /// Whether `realUser` may act as `user` from `address`; nil when nobody may.
    package var impersonation:
        (@Sendable (_ realUser: String, _ user: String, _ address: String) throws(WireRefusal) -> Void)?
    /// Whether the first challenge rides on the offer, which saves the client a round trip. Hadoop's servers do so.
    package var offersChallengeEarly: Bool

    package init(
        acceptsSimple: Bool,
        tokens: (@Sendable (_ identifier: [UInt8]) throws(WireRefusal) -> TokenHolder)? = nil,
        impersonation: (
            @Sendable (_ realUser: String, _ user: String, _ address: String) throws(WireRefusal) -> Void
        )? = nil,
        offersChallengeEarly: Bool = true
    ) {
        self.acceptsSimple = acceptsSimple
        self.tokens = tokens
        self.impersonation = impersonation
        self.offersChallengeEarly = offersChallengeEarly
    }

    /// In the order that clients are to try them.
    var methods: [AuthMethod] {
        AuthMethod.allCases.filter { method in
            guard method.isImplemented else { return false }
            return switch method {
            case .token: self.tokens != nil
            case .simple: self.acceptsSimple
            case .kerberos, .plain: false
            }
        }
    }

    /// As Hadoop names them in refusals.
    var availableText: String {
        "Available:[\(self.methods.map(\.rawValue).joined(separator: ", "))]"
    }
}

/// Who a token identifier stands for, and what its holder must know.
package struct TokenHolder: Sendable, Hashable {
    package var kind: String
    package var user: String
    package var realUser: String?
    package var password: [UInt8]

    package init(kind: String, user: String, realUser: String?, password: [UInt8]) {
        self.kind = kind
        self.user = user
        self.realUser = realUser
        self.password = password
    }
}

/// The server's side of the SASL exchange of one connection: `initial → offered → (challenged →) finished`. A client
/// that chooses what was not offered gets the offer once more, and no third time.
struct SaslServer: Sendable {
    enum Action: Sendable {
        case reply(RpcSaslProto)
        /// The client proved that it holds a token.
        case acceptToken(RpcSaslProto, TokenHolder, identifier: [UInt8])
        /// The connection goes on as if no SASL had been asked for; nothing is sent when there is no reply.
        case switchToSimple(RpcSaslProto?)
        case refuse(WireRefusal)
    }

    private enum State: Sendable {
        /// Can transition to: `offered`, `finished`
        case initial
        /// Can transition to: `challenged`, `offered` again, `finished`
        case offered(restarts: Int)
        /// Can transition to: `finished`
        case challenged
        case finished
    }

    private let authentication: ServerAuthentication
    private let digest: DigestMD5Server
    private var state: State

    init(authentication: ServerAuthentication, nonce: String) {
        self.authentication = authentication
        self.digest = DigestMD5Server(nonce: nonce)
        self.state = .initial
    }

    mutating func received(_ message: RpcSaslProto) -> Action {
        switch (self.state, message.state) {
        case (.initial, .negotiate): self.negotiate()
        case (.offered(let restarts), .initiate): self.initiate(message, restarts: restarts)
        case (.challenged, .response): self.response(message)
        case (.initial, .initiate): self.offer(restarts: 0)
        case (.initial, _), (.offered, _), (.challenged, _), (.finished, _): self.outOfTurn(message)
        }
    }

    private mutating func negotiate() -> Action {
        guard self.authentication.methods.contains(where: { $0 != .simple }) else {
            self.state = .finished
            return .switchToSimple(Self.message(.success))
        }
        return self.offer(restarts: 0)
    }

    private mutating func offer(restarts: Int) -> Action {
        self.state = .offered(restarts: restarts)
        var offer = Self.message(.negotiate)
        let challenge = self.authentication.offersChallengeEarly ? self.digest.challenge : nil
        offer.auths = self.authentication.methods.map { $0.offer(challenge: $0 == .token ? challenge : nil) }
        return .reply(offer)
    }

    private mutating func initiate(_ message: RpcSaslProto, restarts: Int) -> Action {
        guard message.auths.count == 1, let method = self.offered(message.auths[0]) else {
            guard restarts < WireLimits.saslRestartsMaximum else {
                let chosen = message.auths.first?.method ?? ""
                return self.refuse(
                    .unauthorized(
                        JavaClass.accessControl,
                        "\(chosen) authentication is not enabled.  \(self.authentication.availableText)"
                    )
                )
            }
            return self.offer(restarts: restarts + 1)
        }
        switch method {
        case .simple:
            self.state = .finished
            return .switchToSimple(nil)
        case .token:
            guard !message.token.isEmpty else {
                self.state = .challenged
                var challenge = Self.message(.challenge)
                challenge.token = Data(self.digest.challenge)
                return .reply(challenge)
            }
            return self.response(message)
        case .kerberos, .plain:
            return self.refuse(.unauthorized(JavaClass.accessControl, "\(method.rawValue) is not supported"))
        }
    }

    /// The method that the client chose, if it was offered.
    private func offered(_ choice: RpcSaslProto.SaslAuth) -> AuthMethod? {
        guard let method = AuthMethod(choice), self.authentication.methods.contains(method) else { return nil }
        let offer = method.offer(challenge: nil)
        guard choice.protocol == offer.protocol, choice.serverID == offer.serverID else { return nil }
        return method
    }

    private mutating func response(_ message: RpcSaslProto) -> Action {
        guard let tokens = self.authentication.tokens else {
            return self.refuse(.unauthorized(JavaClass.accessControl, "TOKEN authentication is not enabled."))
        }
        do {
            let claim = try self.digest.claim(in: Array(message.token))
            let holder = try tokens(claim.identifier)
            var success = Self.message(.success)
            success.token = Data(try claim.verified(password: holder.password))
            self.state = .finished
            return .acceptToken(success, holder, identifier: claim.identifier)
        } catch let refusal as WireRefusal {
            return self.refuse(.unauthorized(refusal.exceptionClass, refusal.message))
        } catch DigestError.wrongDigest {
            return self.refuse(
                .unauthorized(JavaClass.invalidToken, "The token's password does not match its identifier")
            )
        } catch {
            return self.refuse(.unauthorized(JavaClass.sasl, "\(error)"))
        }
    }

    private mutating func outOfTurn(_ message: RpcSaslProto) -> Action {
        self.refuse(.unauthorized(JavaClass.sasl, "Client sent unsupported state \(Self.name(message.state))"))
    }

    private mutating func refuse(_ refusal: WireRefusal) -> Action {
        self.state = .finished
        return .refuse(refusal)
    }

    private static func message(_ state: RpcSaslProto.SaslState) -> RpcSaslProto {
        var message = RpcSaslProto()
        message.state = state
        return message
    }

    private static func name(_ state: RpcSaslProto.SaslState) -> String {
        switch state {
        case .success: "SUCCESS"
        case .negotiate: "NEGOTIATE"
        case .initiate: "INITIATE"
        case .challenge: "CHALLENGE"
        case .response: "RESPONSE"
        case .wrap: "WRAP"
        }
    }
}
