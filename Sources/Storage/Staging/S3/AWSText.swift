import FoundationEssentials

/// What AWS's services write alike, wherever they write it.
enum AWSText {
    /// Seconds since 1970 of a time such as `2026-11-29T10:00:00Z`, with or without fractions; nil for what is none.
    static func seconds(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return (try? Date(text, strategy: style)).map { Int64($0.timeIntervalSince1970) }
    }

    /// What the names of a region's services end in.
    static func domain(of region: String) -> String { "amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")" }
}
