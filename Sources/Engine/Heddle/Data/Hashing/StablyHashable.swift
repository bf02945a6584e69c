/// A key whose hash is the same in every process of a program: it decides which task a key's values come together in.
/// Swift's own `hashValue` differs from process to process.
///
/// Keys need not conform; their `hash(into:)` is used then, with a seed of our own. Those that hold a `Set`, a `Dictionary`
/// or an `AnyHashable` must, since the hashes of these differ from process to process whatever the seed.
public protocol StablyHashable: Hashable, SendableMetatype {
    /// Equal for equal values, in every process of the same program.
    var stableHash: UInt64 { get }
}

extension FixedWidthInteger where Self: StablyHashable {
    @inlinable @inline(__always) public var stableHash: UInt64 {
        Mixing.hash(UInt64(truncatingIfNeeded: self))
    }
}

extension Int: StablyHashable {}
extension Int8: StablyHashable {}
extension Int16: StablyHashable {}
extension Int32: StablyHashable {}
extension Int64: StablyHashable {}
extension UInt: StablyHashable {}
extension UInt8: StablyHashable {}
extension UInt16: StablyHashable {}
extension UInt32: StablyHashable {}
extension UInt64: StablyHashable {}

extension Bool: StablyHashable {
    @inlinable public var stableHash: UInt64 { Mixing.hash(self ? 1 : 0) }
}

extension Double: StablyHashable {
    /// Both zeros are equal, and so are their hashes.
    @inlinable public var stableHash: UInt64 { Mixing.hash(self == 0 ? 0 : self.bitPattern) }
}

extension Float: StablyHashable {
    /// Both zeros are equal, and so are their hashes.
    @inlinable public var stableHash: UInt64 { Mixing.hash(self == 0 ? 0 : UInt64(self.bitPattern)) }
}

extension Text: StablyHashable {
    @inlinable @inline(__always) public var stableHash: UInt64 {
        if self.isInline { return Mixing.hash(self.low, self.high) }
        return unsafe self.withUnsafeBytes { unsafe Mixing.hash($0) }
    }
}

extension Optional: StablyHashable where Wrapped: StablyHashable {
    @inlinable public var stableHash: UInt64 {
        self.map { Mixing.combine($0.stableHash, 1) } ?? Mixing.first
    }
}

extension Pair: StablyHashable where Key: StablyHashable, Value: StablyHashable {
    @inlinable public var stableHash: UInt64 {
        Mixing.combine(self.key.stableHash, self.value.stableHash)
    }
}

extension Array: StablyHashable where Element: StablyHashable {
    @inlinable public var stableHash: UInt64 {
        self.reduce(UInt64(truncatingIfNeeded: self.count)) { Mixing.combine($0, $1.stableHash) }
    }
}

extension Set: StablyHashable where Element: StablyHashable {
    /// A sum, since equal sets come in any order.
    @inlinable public var stableHash: UInt64 {
        Mixing.hash(self.reduce(0) { $0 &+ Mixing.hash($1.stableHash) })
    }
}

extension Dictionary: StablyHashable where Key: StablyHashable, Value: StablyHashable {
    /// A sum, since equal dictionaries come in any order.
    @inlinable public var stableHash: UInt64 {
        Mixing.hash(self.reduce(0) { $0 &+ Mixing.combine($1.key.stableHash, $1.value.stableHash) })
    }
}
