import Heddle

#if canImport(Glibc)
import Glibc
#endif

/// One program of this collection.
protocol Example: SendableMetatype {
    /// What stands behind the class's name on the command line.
    static var usage: String { get }

    static func run(_ arguments: [String], _ context: HeddleContext) async throws
}

/// `heddle-examples CLASS ARGUMENTS... [--master MASTER]`
@main struct Examples {
    private static let all: [String: any Example.Type] = [
        "WordCount": WordCount.self, "FlightsReport": FlightsReport.self, "Pi": Pi.self, "KMeans": KMeans.self,
        "LogisticRegression": LogisticRegression.self, "PageRank": PageRank.self,
        "ConnectedComponents": ConnectedComponents.self, "TeraGen": TeraGen.self, "TeraSort": TeraSort.self,
        "TeraValidate": TeraValidate.self, "LogAnalysis": LogAnalysis.self,
    ]

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        var master = "local[*]"
        if let place = arguments.firstIndex(of: "--master"), place + 1 < arguments.count {
            master = arguments[place + 1]
            arguments.removeSubrange(place...(place + 1))
        }
        guard let name = arguments.first, let example = Self.all[name] else {
            let lines = Self.all.sorted { $0.key < $1.key }.map { "  heddle-examples \($0.key) \($0.value.usage)" }
            Self.fail(
                "Say which example, and where it runs with --master (local[*] where it is not said):\n"
                    + lines.joined(separator: "\n"),
                status: 2
            )
        }
        do {
            try await example.run(Array(arguments.dropFirst()), try HeddleContext(master: master))
        } catch let problem as UsageProblem {
            Self.fail("\(problem)usage: heddle-examples \(name) \(example.usage)", status: 2)
        } catch {
            Self.fail("\(error)", status: 1)
        }
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        let bytes = Array((text + "\n").utf8)
        unsafe write(STDERR_FILENO, bytes, bytes.count)
        exit(status)
    }
}

/// The command line does not say what the example needs.
struct UsageProblem: Error, CustomStringConvertible {
    var description = ""
}

extension [String] {
    /// An argument that must be there.
    func text(_ place: Int) throws -> String {
        guard self.indices.contains(place) else { throw UsageProblem() }
        return self[place]
    }

    /// A number above 0, or the value for one that is not said.
    func count(_ place: Int, or value: Int? = nil) throws -> Int {
        if let value, !self.indices.contains(place) { return value }
        let text = try self.text(place)
        guard let count = Int(text), count > 0 else {
            throw UsageProblem(description: "\(text) is no number above 0; ")
        }
        return count
    }
}
