/// Swift's `Hasher` with a seed that is the same in every process, for keys that have nothing but `hash(into:)`.
///
/// The library offers no such seed. What a new hasher holds is SipHash's state after its key: four words, of which two each
/// differ by a constant of the algorithm. So it is known which words they are, and whether they are: where they are not, a
/// hasher cannot be seeded and `isAvailable` says so.
@usableFromInline enum SeededHasher {
    private static let template: Hasher? = {
        var hasher = Hasher()
        guard MemoryLayout<Hasher>.size >= 40 else { return nil }
        let isKnown = unsafe withUnsafeMutableBytes(of: &hasher) { bytes in
            let words = (0..<5).map { unsafe bytes.load(fromByteOffset: 8 * $0, as: UInt64.self) }
            guard words[0] == 0, words[1] ^ words[3] == Self.start[0] ^ Self.start[2],
                words[2] ^ words[4] == Self.start[1] ^ Self.start[3]
            else { return false }
            for (index, word) in Self.start.enumerated() {
                let key = index.isMultiple(of: 2) ? Mixing.first : Mixing.second
                unsafe bytes.storeBytes(of: word ^ key, toByteOffset: 8 + 8 * index, as: UInt64.self)
            }
            return true
        }
        return isKnown ? hasher : nil
    }()

    /// SipHash's initial state, before the key.
    private static let start: [UInt64] = [
        0x736F_6D65_7073_6575, 0x646F_7261_6E64_6F6D, 0x6C79_6765_6E65_7261, 0x7465_6462_7974_6573,
    ]

    @usableFromInline static var isAvailable: Bool { Self.template != nil }

    @usableFromInline static func hash(_ key: some Hashable) -> UInt64 {
        guard var hasher = Self.template else {
            preconditionFailure("\(type(of: key)) has no stable hash with this Swift; make it StablyHashable")
        }
        hasher.combine(key)
        return Mixing.hash(UInt64(bitPattern: Int64(hasher.finalize())))
    }
}
