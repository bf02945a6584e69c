/// Which bytes of something a request wants (RFC 9110, section 14): one range, the only form that is worth answering.
package enum RequestedRange: Sendable, Equatable {
    /// No range, several of them, or a unit other than bytes: all of it.
    case whole
    case part(Range<Int64>)
    /// The range begins behind the end.
    case unsatisfiable

    /// - Parameter length: how many bytes there are.
    package init(_ request: WebRequest, of length: Int64) {
        // There are no validators here, so that a condition is never met.
        guard let text = request.header("range"), request.header("if-range") == nil, text.hasPrefix("bytes="),
            !text.contains(",")
        else {
            self = .whole
            return
        }
        let ends = text.dropFirst("bytes=".utf8.count).split(separator: "-", omittingEmptySubsequences: false)
            .map { trimmed($0) }
        guard ends.count == 2 else {
            self = .whole
            return
        }
        self = Self.range(first: ends[0], last: ends[1], of: length)
    }

    private static func range(first: Substring, last: Substring, of length: Int64) -> RequestedRange {
        if first.isEmpty {
            guard let count = Self.number(last) else { return .whole }
            return count == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - count)..<length)
        }
        guard let start = Self.number(first) else { return .whole }
        var end = length
        if !last.isEmpty {
            guard let named = Self.number(last), named >= start else { return .whole }
            end = min(length, named == .max ? named : named + 1)
        }
        return start < length ? .part(start..<end) : .unsatisfiable
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text) ?? .max
    }
}
