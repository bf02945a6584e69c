import Glibc

/// The expression of a PATTERN resource: which entries of a jar are unpacked beside it; or of log aggregation: which files
/// are taken.
///
/// Clients write it in Java's syntax. What runs is the C library's matcher, which takes time in proportion to a name's
/// length: Java's own can be made to take years. The few constructs that only Java knows are refused.
@safe package final class EntryPattern: Sendable {
    // Written once, before the value is shared; regexec only reads it.
    private nonisolated(unsafe) var compiled = unsafe regex_t()

    /// Longer expressions are no client's.
    private static let lengthMaximum = 512
    /// Repetitions multiply in memory: `((a{99}){99}){99}`.
    private static let repetitionsMaximum = 2
    private static let repetitionMaximum = 100

    /// - Parameter anywhere: a name matches that has a part which does, not only as a whole.
    /// - Throws: what is not understood.
    package init(_ expression: String, anywhere: Bool = false) throws(UnpackFailure) {
        let translated = try Self.translated(expression)
        let whole = anywhere ? translated : "^(\(translated))$"
        let code = unsafe regcomp(&self.compiled, whole, REG_EXTENDED | REG_NOSUB)
        guard code == 0 else {
            var text = [CChar](repeating: 0, count: 256)
            unsafe regerror(code, &self.compiled, &text, text.count)
            let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw UnpackFailure("the pattern \"\(expression)\" is not a regular expression: \(reason)")
        }
    }

    deinit {
        unsafe regfree(&self.compiled)
    }

    /// Whether the name matches.
    package func matches(_ name: String) -> Bool {
        unsafe regexec(&self.compiled, name, 0, nil, 0) == 0
    }

    /// Java's expression in the C library's extended syntax.
    private static func translated(_ expression: String) throws(UnpackFailure) -> String {
        func refusal(_ what: String) -> UnpackFailure {
            UnpackFailure("the pattern \"\(expression)\" has \(what), which is not supported")
        }
        let bytes = Array(expression.utf8)
        guard bytes.count <= Self.lengthMaximum else { throw refusal("more than \(Self.lengthMaximum) bytes") }
        var result: [UInt8] = []
        var repetitions = 0
        var index = 0
        func byte(_ offset: Int) -> UInt8? { index + offset < bytes.count ? bytes[index + offset] : nil }
        while let current = byte(0) {
            switch current {
            case UInt8(ascii: "\\"):
                guard let next = byte(1) else { throw refusal("a backslash at its end") }
                index += 2
                try self.appendEscape(next, to: &result, refusal)
                continue
            case UInt8(ascii: "(") where byte(1) == UInt8(ascii: "?"):
                guard byte(2) == UInt8(ascii: ":") else { throw refusal("a group that starts with (?") }
                result.append(current)
                index += 3
                continue
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "}"):
                // A lazy quantifier finds another match but not another answer; a possessive one may.
                if byte(1) == UInt8(ascii: "+") { throw refusal("a possessive quantifier") }
                if byte(1) == UInt8(ascii: "?") {
                    result.append(current)
                    index += 2
                    continue
                }
            case UInt8(ascii: "{"):
                repetitions += 1
                let numbers = bytes[(index + 1)...].prefix { $0 != UInt8(ascii: "}") }
                let counts = numbers.split(separator: UInt8(ascii: ",")).map {
                    Int(String(decoding: $0, as: UTF8.self))
                }
                let isSmall = counts.allSatisfy { $0.map { $0 <= Self.repetitionMaximum } ?? false }
                guard repetitions <= Self.repetitionsMaximum, isSmall else { throw refusal("large repetitions") }
            default: break
            }
            result.append(current)
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func appendEscape(
        _ escaped: UInt8,
        to result: inout [UInt8],
        _ refusal: (String) -> UnpackFailure
    ) throws(UnpackFailure) {
        switch escaped {
        case UInt8(ascii: "d"): result += Array("[0-9]".utf8)
        case UInt8(ascii: "D"): result += Array("[^0-9]".utf8)
        case UInt8(ascii: "w"): result += Array("[A-Za-z0-9_]".utf8)
        case UInt8(ascii: "W"): result += Array("[^A-Za-z0-9_]".utf8)
        case UInt8(ascii: "s"): result += Array("[[:space:]]".utf8)
        case UInt8(ascii: "S"): result += Array("[^[:space:]]".utf8)
        default:
            let isLetterOrDigit = escaped.isLetterOrDigit
            if isLetterOrDigit { throw refusal("\\\(Character(UnicodeScalar(escaped)))") }
            result += [UInt8(ascii: "\\"), escaped]
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
