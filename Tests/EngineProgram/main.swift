import Glibc
import Heddle

// EngineProgram MASTER JOB [ARGUMENTS]

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    // "-": as it was submitted.
    let context = try HeddleContext(master: arguments.first == "-" ? nil : arguments.first)
    try await run(context, arguments.dropFirst().first ?? "", Array(arguments.dropFirst(2)))
    context.stop()
} catch {
    print("failed: \(error)")
    exit(1)
}
