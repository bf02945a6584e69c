import Glibc

/// A system call that failed: what was tried, on what, and the system's reason.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was tried, as a verb: "open", "rename".
    package var operation: String
    package var path: String
    /// The system's error number (errno).
    package var number: Int32

    package init(_ operation: String, _ path: String, number: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// The same failure of a name that was opened below `folder`, told by its whole path.
    package func below(_ folder: String) -> SystemError {
        self.path.hasPrefix("/") ? self : SystemError(self.operation, "\(folder)/\(self.path)", number: self.number)
    }

    package var description: String {
        "cannot \(self.operation) \(self.path): \(Self.text(of: self.number))"
    }

    /// The system's own words for an error number, independent of the machine's language.
    package static func text(of number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}
