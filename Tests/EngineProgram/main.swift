import Glibc
import Heddle

// EngineProgram MASTER JOB [ARGUMENTS]

let arguments = Array(CommandLine.arguments.dropFirst())
// Variables of the program's own, for the job that reads them in closures.
let limit = arguments.count
let untouched = limit - arguments.count
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
