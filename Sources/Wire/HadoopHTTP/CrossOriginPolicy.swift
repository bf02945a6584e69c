/// Which pages of other origins may read a port's answers (`hadoop.http.cross-origin.*`), told to browsers in the headers of
/// the Fetch standard.
package struct CrossOriginPolicy: Sendable, Hashable {
    /// Origins as `http://host:port`, where `*` stands for anything; `regex:` begins a regular expression.
    package var allowedOrigins: [String]
    package var allowedMethods: [String]
    package var allowedHeaders: [String]
    /// How long a browser may remember the answer to a preflight.
    package var preflightAgeMaximum: Duration

    package init(
        allowedOrigins: [String],
        allowedMethods: [String],
        allowedHeaders: [String],
        preflightAgeMaximum: Duration
    ) {
        self.allowedOrigins = allowedOrigins
        self.allowedMethods = allowedMethods
        self.allowedHeaders = allowedHeaders
        self.preflightAgeMaximum = preflightAgeMaximum
    }

    /// What the answer to a request of another origin carries; empty for a request of no other origin and for one that is
    /// not allowed, which the browser then keeps from its page.
    func headers(for request: WebRequest) -> [WebHeader] {
        guard let origin = request.header("origin"), self.allows(origin: origin),
            request.header("access-control-request-method").map(self.allowedMethods.contains) ?? true,
            self.allows(headers: request.header("access-control-request-headers") ?? "")
        else { return [] }
        return [
            WebHeader("Access-Control-Allow-Origin", origin),
            WebHeader("Access-Control-Allow-Credentials", "true"),
            WebHeader("Access-Control-Allow-Methods", self.allowedMethods.joined(separator: ",")),
            WebHeader("Access-Control-Allow-Headers", self.allowedHeaders.joined(separator: ",")),
            WebHeader("Access-Control-Max-Age", String(self.preflightAgeMaximum.components.seconds)),
        ]
    }

    /// True for a request that a page of another origin may make.
    func allows(_ request: WebRequest) -> Bool {
        guard let origin = request.header("origin") else { return false }
        return self.allows(origin: origin) && self.allowedMethods.contains(request.method.rawValue)
    }

    /// - Parameter origin: one, or several with spaces between them, of which one is enough.
    private func allows(origin: String) -> Bool {
        origin.split(separator: " ").contains { one in self.allowedOrigins.contains { Self.matches(one, $0) } }
    }

    private func allows(headers: String) -> Bool {
        let allowed = Set(self.allowedHeaders.map { $0.lowercased() })
        return headers.split(separator: ",").allSatisfy { allowed.contains(trimmed($0).lowercased()) }
    }

    private static let regexPrefix = "regex:"

    private static func matches(_ origin: Substring, _ pattern: String) -> Bool {
        if pattern.hasPrefix(Self.regexPrefix) {
            guard let regex = try? Regex(String(pattern.dropFirst(Self.regexPrefix.count))) else { return false }
            return (try? regex.wholeMatch(in: origin)) ?? nil != nil
        }
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return origin == pattern }
        guard origin.hasPrefix(first) else { return false }
        var rest = origin.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }

    /// Whether a pattern can be read; a regular expression may be none.
    package static func isPattern(_ pattern: String) -> Bool {
        guard pattern.hasPrefix(Self.regexPrefix) else { return true }
        return (try? Regex(String(pattern.dropFirst(Self.regexPrefix.count)))) != nil
    }
}
