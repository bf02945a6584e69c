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
