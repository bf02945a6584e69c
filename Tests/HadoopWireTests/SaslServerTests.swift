import HadoopProtos
import Testing

import struct FoundationEssentials.Data

@testable import HadoopWire

struct SaslServerTests {
    private let token = HadoopToken(identifier: [1, 2, 3], password: [9], kind: "k", service: "")

    private func authentication(simple: Bool, tokens: Bool, early: Bool = true) -> ServerAuthentication {
        let password = self.token.password
        let lookUp = { @Sendable (identifier: [UInt8]) throws(WireRefusal) -> TokenHolder in
            guard identifier == [1, 2, 3] else { throw .unauthorized(JavaClass.invalidToken, "no such token") }
            return TokenHolder(kind: "k", user: "holder", realUser: nil, password: password)
        }
        return ServerAuthentication(
            acceptsSimple: simple,
            tokens: tokens ? lookUp : nil,
            offersChallengeEarly: early
        )
    }

    private func message(_ state: RpcSaslProto.SaslState, token: [UInt8] = [], auth: RpcSaslProto.SaslAuth? = nil)
        -> RpcSaslProto
    {
        var message = RpcSaslProto()
        message.state = state
        message.token = Data(token)
        if let auth { message.auths = [auth] }
        return message
    }

    private func reply(_ action: SaslServer.Action) throws -> RpcSaslProto {
        guard case .reply(let reply) = action else {
            Issue.record("\(action) is no reply")
            return RpcSaslProto()
        }
        return reply
    }

    private func refusal(_ action: SaslServer.Action) -> WireRefusal? {
        if case .refuse(let refusal) = action { refusal } else { nil }
    }

    /// Runs a client machine against a server machine.
    private func outcome(_ authentication: ServerAuthentication, allowsSimple: Bool = false) throws -> String {
        var server = SaslServer(authentication: authentication, nonce: "n")
        var client = SaslClient(token: self.token, cnonce: "c", allowsSimple: allowsSimple)
        var next: RpcSaslProto? = client.opening
        while let message = next {
            let reply: RpcSaslProto
            switch server.received(message) {
            case .reply(let answer): reply = answer
            case .acceptToken(let answer, let holder, let identifier):
                #expect(client.received(answer) == .accepted)
                return "\(holder.user) by token \(identifier)"
            case .switchToSimple(nil): return "simple, chosen"
            case .switchToSimple(let answer?): reply = answer
            case .refuse(let refusal): return refusal.message
            }
            switch client.received(reply) {
            case .send(let message): next = message
            case .accepted: return "accepted early"
            case .switchToSimple(nil): return "simple"
            case .switchToSimple(let choice?): next = choice
            case .fail(let reason): return reason
            }
        }
        return "ended"
    }

    @Test func `a token holder gets in, with the challenge early or late`() throws {
        for early in [true, false] {
            for simple in [true, false] {
                let authentication = self.authentication(simple: simple, tokens: true, early: early)
                #expect(try self.outcome(authentication) == "holder by token [1, 2, 3]")
            }
        }
    }

    @Test func `a server without tokens says success at once`() throws {
        let authentication = self.authentication(simple: true, tokens: false)
        #expect(try self.outcome(authentication, allowsSimple: true) == "simple")
        #expect(try self.outcome(authentication).hasPrefix("the server takes no tokens"))
    }

    @Test func `tokens are offered before names, and nothing that is not implemented`() throws {
        var server = SaslServer(authentication: self.authentication(simple: true, tokens: true), nonce: "n")
        let offer = try self.reply(server.received(self.message(.negotiate)))
        #expect(offer.state == .negotiate)
        #expect(offer.auths.map(\.method) == ["TOKEN", "SIMPLE"])
        #expect(offer.auths[0].mechanism == "DIGEST-MD5")
        #expect(offer.auths[0].hasProtocol && offer.auths[0].protocol.isEmpty)
        #expect(offer.auths[0].serverID == "default")
        #expect(!offer.auths[0].challenge.isEmpty)
        #expect(!offer.auths[1].hasChallenge)
    }

    @Test func `SIMPLE may be chosen where it is offered`() throws {
        var server = SaslServer(authentication: self.authentication(simple: true, tokens: true), nonce: "n")
        _ = server.received(self.message(.negotiate))
        let action = server.received(self.message(.initiate, auth: AuthMethod.simple.offer(challenge: nil)))
        guard case .switchToSimple(nil) = action else {
            Issue.record("\(action)")
            return
        }
    }

    @Test(arguments: [AuthMethod.simple, .kerberos, .plain])
    func `what was not offered gets the offer again, then a refusal`(method: AuthMethod) throws {
        var server = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
        _ = server.received(self.message(.negotiate))
        let choice = self.message(.initiate, token: [1], auth: method.offer(challenge: nil))
        #expect(try self.reply(server.received(choice)).auths.map(\.method) == ["TOKEN"])
        let refusal = try #require(self.refusal(server.received(choice)))
        #expect(refusal.exceptionClass == JavaClass.accessControl)
        #expect(refusal.message == "\(method.rawValue) authentication is not enabled.  Available:[TOKEN]")
        #expect(self.refusal(server.received(self.message(.negotiate))) != nil)
    }

    @Test func `a choice for another service is not the offer`() throws {
        var server = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
        _ = server.received(self.message(.negotiate))
        var choice = AuthMethod.token.offer(challenge: nil)
        choice.serverID = "other"
        #expect(try self.reply(server.received(self.message(.initiate, auth: choice))).state == .negotiate)
    }

    @Test(arguments: [RpcSaslProto.SaslState.success, .challenge, .response, .wrap])
    func `a message out of turn is refused`(state: RpcSaslProto.SaslState) {
        var fresh = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
        #expect(self.refusal(fresh.received(self.message(state)))?.exceptionClass == JavaClass.sasl)
        var offered = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
        _ = offered.received(self.message(.negotiate))
        #expect(self.refusal(offered.received(self.message(state)))?.detail == .fatalUnauthorized)
    }

    @Test func `negotiating twice is refused`() {
        var server = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
        _ = server.received(self.message(.negotiate))
        #expect(self.refusal(server.received(self.message(.negotiate))) != nil)
    }

    @Test func `an unknown token, a wrong digest and nonsense are told apart`() throws {
        var unknown = self.token
        unknown.identifier = [4]
        var forged = self.token
        forged.password = [8]
        let expected: [(HadoopToken?, String)] = [
            (unknown, JavaClass.invalidToken), (forged, JavaClass.invalidToken), (nil, JavaClass.sasl),
        ]
        for (token, exceptionClass) in expected {
            var server = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
            let offer = try self.reply(server.received(self.message(.negotiate)))
            var response = Array("nonsense".utf8)
            if let token {
                response = try DigestMD5Client(token: token, cnonce: "c")
                    .answer(Array(offer.auths[0].challenge)).response
            }
            let choice = AuthMethod.token.offer(challenge: nil)
            let action = server.received(self.message(.initiate, token: response, auth: choice))
            #expect(self.refusal(action)?.exceptionClass == exceptionClass)
        }
    }

    @Test func `a client refuses a server that cannot prove itself`() throws {
        var client = SaslClient(token: self.token, cnonce: "c", allowsSimple: false)
        var server = SaslServer(authentication: self.authentication(simple: false, tokens: true), nonce: "n")
        _ = client.received(try self.reply(server.received(client.opening)))
        let action = client.received(self.message(.success, token: Array("rspauth=0".utf8)))
        #expect(action == .fail("the server does not know the token's password"))
    }
}
