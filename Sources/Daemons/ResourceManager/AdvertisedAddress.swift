import Synchronization

/// A `host:port` that is known for certain only once its port is bound, for those who write it into answers.
package final class AdvertisedAddress: Sendable {
    private let value: Mutex<String>

    package init(_ text: String) {
        self.value = Mutex(text)
    }

    package var text: String { self.value.withLock { $0 } }

    package func set(host: String, port: Int) {
        let text = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        self.value.withLock { $0 = text }
    }
}
