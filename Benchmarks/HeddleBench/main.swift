// Benchmarks over the wire; scripts/bench.sh runs them in a release build, with those of whole processes.
//
//   HeddleBench [AREA ...] [--json] [--tiny]
//
// --tiny does so little that the figures say nothing: for a test of the benchmarks themselves.

let areas: [(name: String, run: @Sendable (Session) async throws -> Void)] = [
    ("rpc", EchoBenchmark.run),
    ("allocate", AllocateBenchmark.run),
    ("heartbeat", HeartbeatBenchmark.run),
    ("container", ContainerBenchmark.run),
    ("launch", LaunchBenchmark.run),
    ("localize", LocalizeBenchmark.run),
    ("engine-data", EngineDataBenchmark.run),
    ("staging", StagingBenchmark.run),
]

let arguments = CommandLine.arguments.dropFirst()
let session = Session(
    printer: FigurePrinter(printsJSON: arguments.contains("--json")),
    isTiny: arguments.contains("--tiny")
)
let wanted = arguments.filter { !$0.hasPrefix("--") }
if let unknown = wanted.first(where: { word in !areas.contains { $0.name == word } }) {
    complain("there is no area \(unknown); areas: \(areas.map(\.name).joined(separator: ", "))")
}
if let unknown = arguments.first(where: { $0.hasPrefix("--") && !["--json", "--tiny"].contains($0) }) {
    complain("there is no option \(unknown); options: --json, --tiny")
}
for area in areas where wanted.isEmpty || wanted.contains(area.name) {
    do {
        try await area.run(session)
    } catch {
        complain("\(area.name): \(error)")
    }
}
