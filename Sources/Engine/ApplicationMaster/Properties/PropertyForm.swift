package import Staging

/// What a property's value may be.
package enum PropertyForm: Hashable, Sendable {
    case text
    /// One of some words, however it is written; it is read as it stands here.
    case word([String])
    case flag
    case count(from: Int, to: Int = Int(Int32.max))
    /// A part of something, above 0 and up to 1.
    case share
    case factor(ClosedRange<Double>)
    /// A time such as `500ms`; a bare number counts `unit`, of which Spark has milliseconds for some and seconds for others.
    case time(unit: Duration)
    /// A size such as `512m`; a bare number counts `unit`. In bytes both.
    case size(unit: Int64, least: Int64)
    case url
    /// A URL, or a path of this machine.
    case place

    /// What a value was read as.
    package enum Value: Hashable, Sendable {
        case text(String)
        case flag(Bool)
        case count(Int)
        case number(Double)
        case time(Duration)
        /// In bytes.
        case size(Int64)
        case place(ResourceLocation)
    }

    /// - Returns: nil for what is not accepted.
    package func value(_ text: String) -> Value? {
        switch self {
        case .text: .text(text)
        case .word(let words): words.first { $0.lowercased() == text.lowercased() }.map(Value.text)
        case .flag: Bool(text.lowercased()).map(Value.flag)
        case .count(let least, let most): Int(text).flatMap { $0 >= least && $0 <= most ? .count($0) : nil }
        case .share: Double(text).flatMap { $0 > 0 && $0 <= 1 ? .number($0) : nil }
        case .factor(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .time(let unit): EngineProperties.time(text, unit: unit).map(Value.time)
        case .size(let unit, let least):
            EngineProperties.bytes(text, unit: unit).flatMap { $0 >= least ? .size($0) : nil }
        case .url: ResourceLocation(url: text.hasSuffix("/") ? text : "\(text)/").map(Value.place)
        case .place:
            text.hasPrefix("/")
                ? .place(ResourceLocation(scheme: "file", path: text)) : ResourceLocation(url: text).map(Value.place)
        }
    }

    /// What is wrong with other values, and what is accepted.
    var refusal: String {
        switch self {
        case .text: "is no text"
        case .word(let words): "is not known here; accepted: \(words.joined(separator: ", "))"
        case .flag: "is neither true nor false; accepted: true and false"
        case .count(0, Int(Int32.max)): "is no number; accepted: 0, 1, 2 and so on"
        case .count(let least, Int(Int32.max)):
            "is no number from \(least) on; accepted: \(least), \(least + 1) and so on"
        case .count(let least, let most): "is no number from \(least) to \(most); accepted: \(least) to \(most)"
        case .share: "is no part of a whole; accepted: above 0 and up to 1, as in 0.6"
        case .factor(let range): "is not accepted: a number from \(range.lowerBound) to \(range.upperBound) is"
        case .time: "is no time; accepted: a number and ms, s, min, h or d, as in 500ms or 10s"
        case .size: "is no size; accepted: a number and k, m, g or t, as in 512m or 15g"
        case .url: "is no place; accepted: a URL such as webhdfs://host:port/folder"
        case .place: "is no place; accepted: a path, or a URL such as webhdfs://host:port/logs"
        }
    }
}

extension EngineProperties {
    /// - Returns: nil for what is no time.
    package static func time(_ text: String, unit: Duration) -> Duration? {
        guard let (number, word) = Self.parts(of: text),
            // Beyond a thousand years sums of times would overflow.
            number <= 1 << 45
        else { return nil }
        let one: Duration
        switch word {
        case "": one = unit
        case "us": one = .microseconds(1)
        case "ms": one = .milliseconds(1)
        case "s": one = .seconds(1)
        case "m", "min": one = .seconds(60)
        case "h": one = .seconds(3600)
        case "d": one = .seconds(86_400)
        default: return nil
        }
        let seconds = Double(number) * (Double(one.components.seconds) + Double(one.components.attoseconds) / 1e18)
        return seconds < 3e10 ? one * Int(number) : nil
    }

    /// Bytes of a size such as `512m` or `15g`.
    /// - Parameter unit: what a bare number counts, in bytes.
    /// - Returns: nil for what is no size, or more than anything can have.
    static func bytes(_ text: String, unit: Int64) -> Int64? {
        guard let (number, word) = Self.parts(of: text) else { return nil }
        let one: Int64
        switch word {
        case "": one = unit
        case "b": one = 1
        case "k", "kb", "kib": one = 1 << 10
        case "m", "mb", "mib": one = 1 << 20
        case "g", "gb", "gib": one = 1 << 30
        case "t", "tb", "tib": one = 1 << 40
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: one)
        // So that sums of some do not overflow.
        return overflow || bytes > 1 << 60 ? nil : bytes
    }

    /// MiB of a size such as `512m` or `15g`; a bare number counts MiB, as Spark has it for memory.
    /// - Returns: nil for what is no size, or less than one MiB.
    package static func mebibytes(_ text: String) -> Int64? {
        Self.bytes(text, unit: 1 << 20).flatMap { $0 >= 1 << 20 ? $0 >> 20 : nil }
    }

    private static func parts(of text: String) -> (Int64, Substring)? {
        let lower = text.lowercased().filter { $0 != " " }
        let digits = lower.prefix { $0.isASCII && $0.isNumber }
        return Int64(digits).map { ($0, lower.dropFirst(digits.count)) }
    }
}
