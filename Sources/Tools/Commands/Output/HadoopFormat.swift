import Glibc

/// How Hadoop's Java commands write numbers, times and columns; scripts parse what they print, so every digit counts.
package enum HadoopFormat {
    /// A right-aligned column (`%20s`): a longer text is not cut.
    package static func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
    }

    /// Cells of a table's row: right-aligned and parted by tabs.
    package static func row(_ cells: [String], widths: [Int]) -> String {
        zip(cells, widths).map { Self.column($0, $1) }.joined(separator: "\t") + "\n"
    }

    /// The pattern `###.##%`: at most two digits after the point, none if they are zero.
    package static func percent(_ fraction: Float) -> String {
        let hundredths = Self.hundredths(Double(fraction) * 100)
        let sign = hundredths < 0 ? "-" : ""
        let (whole, part) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        if part == 0 { return "\(sign)\(whole)%" }
        return part % 10 == 0 ? "\(sign)\(whole).\(part / 10)%" : "\(sign)\(whole).\(Self.twoDigits(part))%"
    }

    /// The pattern `#.00`: two digits after the point, and no zero before it.
    package static func twoPlaces(_ value: Float) -> String {
        let hundredths = Self.hundredths(Double(value))
        let sign = hundredths < 0 ? "-" : ""
        let (whole, part) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(sign)\(whole == 0 ? "" : "\(whole)").\(Self.twoDigits(part))"
    }

    /// A float as Java prints it.
    package static func float(_ value: Float) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        let magnitude = abs(value)
        if value == 0 || (magnitude >= 1e-3 && magnitude < 1e7) { return value.description }
        return Self.scientific(value)
    }

    /// A time in a list of containers, `Tue Nov 14 22:13:21 +0000 2023` in the local zone; `N/A` for no time.
    package static func listTime(_ milliseconds: Int64) -> String {
        guard milliseconds > 0 else { return "N/A" }
        return Self.strftime("%a %b %d %H:%M:%S %z %Y", milliseconds)
    }

    /// A file's time in a list, `2023-11-14 22:13` in the local zone.
    package static func fileTime(_ milliseconds: Int64) -> String { Self.strftime("%Y-%m-%d %H:%M", milliseconds) }

    /// A node's last health update, `Tue 14/Nov/23 10:13:21:234UTC` in the local zone.
    package static func healthTime(_ milliseconds: Int64) -> String {
        let (_, part) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return Self.strftime("%a %d/%b/%y %I:%M:%S:", milliseconds) + Self.twoDigits(part.magnitude)
            + Self.strftime("%Z", milliseconds)
    }

    /// A moment as YARN's application timeouts carry it, `2026-11-23T17:14:06.888+0000`.
    package static func timeoutTime(_ milliseconds: Int64) -> String {
        let part = String(milliseconds % 1000)
        return Self.strftime("%Y-%m-%dT%H:%M:%S.", milliseconds)
            + String(repeating: "0", count: max(0, 3 - part.count)) + part
            + Self.strftime("%z", milliseconds)
    }

    private static func twoDigits(_ value: some BinaryInteger) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }

    /// A value in hundredths, ties to even, held inside what an integer can carry.
    private static func hundredths(_ value: Double) -> Int64 {
        let scaled = (value * 100).rounded(.toNearestOrEven)
        guard scaled.isFinite else { return 0 }
        return Int64(max(-9e15, min(9e15, scaled)))
    }

    /// `1.0E-5` where Swift writes `1e-05`.
    private static func scientific(_ value: Float) -> String {
        let text = value.description.lowercased()
        guard let mark = text.firstIndex(of: "e") else {
            // Swift writes numbers below 2^24 in full; Java starts the exponent at ten million.
            return Self.scientificFromPlain(text)
        }
        let mantissa = text[..<mark]
        let exponent = Int(text[text.index(after: mark)...]) ?? 0
        return "\(mantissa.contains(".") ? String(mantissa) : "\(mantissa).0")E\(exponent)"
    }

    private static func scientificFromPlain(_ text: String) -> String {
        let sign = text.hasPrefix("-") ? "-" : ""
        let digits = text.split(separator: ".")[0].drop { $0 == "-" }
        let fraction = String(digits.dropFirst().reversed().drop { $0 == "0" }.reversed())
        return "\(sign)\(digits.prefix(1)).\(fraction.isEmpty ? "0" : fraction)E\(digits.count - 1)"
    }

    /// Formats in the local zone (TZ), always with English names.
    private static func strftime(_ format: String, _ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds.quotientAndRemainder(dividingBy: 1000).quotient)
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return "N/A" }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            let length = unsafe Glibc.strftime(buffer.baseAddress, buffer.count, format, &parts)
            return unsafe String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
