/// What the end of an executor's process means for its tasks, by its exit and the end of what it wrote to standard error.
package enum ExecutorEnd {
    /// - Parameters:
    ///   - text: how it ended, in words.
    ///   - isOrderly: it ended because it was told to.
    ///   - isSignal: the program itself failed, or somebody killed it.
    package static func cause(_ text: String, isOrderly: Bool, lastWords: String) -> ExecutorLossCause {
        if isOrderly { return .ended(message: text) }
        let reason = Self.reason(in: lastWords)
        if let task = Self.task(in: lastWords) {
            return .trapped([task], message: "the task ended its process, \(text)\(reason.map { ": \($0)" } ?? "")")
        }
        let words = reason ?? lastWords
        return .crashed(message: words.isEmpty ? text : "\(text); its last words: \(words)")
    }

    /// As CLinux's `heddle_note_traps` writes it.
    private static let note = "heddle: signal "

    private static func task(in text: String) -> TaskID? {
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix(Self.note) }),
            let word = line.split(separator: " ").last, line.contains(" in task "), let number = Int64(word)
        else { return nil }
        return TaskID(number)
    }

    /// Swift's own line for a broken precondition.
    private static func reason(in text: String) -> String? {
        text.split(separator: "\n").last { $0.contains("Fatal error") }.map(String.init)
    }
}
