/// The hash of keys of one type, the same in every process; equal keys have equal hashes.
///
/// How a type is hashed is found out once. In code that is compiled for a type, those of integers and texts are a few
/// instructions in line.
@frozen public struct KeyHash<Key: Hashable & SendableMetatype>: Sendable {
    @usableFromInline let other: @Sendable (Key) -> UInt64

    @inlinable public init() {
        if let type = Key.self as? any StablyHashable.Type, let hash = KeyHash.stable(type) {
            self.other = hash
        } else {
            self.other = { SeededHasher.hash($0) }
        }
    }

    @inlinable static func stable<Known: StablyHashable>(_ type: Known.Type) -> (@Sendable (Key) -> UInt64)? {
        let hash: @Sendable (Known) -> UInt64 = { $0.stableHash }
        return hash as? @Sendable (Key) -> UInt64
    }

    /// The hash of a key.
    @inlinable @inline(__always) public func callAsFunction(_ key: Key) -> UInt64 {
        // Decided when this is compiled for a type.
        if Key.self == Text.self { return unsafe unsafeBitCast(key, to: Text.self).stableHash }
        if Key.self == Int.self { return unsafe unsafeBitCast(key, to: Int.self).stableHash }
        if Key.self == UInt64.self { return unsafe unsafeBitCast(key, to: UInt64.self).stableHash }
        if Key.self == Int64.self { return unsafe unsafeBitCast(key, to: Int64.self).stableHash }
        if Key.self == Int32.self { return unsafe unsafeBitCast(key, to: Int32.self).stableHash }
        if Key.self == UInt32.self { return unsafe unsafeBitCast(key, to: UInt32.self).stableHash }
        return self.other(key)
    }
}
