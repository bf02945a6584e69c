import Heddle

/// `heddle submit --class CLASS .build/release/heddle-examples ARGUMENTS`, or `heddle-examples CLASS ARGUMENTS`.
@main struct Examples: ApplicationProgram {
    static let applications: [any Application.Type] = [
        WordCount.self, FlightsReport.self, Pi.self, KMeans.self, LogisticRegression.self, PageRank.self,
        ConnectedComponents.self, TeraGen.self, TeraSort.self, TeraValidate.self, LogAnalysis.self,
    ]
}

extension [String] {
    /// An argument that must be there.
    func text(_ place: Int) throws -> String {
        guard self.indices.contains(place) else { throw WrongArguments() }
        return self[place]
    }

    /// A number above 0, or the value for one that is not said.
    func count(_ place: Int, or value: Int? = nil) throws -> Int {
        if let value, !self.indices.contains(place) { return value }
        let text = try self.text(place)
        guard let count = Int(text), count > 0 else {
            throw WrongArguments("\(text) is no number above 0")
        }
        return count
    }
}
