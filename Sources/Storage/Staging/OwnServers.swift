import Synchronization

/// The WebHDFS servers that turned out to be Heddle's own. They do in one request what takes two elsewhere: OPEN states what
/// else GETFILESTATUS would be asked for, and CREATE takes short bytes with its first step.
///
/// Nothing but speed depends on it: where such a server was replaced by another one, that one's answer says so.
final class OwnServers: Sendable {
    private let origins = Mutex<Set<String>>([])

    /// More than a client ever talks to; then it begins anew.
    private static let countMaximum = 1_024

    func contains(_ location: ResourceLocation) -> Bool {
        let origin = Self.origin(location)
        return self.origins.withLock { $0.contains(origin) }
    }

    func insert(_ location: ResourceLocation) {
        let origin = Self.origin(location)
        self.origins.withLock { origins in
            if origins.count >= Self.countMaximum { origins = [] }
            origins.insert(origin)
        }
    }

    func remove(_ location: ResourceLocation) {
        let origin = Self.origin(location)
        _ = self.origins.withLock { $0.remove(origin) }
    }

    private static func origin(_ location: ResourceLocation) -> String {
        "\(location.scheme)://\(HTTPAddress.webHDFSService(of: location))"
    }
}
