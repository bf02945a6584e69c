/// The forms that a REST resource answers in, and the choice among them by the `Accept` header.
package enum RESTFormat: Sendable, Hashable {
    case json
    case xml

    package var contentType: String {
        switch self {
        case .json: "application/json;charset=utf-8"
        // The blank is Hadoop's.
        case .xml: "application/xml; charset=utf-8"
        }
    }

    /// What the caller likes best of what there is: by quality, then by how exactly it is named, then JSON first.
    /// - Parameter accept: the header's value; nil or empty accepts everything.
    /// - Returns: nil when the caller accepts neither.
    package static func negotiated(accept: String?) -> RESTFormat? {
        let ranges = (accept ?? "").split(separator: ",").prefix(rangesMaximum).compactMap { AcceptRange($0) }
        if ranges.isEmpty { return .json }
        let json = ranges.compactMap { $0.rank(type: "application", subtype: "json") }.max(by: AcceptRank.isVaguer)
        let xml = ranges.compactMap { $0.rank(type: "application", subtype: "xml") }.max(by: AcceptRank.isVaguer)
        switch (json?.acceptable, xml?.acceptable) {
        case (nil, nil): return nil
        case (.some, nil): return .json
        case (nil, .some): return .xml
        case (.some(let json), .some(let xml)): return AcceptRank.isWorse(json, xml) ? .xml : .json
        }
    }

    /// A browser sends fewer than ten; the rest of a longer list is not read.
    private static let rangesMaximum = 32
}

/// How well one range of an `Accept` header fits one type.
private struct AcceptRank {
    /// Thousandths.
    var quality: Int
    /// 2 for an exact type, 1 for `type/*`, 0 for `*/*`.
    var exactness: Int

    var acceptable: AcceptRank? { self.quality > 0 ? self : nil }

    /// For one type the range that names it most exactly counts, whatever its quality (RFC 9110, 12.5.1).
    static func isVaguer(_ left: AcceptRank, _ right: AcceptRank) -> Bool {
        left.exactness < right.exactness
    }

    static func isWorse(_ left: AcceptRank, _ right: AcceptRank) -> Bool {
        (left.quality, left.exactness) < (right.quality, right.exactness)
    }
}

private struct AcceptRange {
    private var type: Substring
    private var subtype: Substring
    private var quality = 1_000

    /// - Returns: nil for what is no media range; such an item is passed over.
    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map(trimmed)
        guard let names = parts.first?.split(separator: "/"), names.count == 2 else { return nil }
        self.type = names[0]
        self.subtype = names[1]
        for part in parts.dropFirst() where part.hasPrefix("q=") {
            self.quality = Double(part.dropFirst(2)).map { Int((min(max($0, 0), 1) * 1_000).rounded()) } ?? 0
        }
    }

    func rank(type: String, subtype: String) -> AcceptRank? {
        switch (self.type.lowercased(), self.subtype.lowercased()) {
        case (type, subtype): AcceptRank(quality: self.quality, exactness: 2)
        case (type, "*"): AcceptRank(quality: self.quality, exactness: 1)
        case ("*", "*"): AcceptRank(quality: self.quality, exactness: 0)
        default: nil
        }
    }
}

/// Without blanks and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
}
