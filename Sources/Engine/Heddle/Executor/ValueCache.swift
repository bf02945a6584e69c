internal import Synchronization

/// The values that closures were handed, decoded once for all tasks of an executor. Those that were not used for the longest
/// time go when there are too many: they are sent again with the next task that needs them.
final class ValueCache: Sendable {
    /// What all values weigh together, in their binary form: a quarter of a gigabyte, which is little beside the memory of
    /// an executor. A value that tasks use right now is held by them as well and does not go before they end.
    static let bytesMaximum = 256 << 20
    /// What a value weighs besides its bytes.
    private static let overhead = 256

    private let values = Mutex(LeastRecentlyUsed<Digest, SharedValue>(limit: ValueCache.bytesMaximum))

    /// The value of that name, which came inside a plan or beside it, or was there before.
    /// - Returns: nil where it has to be sent again.
    func value(_ digest: Digest, bytes: [UInt8]?) -> SharedValue? {
        self.values.withLock { values in
            if let known = values.use(digest) { return known }
            guard let bytes else { return nil }
            let value = SharedValue(digest: digest, bytes: bytes)
            values.insert(value, weight: bytes.count + Self.overhead, for: digest)
            return value
        }
    }

    func drop(_ digest: Digest) { self.values.withLock { _ = $0.remove(digest) } }

    var count: Int { self.values.withLock { $0.count } }
}

/// One value, in its binary form and as what tasks asked for.
final class SharedValue: Sendable {
    let digest: Digest
    private let bytes: [UInt8]
    /// Values of two types may be written with the same bytes.
    private let decoded = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    init(digest: Digest, bytes: [UInt8]) {
        self.digest = digest
        self.bytes = bytes
    }

    func decoded(
        as type: ObjectIdentifier,
        _ decode: ([UInt8]) throws -> any AnyObject & Sendable
    ) throws -> any AnyObject & Sendable {
        if let value = self.decoded.withLock({ $0[type] }) { return value }
        let value = try decode(self.bytes)
        return self.decoded.withLock { decoded in
            // Two tasks may have decoded it; all keep the first.
            let kept = decoded[type] ?? value
            decoded[type] = kept
            return kept
        }
    }
}
