import Glibc
import Heddle

// EngineProgram MASTER JOB [ARGUMENTS]

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    // "-": as it was submitted.
    let context = try HeddleContext(master: arguments.first == "-" ? nil : arguments.first)
    let job = arguments.dropFirst().first ?? ""
    try await run(context, job, Array(arguments.dropFirst(2)))
    if job != "returns" { context.stop() }
} catch {
    print("failed: \(error)")
    exit(1)
}
