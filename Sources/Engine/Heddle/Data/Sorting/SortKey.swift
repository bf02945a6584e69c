/// A key of which eight bytes decide most comparisons, so that records are sorted by digits and not by comparing.
public protocol SortKey: Comparable {
    /// A number for each key: a key that comes before another has a smaller one or the same.
    var sortPrefix: UInt64 { get }
    /// Whether keys with the same number are equal.
    static var prefixDecides: Bool { get }
}

extension FixedWidthInteger where Self: SortKey {
    /// The number, with all below zero before all above.
    @inlinable @inline(__always) public var sortPrefix: UInt64 {
        Self.isSigned
            ? UInt64(bitPattern: Int64(truncatingIfNeeded: self)) ^ (1 << 63) : UInt64(truncatingIfNeeded: self)
    }
    @inlinable public static var prefixDecides: Bool { true }
}

extension Int: SortKey {}
extension Int8: SortKey {}
extension Int16: SortKey {}
extension Int32: SortKey {}
extension Int64: SortKey {}
extension UInt: SortKey {}
extension UInt8: SortKey {}
extension UInt16: SortKey {}
extension UInt32: SortKey {}
extension UInt64: SortKey {}

extension Double: SortKey {
    /// Both zeros are the same; what is not a number comes last.
    @inlinable public var sortPrefix: UInt64 {
        if self.isNaN { return .max }
        let bits = (self + 0).bitPattern
        return bits >> 63 == 0 ? bits ^ (1 << 63) : ~bits
    }
    @inlinable public static var prefixDecides: Bool { true }
}

extension Float: SortKey {
    /// Both zeros are the same; what is not a number comes last.
    @inlinable public var sortPrefix: UInt64 { Double(self).sortPrefix }
    @inlinable public static var prefixDecides: Bool { true }
}

extension Text: SortKey {
    /// The first eight bytes.
    @inlinable public var sortPrefix: UInt64 { self.orderPrefix }
    @inlinable public static var prefixDecides: Bool { false }
}

extension Pair: Comparable where Key: Comparable, Value: Comparable {
    /// By key, then by value.
    @inlinable public static func < (left: Pair, right: Pair) -> Bool {
        if left.key == right.key { return left.value < right.value }
        return left.key < right.key
    }
}

extension Pair: SortKey where Key: SortKey, Value: SortKey {
    /// That of the key.
    @inlinable public var sortPrefix: UInt64 { self.key.sortPrefix }
    @inlinable public static var prefixDecides: Bool { false }
}
