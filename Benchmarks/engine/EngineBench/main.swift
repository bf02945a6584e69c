import Foundation
import Heddle

// EngineBench MASTER JOB [ARGUMENTS]: runs a job and prints `NAME SECONDS CHECK`. EngineBench make|bare ...: below.

/// Since the process was executed, in seconds, by the kernel's account.
func sinceStart() -> Double {
    let fields = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8))?.split(separator: ")").last?
        .split(separator: " ")
    let uptime = (try? String(contentsOfFile: "/proc/uptime", encoding: .utf8))?.split(separator: " ").first
    guard let ticks = fields.flatMap({ Double($0[19]) }), let now = uptime.flatMap({ Double($0) }) else { return 0 }
    return now - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
}

func report(_ name: String, _ seconds: Double, _ check: some CustomStringConvertible) {
    print(name, String(format: "%.4f", seconds), check)
}

func measure<Check: CustomStringConvertible>(_ name: String, _ body: () async throws -> Check) async rethrows {
    let start = ContinuousClock.now
    let check = try await body()
    report(name, (ContinuousClock.now - start) / .seconds(1), check)
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch arguments.first {
    case "make": try BenchmarkData.make(arguments[1], count: Int(arguments[2]) ?? 0, at: arguments[3])
    case "bare": try await measure("bare") { try await BareLoop.words(arguments[1]) }
    default:
        let context = try HeddleContext(master: arguments.first == "-" ? nil : arguments.first)
        try await EngineJobs(context: context).run(arguments[1], Array(arguments.dropFirst(2)))
        context.stop()
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
