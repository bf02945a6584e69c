/// One line of `heddle doctor`: something that is well, or what is wrong with it and what to change.
package struct Finding: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        case ok
        /// May be meant so.
        case warning
        /// Keeps applications from running; the doctor's exit code is 1.
        case problem
    }

    package var verdict: Verdict
    package var text: String
    /// What to change; nil when there is nothing to change or the text says it.
    package var remedy: String?

    package init(_ verdict: Verdict, _ text: String, remedy: String? = nil) {
        self.verdict = verdict
        self.text = text
        self.remedy = remedy
    }

    package static func ok(_ text: String) -> Finding { Finding(.ok, text) }

    package static func warning(_ text: String, remedy: String? = nil) -> Finding {
        Finding(.warning, text, remedy: remedy)
    }

    package static func problem(_ text: String, remedy: String? = nil) -> Finding {
        Finding(.problem, text, remedy: remedy)
    }

    var line: String {
        let column = 9
        let verdict = self.verdict.rawValue
        let head = verdict + String(repeating: " ", count: max(1, column - verdict.utf8.count))
        let remedy = self.remedy.map { "\(String(repeating: " ", count: column))-> \($0)\n" } ?? ""
        return "\(head)\(self.text)\n\(remedy)"
    }
}

extension [Finding] {
    /// What the doctor prints, and its exit code.
    package var result: CommandResult {
        let problems = self.filter { $0.verdict == .problem }.count
        let warnings = self.filter { $0.verdict == .warning }.count
        let summary =
            problems + warnings == 0 ? "All is well.\n" : "Problems: \(problems). Warnings: \(warnings).\n"
        return CommandResult(
            output: self.map(\.line).joined() + summary,
            exitCode: problems == 0 ? 0 : 1
        )
    }
}
