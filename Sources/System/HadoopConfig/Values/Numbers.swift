/// The unit of a duration that is written as a bare number.
package enum DurationUnit: String, Hashable, Sendable, CaseIterable {
    case nanoseconds = "ns"
    case microseconds = "us"
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "m"
    case hours = "h"
    case days = "d"

    /// A hundred years: longer ones are mistakes, and sums of a few stay far from overflow in every unit.
    package static let maximum = Duration.seconds(100 * 365 * 86_400)

    var plural: String {
        switch self {
        case .nanoseconds: "nanoseconds"
        case .microseconds: "microseconds"
        case .milliseconds: "milliseconds"
        case .seconds: "seconds"
        case .minutes: "minutes"
        case .hours: "hours"
        case .days: "days"
        }
    }

    /// nil beyond `maximum`.
    func duration(_ count: Int) -> Duration? {
        let one: Duration =
            switch self {
            case .nanoseconds: .nanoseconds(1)
            case .microseconds: .microseconds(1)
            case .milliseconds: .milliseconds(1)
            case .seconds: .seconds(1)
            case .minutes: .seconds(60)
            case .hours: .seconds(3_600)
            case .days: .seconds(86_400)
            }
        guard Double(count.magnitude) * (one / .seconds(1)) <= Self.maximum / .seconds(1) else { return nil }
        return one * count
    }
}

extension Duration {
    /// Reads a number with an optional unit of time behind it, letter case not counting.
    package init?(hadoop text: String, unit: DurationUnit) {
        let lowercased = text.lowercased()
        let digits = lowercased.prefix { !$0.isLetter }
        let suffix = lowercased[digits.endIndex...]
        guard let unit = suffix.isEmpty ? unit : DurationUnit(rawValue: String(suffix)) else { return nil }
        guard let count = Int(digits.trimmingHadoopSpace), let duration = unit.duration(count) else { return nil }
        self = duration
    }
}

extension Int {
    /// Decimal, or hexadecimal after `0x`, with an optional sign.
    package init?(hadoop text: String) {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") {
            digits = digits.dropFirst()
        }
        let radix = digits.hasPrefix("0x") || digits.hasPrefix("0X") ? 16 : 10
        if radix == 16 {
            digits = digits.dropFirst(2)
        }
        guard digits.first?.isHexDigit ?? false, let value = Int(digits, radix: radix) else { return nil }
        self = isNegative ? -value : value
    }

    /// A number of bytes with an optional binary prefix (`k` is 1024), letter case not counting. A `b` behind it, which
    /// Hadoop's getLongBytes refuses and its getStorageSize wants, changes nothing.
    package init?(hadoopBytes text: String) {
        var digits = Substring(text.lowercased())
        if digits.hasSuffix("b") {
            digits = digits.dropLast()
        }
        var shift = 0
        if let prefix = digits.last, let place = ["k", "m", "g", "t", "p", "e"].firstIndex(of: prefix) {
            shift = 10 * (place + 1)
            digits = digits.dropLast()
        }
        guard let count = Int(digits.trimmingHadoopSpace) else { return nil }
        let (value, hasOverflown) = count.multipliedReportingOverflow(by: 1 << shift)
        guard !hasOverflown else { return nil }
        self = value
    }
}

extension Substring {
    /// Without the control characters and spaces at both ends, as Java's `trim()` cuts them.
    package var trimmingHadoopSpace: Substring {
        let bytes = self.utf8
        guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
        else {
            return self[self.endIndex...]
        }
        return self[first...last]
    }
}

extension String {
    /// Without the control characters and spaces at both ends, as Java's `trim()` cuts them.
    package var trimmingHadoopSpace: Substring { self[...].trimmingHadoopSpace }
}
