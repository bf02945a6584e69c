/// The arithmetic of hashes: one 128-bit product for each 16 bytes, its halves folded together. The constants are the same
/// in every process, since a hash decides which task a key goes to.
@usableFromInline enum Mixing {
    // Odd, with half of their bits set: the fractional parts of the roots of 2, 3, 5 and 7.
    @inlinable static var first: UInt64 { 0x6A09_E667_F3BC_C909 }
    @inlinable static var second: UInt64 { 0xBB67_AE85_84CA_A73B }
    @inlinable static var third: UInt64 { 0x3C6E_F372_FE94_F82B }
    @inlinable static var fourth: UInt64 { 0xA54F_F53A_5F1D_36F1 }

    @inlinable @inline(__always) static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// A hash of one word.
    @inlinable @inline(__always) static func hash(_ word: UInt64) -> UInt64 {
        Self.fold(word ^ Self.first, Self.second)
    }

    /// A hash of two words, which are not interchangeable.
    @inlinable @inline(__always) static func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        Self.fold(first ^ Self.first, second ^ Self.second)
    }

    /// A hash and one thing more.
    @inlinable @inline(__always) static func combine(_ hash: UInt64, _ next: UInt64) -> UInt64 {
        Self.fold(hash ^ Self.third, next ^ Self.fourth)
    }

    /// A hash of bytes; that of up to 15 bytes is that of a `Text`'s two words.
    @usableFromInline @unsafe static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let start = bytes.baseAddress else { return Self.hash(0, 0) }
        if bytes.count <= Text.inlineMaximum {
            let words = unsafe Text.pack(start, bytes.count)
            return Self.hash(words.low, words.high)
        }
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        let last = bytes.count - 16
        while offset < last {
            hash = unsafe Self.fold(Self.word(start + offset) ^ Self.first, Self.word(start + offset + 8) ^ hash)
            offset += 16
        }
        // The last 16 bytes, which may have been met in part.
        let ends = unsafe Self.hash(Self.word(start + last), Self.word(start + last + 8))
        return Self.combine(hash, ends)
    }

    @inline(__always) @unsafe private static func word(_ place: UnsafeRawPointer) -> UInt64 {
        unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    }
}
