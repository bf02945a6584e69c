internal import Synchronization

/// The values that closures were handed, decoded once for all tasks of an executor.
final class ValueCache: Sendable {
    /// Values of two types may be written with the same bytes.
    private struct Key: Hashable {
        var digest: Digest
        var type: ObjectIdentifier
    }

    private struct State: ~Copyable {
        var decoded: [Key: any AnyObject & Sendable] = [:]
        /// Bytes of values that did not fit into a plan.
        var bytes: [Digest: [UInt8]] = [:]
    }

    private let state = Mutex(State())

    /// Takes a large value's bytes, which came beside a plan.
    func add(_ parameter: Parameter) {
        self.state.withLock { $0.bytes[parameter.digest] = parameter.bytes }
    }

    func value(
        of planned: PlannedValue,
        as type: ObjectIdentifier,
        _ decode: ([UInt8]) throws -> any AnyObject & Sendable
    ) throws -> any AnyObject & Sendable {
        let key = Key(digest: planned.digest, type: type)
        if let value = self.state.withLock({ $0.decoded[key] }) { return value }
        guard let bytes = planned.bytes ?? self.state.withLock({ $0.bytes[planned.digest] }) else {
            throw TaskFault.missingValue(planned.digest)
        }
        let value = try decode(bytes)
        return self.state.withLock { state in
            // Two tasks may have decoded it; all keep the first.
            let kept = state.decoded[key] ?? value
            state.decoded[key] = kept
            return kept
        }
    }
}
