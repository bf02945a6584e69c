package import Testing

/// How long a test waits for what must come. Nothing is measured by it: it only ends a test that would hang, so it leaves room
/// for a machine that is busy with other things.
package let patience: Duration = .seconds(60)

/// What a test waited for in vain.
package struct TimedOut: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) {
        self.description = description
    }
}

/// Asks until `value` gives something.
///
/// - Throws: `TimedOut` when the `patience` of tests is over, and whatever `value` throws.
package func eventualValue<Value>(_ what: Comment, _ value: () async throws -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now + patience
    while true {
        if let found = try await value() { return found }
        guard ContinuousClock.now < deadline else { throw TimedOut(description: "not within \(patience): \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Asks until `condition` holds; records an issue at the caller's line when it never does.
package func eventually(
    _ what: Comment = "the condition comes true",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    do {
        _ = try await eventualValue(what) { try await condition() ? true : nil }
    } catch let error as TimedOut {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
