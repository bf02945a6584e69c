/// What every area gets: where figures go, and how much is to be measured.
struct Session: Sendable {
    let printer: FigurePrinter
    /// So little is done that a test sees in seconds whether everything still runs; such figures say nothing.
    let isTiny: Bool

    /// The size of a measurement in steady figures, or in a test of the benchmark itself.
    func size(_ full: Int, tiny: Int) -> Int { self.isTiny ? tiny : full }

    func print(_ name: String, _ value: Double, _ unit: String) {
        self.printer.print(Figure(name: name, value: value, unit: unit))
    }

    /// Median and 99th percentile of a series of durations in milliseconds.
    func print(_ name: String, _ series: Series) {
        self.print("\(name).median", series.quantile(0.5), "ms")
        self.print("\(name).p99", series.quantile(0.99), "ms")
    }
}

/// A benchmark that cannot go on.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
