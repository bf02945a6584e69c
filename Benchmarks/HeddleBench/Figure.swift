/// One measured number, as `scripts/bench.sh` prints it.
struct Figure: Sendable {
    var name: String
    var value: Double
    var unit: String
}

/// Prints figures as they are measured: aligned columns for people, one JSON object a line for programs.
struct FigurePrinter {
    var printsJSON: Bool

    func print(_ figure: Figure) {
        if self.printsJSON {
            Swift.print(
                "{\"name\":\"\(figure.name)\",\"value\":\(Self.text(figure.value)),\"unit\":\"\(figure.unit)\"}"
            )
        } else {
            let name = figure.name.padding(to: 56)
            let value = Self.text(figure.value)
            Swift.print("\(name)\(String(repeating: " ", count: max(0, 14 - value.count)))\(value) \(figure.unit)")
        }
    }

    /// Three significant decimals for small numbers, none for large ones.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let decimals = value >= 1000 ? 0 : value >= 10 ? 1 : 3
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return decimals == 0 ? String(Int64(rounded)) : String(rounded)
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - self.count))
    }
}

/// Order statistics of a series of measurements.
struct Series {
    private var values: [Double] = []

    mutating func append(_ value: Double) {
        self.values.append(value)
    }

    var isEmpty: Bool { self.values.isEmpty }

    /// The value below which that share (0...1) of the measurements lies; 0 for an empty series.
    func quantile(_ share: Double) -> Double {
        guard !self.values.isEmpty else { return 0 }
        let sorted = self.values.sorted()
        let index = Int((Double(sorted.count - 1) * share).rounded())
        return sorted[index]
    }
}
