/// The paths of one HTTP port, each with a handler for a method.
package struct WebRoutes: Sendable {
    package typealias Handler = @Sendable (WebRequest, PathParameters) async throws -> WebAnswer

    private struct Route: Sendable {
        var method: WebMethod
        var parts: [Part]
        var handler: Handler
    }

    private enum Part: Sendable, Equatable {
        case literal(String)
        case parameter(String)
        /// The rest of the path, possibly nothing.
        case rest
    }

    private var routes: [Route] = []

    package init() {}

    /// - Parameter pattern: `/apps/{id}/state`; `{name}` takes one part, `*` at the end takes all that follow.
    package mutating func add(_ method: WebMethod, _ pattern: String, _ handler: @escaping Handler) {
        let parts: [Part] = pattern.split(separator: "/")
            .map { part in
                if part == "*" { return .rest }
                guard part.first == "{" else { return .literal(String(part)) }
                return .parameter(String(part.dropFirst().dropLast()))
            }
        self.routes.append(Route(method: method, parts: parts, handler: handler))
    }

    /// Calls the first handler whose path and method fit; HEAD is answered by GET's.
    /// - Returns: nil when no route has such a path.
    /// - Throws: `RESTFailure` 405 when the path exists for other methods only, and what the handler throws.
    package func answer(_ request: WebRequest) async throws -> WebAnswer? {
        let wanted = request.method == .head ? WebMethod.get : request.method
        var allowed: [String] = []
        for route in self.routes {
            guard let parameters = Self.match(route.parts, request.segments) else { continue }
            if route.method == wanted { return try await route.handler(request, parameters) }
            allowed.append(route.method.rawValue)
        }
        guard allowed.isEmpty else { throw MethodNotAllowed(allowed: allowed) }
        return nil
    }

    private static func match(_ parts: [Part], _ segments: [String]) -> PathParameters? {
        var parameters = PathParameters()
        for (index, part) in parts.enumerated() {
            if part == .rest { return parameters }
            guard index < segments.count else { return nil }
            switch part {
            case .literal(let text):
                if segments[index] != text { return nil }
            case .parameter(let name): parameters.values.append((name, segments[index]))
            case .rest: break
            }
        }
        return parts.count == segments.count ? parameters : nil
    }
}

/// The path exists, for other methods.
package struct MethodNotAllowed: Error, Sendable {
    package var allowed: [String]
}

/// The parts of a path that a pattern left open.
package struct PathParameters: Sendable {
    fileprivate var values: [(name: String, value: String)] = []

    package init() {}

    /// Empty for a name that the pattern does not have.
    package subscript(_ name: String) -> String {
        self.values.first { $0.name == name }?.value ?? ""
    }
}
