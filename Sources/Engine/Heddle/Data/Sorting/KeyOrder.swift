/// The order of keys of one type: how records are sorted, merged and cut into ranges.
///
/// How a type is ordered is found out once. In code that is compiled for a type, those of integers, fractions and texts are
/// a few instructions in line.
@frozen public struct KeyOrder<Key: Comparable & SendableMetatype>: Sendable {
    /// Whether small keys come first.
    public let isAscending: Bool
    @usableFromInline let flip: UInt64
    @usableFromInline let other: (@Sendable (Key) -> UInt64)?
    /// Whether the prefix alone decides.
    @usableFromInline let isDecided: Bool

    @inlinable public init(ascending: Bool = true) {
        self.isAscending = ascending
        self.flip = ascending ? 0 : .max
        if let type = Key.self as? any (SortKey & SendableMetatype).Type {
            self.other = KeyOrder.prefix(type)
            self.isDecided = type.prefixDecides
        } else {
            self.other = nil
            self.isDecided = false
        }
    }

    @inlinable static func prefix<Known: SortKey & SendableMetatype>(_ type: Known.Type) -> (@Sendable (Key) -> UInt64)?
    {
        let prefix: @Sendable (Known) -> UInt64 = { $0.sortPrefix }
        return prefix as? @Sendable (Key) -> UInt64
    }

    /// A number that is smaller for a key that comes earlier, or the same.
    @inlinable @inline(__always) public func prefix(of key: Key) -> UInt64 {
        // Decided when this is compiled for a type.
        if Key.self == Text.self { return unsafe unsafeBitCast(key, to: Text.self).sortPrefix ^ self.flip }
        if Key.self == Int.self { return unsafe unsafeBitCast(key, to: Int.self).sortPrefix ^ self.flip }
        if Key.self == Double.self { return unsafe unsafeBitCast(key, to: Double.self).sortPrefix ^ self.flip }
        guard let other = self.other else { return 0 }
        return other(key) ^ self.flip
    }

    /// Whether a key comes before another.
    @inlinable @inline(__always) public func precedes(_ left: Key, _ right: Key) -> Bool {
        if self.isDecided { return self.prefix(of: left) < self.prefix(of: right) }
        return self.isAscending ? left < right : right < left
    }
}
