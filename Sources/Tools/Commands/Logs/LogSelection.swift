import ClusterModel
import HadoopWire

/// Which logs `heddle logs` is asked for.
struct LogSelection: Sendable {
    /// nil for all containers.
    var containers: Set<String>?
    /// `host:port`, or a host alone; nil for all nodes.
    var node: String?
    /// Names of files; empty or ALL: every name.
    var names: [String] = []
    /// Regular expressions of names; empty: every name.
    var patterns: [String] = []
    /// How many bytes of each file: the first ones, or if negative the last ones.
    var size = Int64.max

    /// - Parameter file: `host_port`.
    func includes(nodeFile file: String) -> Bool {
        guard let node else { return true }
        let wanted = String(node.map { $0 == ":" ? "_" : $0 })
        return file == wanted || (!node.contains(":") && file.hasPrefix(wanted + "_"))
    }

    /// - Throws: for a pattern that is no regular expression.
    func includes(_ entry: AggregatedLog.Entry) throws(CommandFailure) -> Bool {
        if let containers, !containers.contains(entry.container) { return false }
        let isNamed =
            self.names.contains { $0 == entry.name || $0.uppercased() == "ALL" || $0 == "*" || $0 == ".*" }
        if self.names.isEmpty, self.patterns.isEmpty { return true }
        if isNamed { return true }
        for pattern in self.patterns {
            guard let expression = try? Regex(pattern) else {
                throw CommandFailure("Not a regular expression: \(pattern)")
            }
            if (try? expression.wholeMatch(in: entry.name)) != nil { return true }
        }
        return false
    }

    /// The part of a file of `length` bytes.
    func part(of length: Int64) -> Range<Int64> {
        self.size < 0 ? max(0, length &+ self.size)..<length : 0..<min(self.size, length)
    }
}
