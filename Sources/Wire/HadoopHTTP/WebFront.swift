package import Logging

/// One port's paths behind the checks that hold for all of them, with every error turned into an answer.
package struct WebFront: Sendable {
    private let routes: WebRoutes
    private let hosts: HostGuard
    private let logger: Logger

    package init(routes: WebRoutes, hosts: HostGuard, logger: Logger) {
        self.routes = routes
        self.hosts = hosts
        self.logger = logger
    }

    package func answer(_ request: WebRequest) async -> WebAnswer {
        do {
            try self.hosts.check(request)
            if request.method != .get, request.method != .head { try self.hosts.checkOrigin(request) }
            if let answer = try await self.routes.answer(request) { return answer }
            if request.segments.first == "ws" {
                return .failure(.notFound("\(request.rawPath) not found"), as: request.format)
            }
            return WebAnswer.page(HTMLPage.notFound(path: request.rawPath), status: 404)
        } catch let failure as RESTFailure {
            return .failure(failure, as: request.format)
        } catch let refusal as MethodNotAllowed {
            let allowed = refusal.allowed.joined(separator: ", ")
            return WebAnswer.failure(
                .http(405, "\(request.method.rawValue) is not allowed here; allowed: \(allowed)"),
                as: request.format
            )
            .adding("Allow", allowed)
        } catch let refusal as PlainRefusal {
            return .text(refusal.text, status: refusal.status)
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

    package init(status: Int, text: String) {
        self.status = status
        self.text = text
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
        guard case .named(let name) = try WebUser(of: self) else {
            throw PlainRefusal(
                status: 403,
                text: "The default static user cannot carry out this operation. Name a user with ?user.name=NAME."
            )
        }
        return name
    }
}
