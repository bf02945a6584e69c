// Benchmarks of the parts; scripts/bench.sh runs them in a release build, with those of whole processes.
//
//   HeddleBench [AREA ...] [--json]

let areas: [(name: String, run: @Sendable (FigurePrinter) async throws -> Void)] = [
    ("rpc", EchoBenchmark.run)
]

let arguments = CommandLine.arguments.dropFirst()
let printer = FigurePrinter(printsJSON: arguments.contains("--json"))
let wanted = arguments.filter { !$0.hasPrefix("--") }
for area in areas where wanted.isEmpty || wanted.contains(area.name) {
    try await area.run(printer)
}
