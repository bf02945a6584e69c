import ApplicationMaster

/// The properties that an application is given by a command line and a file, and where each comes from.
package struct GivenProperties: Sendable, Equatable {
    package private(set) var values: [String: String] = [:]
    /// `--executor-memory`, `--conf`, or a file and its line.
    private var origins: [String: String] = [:]

    package init() {}

    /// Reads a properties file: `name value` or `name=value` lines, `#` before comments.
    /// - Parameter file: its name.
    package init(in text: String, file: String) {
        // A line feed behind a carriage return is the same end.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            let line = Self.trimmed(line[...])
            guard !line.isEmpty, !line.hasPrefix("#"), !line.hasPrefix("!") else { continue }
            let name = line.prefix { !$0.isWhitespace && $0 != "=" && $0 != ":" }
            var value = Self.trimmed(line[name.endIndex...])
            if let first = value.first, first == "=" || first == ":" { value = Self.trimmed(value.dropFirst()) }
            self.set(String(name), String(value), origin: "line \(number + 1) of \(file)")
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    package mutating func set(_ name: String, _ value: String, origin: String) {
        self.values[name] = value
        self.origins[name] = origin
    }

    /// Those of `others` win.
    package mutating func merge(_ others: GivenProperties) {
        self.values.merge(others.values) { $1 }
        self.origins.merge(others.origins) { $1 }
    }

    /// - Throws: all that cannot be used, with where it comes from: before anything is copied, and also what only a driver or an
    ///   executor reads.
    package func check(master: String) throws(CommandFailure) {
        let problems = EngineProperties(self.values).problems(master: master)
        if problems.isEmpty { return }
        throw CommandFailure(problems.map { self.text($0) }.joined(separator: "\n"))
    }

    private func text(_ problem: EngineProperties.Unusable) -> String {
        let origins = problem.properties.compactMap { property in
            self.origins[property.name].map { "\(property.name) is from \($0)" }
        }
        return origins.isEmpty ? "\(problem)" : "\(problem) (\(origins.joined(separator: ", ")))"
    }
}
