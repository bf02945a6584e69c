extension Text: Equatable {
    @inlinable @inline(__always) public static func == (left: Text, right: Text) -> Bool {
        guard left.high == right.high else { return false }
        if left.low == right.low { return true }
        return left.isInline ? false : Text.sharedBytesAreEqual(left, right)
    }

    @usableFromInline static func sharedBytesAreEqual(_ left: Text, _ right: Text) -> Bool {
        defer { withExtendedLifetime((left.owner, right.owner)) {} }
        return unsafe Memory.compare(left.address, right.address, left.count) == 0
    }
}

extension Text: Comparable {
    /// Byte by byte, each from 0 to 255, as `LC_ALL=C sort` does it.
    @inlinable public static func < (left: Text, right: Text) -> Bool {
        if left.isInline && right.isInline {
            // The first byte counts most; the count stands below the bytes, so that a prefix comes first.
            let (first, second) = (left.low.byteSwapped, right.low.byteSwapped)
            return first != second ? first < second : left.high.byteSwapped < right.high.byteSwapped
        }
        let (first, second) = (left.orderPrefix, right.orderPrefix)
        return first != second ? first < second : Text.bytesAreAscending(left, right)
    }

    /// The first eight bytes as a number that sorts as they do; shorter texts are filled with zeros.
    @inlinable public var orderPrefix: UInt64 {
        if self.isInline { return self.low.byteSwapped }
        defer { withExtendedLifetime(self.owner) {} }
        return unsafe UInt64(bigEndian: self.address.loadUnaligned(as: UInt64.self))
    }

    @usableFromInline static func bytesAreAscending(_ left: Text, _ right: Text) -> Bool {
        unsafe left.withUnsafeBytes { first in
            unsafe right.withUnsafeBytes { second in
                let shorter = min(first.count, second.count)
                guard let start = first.baseAddress, let other = second.baseAddress, shorter > 0 else {
                    return first.count < second.count
                }
                let order = unsafe Memory.compare(start, other, shorter)
                return order != 0 ? order < 0 : first.count < second.count
            }
        }
    }
}

extension Text: Hashable {
    @inlinable public func hash(into hasher: inout Hasher) {
        if self.isInline {
            hasher.combine(self.low)
            hasher.combine(self.high)
        } else {
            unsafe self.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
    }
}
