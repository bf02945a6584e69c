import Glibc
import Heddle

/// Ends a program otherwise than by stopping its context, after some work.
func end(_ context: HeddleContext, as way: String, _ arguments: [String]) async throws {
    print(try await context.parallelize(0..<10, partitions: 2).sum())
    // As a global would, this keeps the context from being dropped.
    _ = unsafe Unmanaged.passRetained(context)
    fflush(nil)
    switch way {
    case "exit":
        for number in 0..<5000 { complain("line \(number)") }
        complain("the tank is empty")
        exit(Int32(arguments.first ?? "") ?? 1)
    case "fatal": fatalError("the tank is empty")
    default: break
    }
}

private func complain(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = unsafe write(STDERR_FILENO, line, line.count)
}
