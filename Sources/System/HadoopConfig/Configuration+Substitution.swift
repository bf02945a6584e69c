/// Why a value's `${...}` could not be replaced.
struct SubstitutionFailure: Error, Hashable, Sendable {
    var message: String
}

extension Configuration {
    /// As many replacements as Hadoop makes in one value before it calls it a loop.
    static let substitutionCountMaximum = 20

    /// Replaces `${name}` by the system property, environment variable (`env.NAME`, `env.NAME:-default`,
    /// `env.NAME-default`) or key of that name, innermost and leftmost first. As in Hadoop, the first name that is none
    /// of these ends it: that reference and what follows stay as they are.
    func substitute(_ raw: String) throws(SubstitutionFailure) -> String {
        var text = raw
        for _ in 0..<Self.substitutionCountMaximum {
            guard let reference = Self.firstReference(in: text) else { return text }
            guard let value = self.value(ofReference: text[reference.name]) else { return text }
            text.replaceSubrange(reference.whole, with: value)
            guard text.utf8.count <= self.limits.valueBytesMaximum else {
                throw SubstitutionFailure(
                    message: "grows beyond \(self.limits.valueBytesMaximum) bytes when its ${...} are replaced"
                )
            }
        }
        throw SubstitutionFailure(
            message: "needs \(Self.substitutionCountMaximum) or more replacements of ${...}; "
                + "look for keys that refer to each other in a circle"
        )
    }

    /// The first `${...}` in `text`, after substitution, that nothing defines; nil when all are.
    package func undefinedReference(in raw: String) -> String? {
        guard let text = try? self.substitute(raw), let reference = Self.firstReference(in: text) else { return nil }
        return String(text[reference.whole])
    }

    private func value(ofReference name: Substring) -> String? {
        if name.hasPrefix("env.") {
            return self.environmentValue(name.dropFirst("env.".count))
        }
        let name = String(name)
        return self.environment.systemProperties[name] ?? self.rawValue(of: name)
    }

    /// `NAME`, `NAME:-default` (also where it is empty) or `NAME-default` (only where it is not set).
    private func environmentValue(_ reference: Substring) -> String? {
        guard let separator = reference.firstIndex(where: { $0 == ":" || $0 == "-" }) else {
            return self.environment.variables[String(reference)]
        }
        let value = self.environment.variables[String(reference[..<separator])]
        let rest = reference[separator...]
        if rest.hasPrefix(":-") {
            return value.flatMap { $0.isEmpty ? nil : $0 } ?? String(rest.dropFirst(2))
        }
        if rest.hasPrefix("-") {
            return value ?? String(rest.dropFirst())
        }
        return nil
    }

    private typealias Reference = (whole: Range<String.Index>, name: Range<String.Index>)

    /// The leftmost `${name}` whose name holds no `$`, `}` and no space.
    private static func firstReference(in text: String) -> Reference? {
        let bytes = text.utf8
        var opening: String.Index?
        var position = bytes.startIndex
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: "$"):
                let next = bytes.index(after: position)
                if next < bytes.endIndex, bytes[next] == UInt8(ascii: "{") {
                    opening = position
                    position = next
                } else {
                    opening = nil
                }
            case UInt8(ascii: " "): opening = nil
            case UInt8(ascii: "}"):
                if let start = opening {
                    let name = bytes.index(start, offsetBy: 2)..<position
                    if !name.isEmpty {
                        return (start..<bytes.index(after: position), name)
                    }
                }
                opening = nil
            default: break
            }
            position = bytes.index(after: position)
        }
        return nil
    }
}
