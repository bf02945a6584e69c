import HadoopProtos

import struct FoundationEssentials.Data

/// The client's side of the SASL exchange of one connection, as the holder of a token:
/// `negotiating → (initiated →) answered → finished`.
struct SaslClient: Sendable {
    enum Action: Sendable, Equatable {
        case send(RpcSaslProto)
        /// The server proved that it knows the token's password.
        case accepted
        /// The connection goes on with a claimed name. The message is the choice that the server waits for, if any.
        case switchToSimple(RpcSaslProto?)
        /// The server's message breaks the protocol or offers nothing acceptable.
        case fail(String)
    }

    private enum State: Sendable {
        /// NEGOTIATE is sent. Can transition to: `initiated`, `answered`, `finished`
        case negotiating
        /// TOKEN is chosen, a challenge has yet to come. Can transition to: `answered`, `finished`
        case initiated
        /// The digest is sent. Can transition to: `finished`
        case answered(DigestMD5Client.Answer)
        case finished
    }

    private let digest: DigestMD5Client
    private let allowsSimple: Bool
    private var state: State

    init(token: HadoopToken, cnonce: String, allowsSimple: Bool) {
        self.digest = DigestMD5Client(token: token, cnonce: cnonce)
        self.allowsSimple = allowsSimple
        self.state = .negotiating
    }

    /// The first message.
    var opening: RpcSaslProto { Self.message(.negotiate) }

    mutating func received(_ message: RpcSaslProto) -> Action {
        switch (self.state, message.state) {
        case (.negotiating, .negotiate):
            return self.choose(message.auths)
        case (.negotiating, .success):
            return self.simple(choice: nil)
        case (.initiated, .challenge):
            return self.answer(Array(message.token), with: Self.message(.response))
        case (.answered(let answer), .success):
            self.state = .finished
            do {
                try answer.verify(Array(message.token))
                return .accepted
            } catch {
                return .fail("the server does not know the token's password")
            }
        default:
            self.state = .finished
            return .fail("the server sent SASL state \(message.state) out of turn")
        }
    }

    private mutating func choose(_ auths: [RpcSaslProto.SaslAuth]) -> Action {
        for auth in auths {
            switch AuthMethod(auth) {
            case .token:
                var choice = auth
                choice.clearChallenge()
                var initiate = Self.message(.initiate)
                initiate.auths = [choice]
                guard auth.hasChallenge, !auth.challenge.isEmpty else {
                    self.state = .initiated
                    initiate.token = Data()
                    return .send(initiate)
                }
                return self.answer(Array(auth.challenge), with: initiate)
            case .simple where self.allowsSimple:
                var initiate = Self.message(.initiate)
                initiate.auths = [auth]
                return self.simple(choice: initiate)
            case .simple, .kerberos, .plain, nil:
                continue
            }
        }
        self.state = .finished
        let offered = auths.map(\.method).joined(separator: ", ")
        return .fail("the server accepts [\(offered)], and this client has a token to show")
    }

    private mutating func answer(_ challenge: [UInt8], with envelope: RpcSaslProto) -> Action {
        do {
            let answer = try self.digest.answer(challenge)
            self.state = .answered(answer)
            var message = envelope
            message.token = Data(answer.response)
            return .send(message)
        } catch {
            self.state = .finished
            return .fail("the server's challenge cannot be answered: \(error)")
        }
    }

    private mutating func simple(choice: RpcSaslProto?) -> Action {
        self.state = .finished
        guard self.allowsSimple else {
            return .fail(
                "the server takes no tokens, and ipc.client.fallback-to-simple-auth-allowed is off"
            )
        }
        return .switchToSimple(choice)
    }

    private static func message(_ state: RpcSaslProto.SaslState) -> RpcSaslProto {
        var message = RpcSaslProto()
        message.state = state
        return message
    }
}
