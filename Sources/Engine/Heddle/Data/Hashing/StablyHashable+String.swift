@_spi(_Unicode) import Swift

extension String: StablyHashable {
    /// That of the string's canonical form, since canonically equivalent strings are equal.
    public var stableHash: UInt64 {
        // ASCII is canonical already; what becomes ASCII only then, as the Kelvin sign does, takes the long way to it.
        var string = self
        let short = string.withUTF8 { bytes -> UInt64? in
            unsafe bytes.allSatisfy { $0 < 0x80 } ? unsafe Mixing.hash(UnsafeRawBufferPointer(bytes)) : nil
        }
        if let short { return short }
        var canonical = String.UnicodeScalarView()
        canonical.append(contentsOf: self._nfc)
        var normal = String(canonical)
        return normal.withUTF8 { unsafe Mixing.hash(UnsafeRawBufferPointer($0)) }
    }
}
