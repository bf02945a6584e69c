import CLinux
import Glibc

/// The C library's loops over memory, for code that is compiled in other modules.
@usableFromInline enum Memory {
    /// Below, at or above zero, as the first differing byte says.
    @usableFromInline @unsafe static func compare(
        _ left: UnsafeRawPointer,
        _ right: UnsafeRawPointer,
        _ count: Int
    ) -> Int {
        unsafe Int(memcmp(left, right, count))
    }

    /// Where a byte first stands.
    @usableFromInline @unsafe static func first(
        _ byte: UInt8,
        _ start: UnsafeRawPointer,
        _ count: Int
    ) -> UnsafeRawPointer? {
        unsafe UnsafeRawPointer(memchr(start, Int32(byte), count))
    }

    /// Where a run of bytes first stands.
    @usableFromInline @unsafe static func first(
        _ needle: UnsafeRawBufferPointer,
        in hay: UnsafeRawBufferPointer
    ) -> UnsafeRawPointer? {
        guard let start = hay.baseAddress, let sought = needle.baseAddress, needle.count > 0 else {
            return hay.baseAddress
        }
        return unsafe heddle_find(start, hay.count, sought, needle.count)
    }
}

/// Eight bytes at a time: each result has the highest bit of exactly those bytes set that were sought.
@usableFromInline enum ByteScan {
    @inlinable static var lowBits: UInt64 { 0x7F7F_7F7F_7F7F_7F7F }

    /// Space, tab, line feed, vertical tab, form feed and carriage return.
    @inlinable @inline(__always) static func whitespace(_ word: UInt64) -> UInt64 {
        let low = word & Self.lowBits
        // Seven bits plus at most 0x7F carry into the highest bit of their own byte and no further.
        let notSpace = (low ^ 0x2020_2020_2020_2020) &+ Self.lowBits
        let fromTab = low &+ 0x7777_7777_7777_7777
        let aboveReturn = low &+ 0x7272_7272_7272_7272
        return ((fromTab & ~aboveReturn) | ~notSpace) & ~word & ~Self.lowBits
    }

    /// Bytes equal to the one that `pattern` repeats.
    @inlinable @inline(__always) static func equal(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return ~(((difference & Self.lowBits) &+ Self.lowBits) | difference) & ~Self.lowBits
    }

    /// A byte eight times.
    @inlinable static func pattern(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The lowest bytes of a word.
    @inlinable @inline(__always) static func keep(_ word: UInt64, _ bytes: Int) -> UInt64 {
        word & ((1 &<< UInt64(truncatingIfNeeded: 8 &* bytes)) &- 1)
    }

    @inlinable static func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }
}
