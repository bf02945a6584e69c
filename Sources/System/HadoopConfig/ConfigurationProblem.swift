/// One thing wrong with a configuration: what, where and what to do.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Severity: Int, Hashable, Comparable, Sendable {
        /// Worth knowing; nothing needs to change.
        case notice
        /// Probably not what its writer meant; the daemons start all the same.
        case warning
        /// The daemons refuse to start.
        case error

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package var severity: Severity
    package var origin: ConfigurationOrigin?
    /// The property's name, where the problem is one property's.
    package var key: String?
    /// The value found there, as it stands in the file.
    package var value: String?
    /// What is wrong, and what is accepted or to be done.
    package var message: String

    package init(
        _ severity: Severity,
        origin: ConfigurationOrigin? = nil,
        key: String? = nil,
        value: String? = nil,
        _ message: String
    ) {
        self.severity = severity
        self.origin = origin
        self.key = key
        self.value = value
        self.message = message
    }

    /// `file:line: error: key = "value": message`
    package var description: String {
        var text = self.origin.map { "\($0): " } ?? ""
        text += "\(self.severity): "
        if let key = self.key {
            text += key
            if let value = self.value {
                text += " = \"\(SensitiveKeys.contains(key) ? SensitiveKeys.redaction : Self.excerpt(value))\""
            }
            text += ": "
        }
        return text + self.message
    }

    /// A value as an error may show it: on one line and not endless.
    private static func excerpt(_ value: String) -> String {
        let characterCountMaximum = 120
        let line = value.prefix(characterCountMaximum).map { $0.isNewline ? " " : String($0) }.joined()
        return value.dropFirst(characterCountMaximum).isEmpty ? line : line + "..."
    }
}

/// Thrown where a configuration cannot be used; holds every problem that was found, not the first one only.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    package init(_ problem: ConfigurationProblem) {
        self.problems = [problem]
    }

    package var description: String { self.problems.map(\.description).joined(separator: "\n") }
}
