/// How a property's text becomes a value.
package struct ValueForm<Value: Sendable>: Sendable {
    /// Completes "accepted: ..." in an error.
    package let accepted: String
    /// False where space at a value's ends means something.
    package let trims: Bool
    /// Reads a text, trimmed if `trims`; nil when it is not of this form.
    package let parse: @Sendable (String) -> Value?

    package init(accepted: String, trims: Bool = true, parse: @escaping @Sendable (String) -> Value?) {
        self.accepted = accepted
        self.trims = trims
        self.parse = parse
    }
}

extension ValueForm where Value == String {
    package static var text: Self { Self(accepted: "any text") { $0 } }

    /// Hadoop's access control lists. A leading space says that no users are named, groups alone.
    package static var accessControl: Self {
        Self(accepted: "users and groups as user1,user2 group1,group2, or *", trims: false) { $0 }
    }

    /// One of `words`, letter case counting.
    package static func word(_ words: String...) -> Self {
        Self(accepted: words.joined(separator: ", ")) { words.contains($0) ? $0 : nil }
    }
}

extension ValueForm where Value == Bool {
    /// Hadoop takes every other text silently for the default; here it is an error.
    package static var boolean: Self {
        Self(accepted: "true, false") { text in
            switch text.lowercased() {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }
}

extension ValueForm where Value == Int {
    /// Decimal, or hexadecimal after `0x` as Hadoop reads it.
    package static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(accepted: "a whole number \(Self.text(of: range))") { text in
            Int(hadoop: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Bytes, with Hadoop's binary prefixes.
    package static func bytes(_ range: ClosedRange<Int>) -> Self {
        Self(accepted: "a number of bytes \(Self.text(of: range)), or with one of k, m, g, t, p, e after it") { text in
            Int(hadoopBytes: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    private static func text(of range: ClosedRange<Int>) -> String {
        range.upperBound >= Int(Int32.max)
            ? "from \(range.lowerBound) up" : "from \(range.lowerBound) to \(range.upperBound)"
    }
}

extension ValueForm where Value == Int? {
    /// As `integer`, where -1 stands for "none" or "to be found out" and gives nil inside.
    package static func integerOrNone(_ range: ClosedRange<Int>) -> Self {
        let inner = ValueForm<Int>.integer(range)
        return Self(accepted: inner.accepted + ", or -1 for none") { text in
            text == "-1" ? .some(nil) : inner.parse(text).map { .some($0) }
        }
    }
}

extension ValueForm where Value == Double {
    package static func decimal(_ range: ClosedRange<Double>) -> Self {
        let bounds =
            range.upperBound.isInfinite
            ? "from \(range.lowerBound) up" : "from \(range.lowerBound) to \(range.upperBound)"
        return Self(accepted: "a number \(bounds)") { text in
            Double(text).flatMap { $0.isFinite && range.contains($0) ? $0 : nil }
        }
    }
}

extension ValueForm where Value == Duration {
    /// A number of `unit`, or a number with its unit behind it: ns, us, ms, s, m, h, d.
    package static func duration(_ unit: DurationUnit, _ range: ClosedRange<Duration> = .zero...DurationUnit.maximum)
        -> Self
    {
        let least = range.lowerBound == .zero ? "" : ", at least \(range.lowerBound)"
        return Self(accepted: "a number of \(unit.plural), or with one of ns, us, ms, s, m, h, d after it\(least)") {
            Duration(hadoop: $0, unit: unit).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ValueForm where Value == Duration? {
    /// As `duration`, where a negative number stands for "never" or "without end" and gives nil inside.
    package static func durationOrNone(_ unit: DurationUnit) -> Self {
        Self(accepted: ValueForm<Duration>.duration(unit).accepted + ", or -1 for none") { text in
            Duration(hadoop: text, unit: unit).map { $0 < .zero ? .some(nil) : .some($0) } ?? nil
        }
    }
}

extension ValueForm where Value == [String] {
    /// Texts between commas, trimmed; empty ones are dropped.
    package static var list: Self {
        Self(accepted: "texts separated by commas") { text in
            text.split(separator: ",").map { String($0.trimmingHadoopSpace) }.filter { !$0.isEmpty }
        }
    }

    /// Paths between commas, each as `path` takes it.
    package static var paths: Self {
        Self(accepted: "absolute paths (or file: URIs) separated by commas") { text in
            let paths = ValueForm<[String]>.list.parse(text) ?? []
            let local = paths.compactMap(ValueForm<String>.localPath(_:))
            return local.isEmpty || local.count != paths.count ? nil : local
        }
    }
}

extension ValueForm where Value == String {
    /// An absolute path on this machine, also written as a `file:` URI.
    package static var path: Self {
        Self(accepted: "an absolute path (or a file: URI)") { Self.localPath($0) }
    }

    fileprivate static func localPath(_ text: String) -> String? {
        var path = Substring(text)
        if path.hasPrefix("file:") {
            path = path.dropFirst("file:".count)
            if path.hasPrefix("//") {
                path = path.dropFirst(2)
                if path.hasPrefix("localhost/") {
                    path = path.dropFirst("localhost".count)
                }
            }
        }
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        while path.utf8.count > 1, path.hasSuffix("/") {
            path = path.dropLast()
        }
        return String(path)
    }
}

extension ValueForm where Value == [ClosedRange<Int>] {
    /// Hadoop's IntegerRanges: `2-3,5,7-`.
    package static var ranges: Self {
        Self(accepted: "whole numbers and ranges separated by commas, such as 2-3,5,7-") { Self.parseRanges($0) }
    }

    private static func parseRanges(_ text: String) -> [ClosedRange<Int>]? {
        var ranges: [ClosedRange<Int>] = []
        for part in ValueForm<[String]>.list.parse(text) ?? [] {
            let bounds = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.trimmingHadoopSpace }
            guard let low = bounds[0].isEmpty ? 0 : Int(bounds[0]) else { return nil }
            var high = low
            if bounds.count == 2 {
                guard let bound = bounds[1].isEmpty ? Int(Int32.max) : Int(bounds[1]) else { return nil }
                high = bound
            }
            guard low >= 0, low <= high, high <= Int(Int32.max) else { return nil }
            ranges.append(low...high)
        }
        return ranges
    }
}
