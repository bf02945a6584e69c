/// A message whose fields cannot be read as the value it stands for: which field, and what is wrong with it.
package struct ConversionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Path of the field as the protocol spells it, outermost first: `container_id.app_attempt_id`.
    package var field: String
    /// What is wrong and what is accepted, as a sentence without its subject: `is missing`.
    package var problem: String

    package init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }

    package var description: String { "\(self.field) \(self.problem)" }

    static func missing(_ field: String) -> ConversionError {
        ConversionError(field: field, problem: "is missing")
    }

    static func negative(_ field: String, _ value: some BinaryInteger) -> ConversionError {
        ConversionError(field: field, problem: "is \(value); it must not be negative")
    }

    /// The same error, seen from the message that holds the field's message.
    package func inside(_ outer: String) -> ConversionError {
        ConversionError(field: "\(outer).\(self.field)", problem: self.problem)
    }
}

/// Runs `body` and puts `field` before the path of the error it throws.
package func converting<Value>(
    _ field: String,
    _ body: () throws(ConversionError) -> Value
) throws(ConversionError) -> Value {
    do {
        return try body()
    } catch {
        throw error.inside(field)
    }
}
