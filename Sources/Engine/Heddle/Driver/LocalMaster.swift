internal import Glibc

/// What a master of the form `local...` says.
struct LocalMaster: Hashable {
    var threads: Int
    var failuresMaximum: Int

    init(_ text: String) throws {
        (self.threads, self.failuresMaximum) = (1, 1)
        if text == "local" { return }
        guard text.hasPrefix("local["), text.hasSuffix("]") else { throw Self.unknown(text) }
        let parts = text.dropFirst("local[".count).dropLast().split(separator: ",", omittingEmptySubsequences: false)
        let words = parts.map { $0.filter { $0 != " " } }
        guard let first = words.first, words.count <= 2 else { throw Self.unknown(text) }
        guard let threads = first == "*" ? Self.processors : Int(first), threads > 0 else { throw Self.unknown(text) }
        self.threads = threads
        guard words.count == 2 else { return }
        guard let failures = Int(words[1]), failures > 0 else { throw Self.unknown(text) }
        self.failuresMaximum = failures
    }

    private static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private static func unknown(_ text: String) -> HeddleError {
        .job(
            "master \(text) is not known here: say local, local[N], local[*], local[N,F] or local-cluster[executors,cores,MiB]"
        )
    }
}
