package import HadoopConfig
import Settings

/// The answers of `heddle conf`, as text; the command prints them.
package struct ConfReport {
    private let folder: ConfigurationFolder?
    private let configuration: Configuration
    /// What kept files from being read.
    private let problems: [ConfigurationProblem]

    package init(folder: ConfigurationFolder?, environment: ConfigurationEnvironment) {
        self.folder = folder
        (self.configuration, self.problems) = Configuration.survey(directory: folder?.path, environment: environment)
    }

    /// The value alone on standard output, for scripts; where it comes from on standard error.
    package func value(of key: String) -> CommandResult {
        guard self.problems.isEmpty else { return self.unreadable(output: "") }
        do {
            guard let value = try self.configuration.text(of: key) else {
                return CommandResult(errors: self.unknown(key), exitCode: 1)
            }
            return CommandResult(output: value + "\n", errors: "# \(self.configuration.origin(of: key))\n")
        } catch {
            return CommandResult(errors: "\(error)\n", exitCode: 1)
        }
    }

    private func unknown(_ key: String) -> String {
        var text = "\(key) is not set and has no default"
        if case .nobody(let nearest?) = KnownKeys.reader(of: key) {
            text += "; did you mean \(nearest)?"
        }
        return text + "\n"
    }

    /// Every effective value with the file and line that it comes from, sorted by key.
    package func list() -> CommandResult {
        var output = "# \(self.heading)\n"
        for property in self.configuration.effectiveProperties {
            let final = property.isFinal ? ", final" : ""
            output += "\(property.key) = \(Self.oneLine(property.value))  # \(property.origin)\(final)\n"
        }
        return self.problems.isEmpty ? CommandResult(output: output) : self.unreadable(output: output)
    }

    /// Everything wrong or odd; the exit code is 1 when something keeps a daemon from starting.
    package func check() -> CommandResult {
        var found = self.problems + SettingsCheck.problems(in: self.configuration)
        if self.folder == nil {
            found.insert(ConfigurationProblem(.warning, ConfigurationFolder.missingAdvice), at: 0)
        }
        let errors = found.filter { $0.severity == .error }.count
        let warnings = found.filter { $0.severity == .warning }.count
        let lines = found.map { "\($0)\n" }.joined()
        let summary = "\(self.heading): \(Self.count(errors, "error")), \(Self.count(warnings, "warning"))\n"
        return CommandResult(output: lines + summary, exitCode: errors == 0 ? 0 : 1)
    }

    private func unreadable(output: String) -> CommandResult {
        CommandResult(output: output, errors: self.problems.map { "\($0)\n" }.joined(), exitCode: 1)
    }

    private var heading: String {
        guard let folder = self.folder else { return "no configuration folder" }
        let files = self.configuration.files.count
        return "\(folder.path) (\(folder.source)), \(Self.count(files, "file"))"
    }

    private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func oneLine(_ value: String) -> String {
        value.split(whereSeparator: \.isNewline).map { String($0.trimmingHadoopSpace) }.joined(separator: " ")
    }
}
