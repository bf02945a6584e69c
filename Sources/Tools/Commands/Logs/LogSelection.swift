import AggregatedLogs
import ClusterModel

/// Which logs `heddle logs` is asked for.
struct LogSelection: Sendable {
    /// nil for all containers.
    var containers: Set<String>?
    /// `host:port`, or a host alone; nil for all nodes.
    var node: String?
    /// Names of files; empty: every name.
    var names: [String] = []
    /// Regular expressions that a name has a match of; empty: every name.
    var patterns: [String] = []
    /// How many bytes of each file: the first ones, or if negative the last ones.
    var size = Int64.max

    init() {}

    init(_ options: DashedOptions) throws(LogRefusal) {
        if options.has("log_files"), options.has("log_files_pattern") {
            throw LogRefusal("Invalid options. Can only accept one of log_files/log_files_pattern.")
        }
        self.node = options.value("nodeAddress")
        self.names = options.list("log_files")
        if self.names.contains(where: { $0 == "ALL" || $0 == "*" }) { self.names = [] }
        self.patterns = options.list("log_files_pattern")
        for pattern in self.patterns where (try? Regex(pattern)) == nil {
            throw LogRefusal("Not a regular expression: \(pattern)")
        }
        if let size = try LogRequest.number(options, "size") { self.size = size }
    }

    func includes(container: String) -> Bool { self.containers?.contains(container) ?? true }

    func includes(_ file: LogArchive.NodeFile) -> Bool { self.node.map { file.isOf(node: $0) } ?? true }

    /// - Parameter node: `host:port`.
    func includes(node: String) -> Bool {
        guard let wanted = self.node else { return true }
        return node == wanted || (!wanted.contains(":") && node.hasPrefix(wanted + ":"))
    }

    func includes(file name: String) -> Bool {
        if self.names.contains(name) { return true }
        if self.patterns.isEmpty { return self.names.isEmpty }
        return self.patterns.contains { pattern in
            guard let expression = try? Regex(pattern) else { return false }
            return (try? expression.firstMatch(in: name)) != nil
        }
    }

    /// The part of a file of `length` bytes.
    func part(of length: Int64) -> Range<Int64> {
        self.size < 0 ? max(0, length &+ self.size)..<length : 0..<min(self.size, length)
    }

    /// How Hadoop names what was asked for when nothing fits.
    var filesText: String {
        let all = self.names + self.patterns
        return "[\(all.isEmpty ? "ALL" : all.joined(separator: ", "))]"
    }
}
