package import Logging

/// One port's paths behind the checks that hold for all of them, with every error turned into an answer.
package struct WebFront: Sendable {
    private let routes: WebRoutes
    private let hosts: HostGuard
    private let policy: WebPolicy
    private let logger: Logger

    package init(routes: WebRoutes, hosts: HostGuard, policy: WebPolicy = WebPolicy(), logger: Logger) {
        self.routes = routes
        self.hosts = hosts
        self.policy = policy
        self.logger = logger
    }

    package func answer(_ request: WebRequest) async -> WebAnswer {
        var request = request
        request.staticUser = self.policy.staticUser
        var answer = await self.routed(request)
        answer.headers += self.policy.crossOrigin?.headers(for: request) ?? []
        if let cookie = self.policy.cookie(for: request) { answer.headers.append(cookie) }
        return answer
    }

    /// - Throws: `RESTFailure` or `PlainRefusal` for a request that may not come to the routes.
    private func check(_ request: WebRequest) throws {
        try self.hosts.check(request)
        switch request.method {
        case .get, .head, .options: break
        case .put, .post, .delete:
            if self.policy.crossOrigin?.allows(request) != true { try self.hosts.checkOrigin(request) }
        }
        try self.policy.checkName(request)
    }

    /// What may be done with a path (RFC 9110, 9.3.7); also what a browser's preflight asks before a page of another origin.
    private static func options(_ methods: [String]) -> WebAnswer {
        var allowed = ["OPTIONS"]
        for method in methods.flatMap({ $0 == "GET" ? ["GET", "HEAD"] : [$0] }) where !allowed.contains(method) {
            allowed.append(method)
        }
        return WebAnswer(
            status: 200,
            headers: WebAnswer.hadoopHeaders + [WebHeader("Allow", allowed.joined(separator: ","))]
        )
    }

    private func routed(_ request: WebRequest) async -> WebAnswer {
        do {
            try self.check(request)
            if let answer = try await self.routes.answer(request) { return answer }
            if request.segments.first == "ws" {
                return .failure(.notFound("\(request.rawPath) not found"), as: request.format)
            }
            return WebAnswer.page(HTMLPage.notFound(path: request.rawPath), status: 404)
        } catch let failure as RESTFailure {
            return .failure(failure, as: request.format)
        } catch let refusal as MethodNotAllowed {
            if request.method == .options { return Self.options(refusal.allowed) }
            let allowed = refusal.allowed.joined(separator: ", ")
            return WebAnswer.failure(
                .http(405, "\(request.method.rawValue) is not allowed here; allowed: \(allowed)"),
                as: request.format
            )
            .adding("Allow", allowed)
        } catch let refusal as PlainRefusal {
            var answer = WebAnswer.text(refusal.text, status: refusal.status)
            answer.headers += refusal.headers
            return answer
        } catch {
            self.logger.error("cannot answer \(request.method.rawValue) \(request.rawPath.prefix(1_024)): \(error)")
            return .failure(
                RESTFailure(
                    status: 500,
                    javaClassName: "javax.ws.rs.WebApplicationException",
                    message: "Internal error; the server's log has its cause."
                ),
                as: request.format
            )
        }
    }
}

/// A refusal in plain text, where Hadoop answers so.
package struct PlainRefusal: Error, Sendable, Equatable {
    package var status: Int
    package var text: String
    /// Beside those that every answer has.
    package var headers: [WebHeader]

    package init(status: Int, text: String, headers: [WebHeader] = []) {
        self.status = status
        self.text = text
        self.headers = headers
    }
}

extension WebRequest {
    /// What `Accept` chooses. Handlers that change something call this first.
    /// - Throws: `RESTFailure` 406 when the caller takes neither JSON nor XML.
    package func acceptedFormat() throws(RESTFailure) -> RESTFormat {
        guard let format = RESTFormat.negotiated(accept: self.header("accept")) else {
            throw .http(406, "This resource is there as application/json and application/xml.")
        }
        return format
    }

    /// The document in the accepted form.
    package func answer(_ document: RESTDocument, status: Int = 200) throws(RESTFailure) -> WebAnswer {
        .document(document, as: try self.acceptedFormat(), status: status)
    }

    /// The user of a request that changes something.
    /// - Throws: `PlainRefusal` 403 for the anonymous user, as Hadoop does when it is secure.
    package func writingUser() throws -> String {
        // The cookie does not count: a page elsewhere could make a browser send it.
        guard self.query.first("user.name") != nil, case .named(let name) = try WebUser(of: self) else {
            throw PlainRefusal(
                status: 403,
                text: "The default static user cannot carry out this operation. Name a user with ?user.name=NAME."
            )
        }
        return name
    }
}
