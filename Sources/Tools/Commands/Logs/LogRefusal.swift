/// Why `heddle logs` shows nothing: what Hadoop's command says on standard error before it exits with -1.
struct LogRefusal: Error, CustomStringConvertible {
    var description: String

    init(_ lines: String...) {
        self.description = lines.joined(separator: "\n")
    }
}
