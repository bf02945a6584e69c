import ClusterModel
import Crypto
import HadoopWire
import NodeManagerCore
import Synchronization

/// The secrets of applications that the shuffle service answers, and whose files they get.
final class ShuffleSecrets: Sendable {
    struct Known: Sendable, Hashable {
        var secret: ShuffleSecret
        /// Who submitted the application.
        var user: String
    }

    private let known = Mutex<[ApplicationID: Known]>([:])

    /// Replaces what the application had.
    func learn(_ secret: ShuffleSecret, user: String) {
        self.known.withLock { $0[secret.application] = Known(secret: secret, user: user) }
    }

    func forget(_ application: ApplicationID) {
        self.known.withLock { $0[application] = nil }
    }

    func of(_ application: ApplicationID) -> Known? { self.known.withLock { $0[application] } }
}

extension ShuffleSecret {
    /// Holds base64 of the signature, as executors of the engine send it to each other (`EngineLink.BlockSignature`).
    static let header = "X-Heddle-Signature"

    /// Whether who sent the request knows the secret. Takes the same time wherever the signature is wrong.
    func signed(_ path: String, _ signature: String?) -> Bool {
        // Written in one way only: what reads base64 forgives some others.
        guard let signature, let code = Base64.decode(signature), Base64.encode(code) == signature else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code,
            authenticating: Array("GET \(path)".utf8),
            using: SymmetricKey(data: self.password)
        )
    }
}
