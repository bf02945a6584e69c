/// What a client command has to say when it ends: text for the two streams and the exit code. Commands return it
/// instead of printing, so that tests read it.
package struct CommandResult: Sendable, Equatable {
    package var output: String
    package var errors: String
    /// Hadoop's own: 0, or 255 (its -1) for a wrong command line and for something that does not exist.
    package var exitCode: Int32

    package init(output: String = "", errors: String = "", exitCode: Int32 = 0) {
        self.output = output
        self.errors = errors
        self.exitCode = exitCode
    }

    /// Hadoop's -1, as a shell sees it.
    package static let refused: Int32 = 255

    /// A wrong command line: what is wrong, then the usage.
    package static func usage(_ problem: String, _ usage: String) -> CommandResult {
        CommandResult(output: usage, errors: problem.isEmpty ? "" : problem + "\n", exitCode: Self.refused)
    }
}

/// An error of a client command with its own exit code.
package struct CommandFailure: Error, Sendable, CustomStringConvertible {
    package var description: String
    package var exitCode: Int32

    package init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }
}
