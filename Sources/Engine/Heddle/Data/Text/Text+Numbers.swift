extension FixedWidthInteger {
    /// A decimal number: an optional sign and digits, nothing else; nil if it is none or does not fit.
    @inlinable public init?(_ text: Text) {
        let parsed: Self? = unsafe text.withUnsafeBytes { bytes in
            var index = 0
            guard bytes.count > 0 else { return nil }
            let sign = unsafe bytes[0]
            let isNegative = sign == UInt8(ascii: "-")
            if isNegative || sign == UInt8(ascii: "+") { index = 1 }
            guard index < bytes.count else { return nil }
            var value: Self = 0
            while index < bytes.count {
                let digit = unsafe bytes[index] &- UInt8(ascii: "0")
                guard digit < 10, let small = Self(exactly: digit) else { return nil }
                let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
                // Below zero from the start, since there is one number more there.
                let (sum, isOver) =
                    isNegative ? tens.subtractingReportingOverflow(small) : tens.addingReportingOverflow(small)
                if isTooLarge || isOver { return nil }
                value = sum
                index &+= 1
            }
            return value
        }
        guard let parsed else { return nil }
        self = parsed
    }
}

extension Double {
    /// The nearest number to a decimal one: everything that `Double(String)` takes, most of it without a string.
    @inlinable public init?(_ text: Text) {
        if let simple = Double.simple(text) {
            self = simple
        } else if let other = Double(text.description) {
            self = other
        } else {
            return nil
        }
    }

    /// A number whose digits fit into 53 bits and whose power of ten is exact: one division or multiplication rounds right.
    @usableFromInline static func simple(_ text: Text) -> Double? {
        unsafe text.withUnsafeBytes { bytes in
            var index = 0
            let isNegative = unsafe bytes.count > 0 && bytes[0] == UInt8(ascii: "-")
            if isNegative { index = 1 }
            var (digits, fraction, mantissa) = (0, 0, UInt64(0))
            var hasPoint = false
            while index < bytes.count {
                let byte = unsafe bytes[index]
                let digit = byte &- UInt8(ascii: "0")
                if digit < 10 {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    digits += 1
                    if hasPoint { fraction += 1 }
                } else if byte == UInt8(ascii: "."), !hasPoint {
                    hasPoint = true
                } else {
                    return nil
                }
                index += 1
            }
            guard digits > 0, digits <= 18, mantissa < 1 << 53, fraction < Double.powers.count else { return nil }
            if hasPoint && (fraction == 0 || fraction == digits) { return nil }
            let value = Double(mantissa) / Double.powers[fraction]
            return isNegative ? -value : value
        }
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    ]
}
