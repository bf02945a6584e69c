import ClusterModel
package import HadoopHTTP
import NodeManagerCore

extension NodeResource {
    private static let base = "/ws/v1/node"

    /// Everything under `/ws/v1/node`; all of it only reads.
    package func addRoutes(to routes: inout WebRoutes) {
        let base = Self.base
        for path in [base, "\(base)/info"] {
            routes.add(.get, path) { request, _ in
                try request.answer(RESTDocument("nodeInfo", self.presentation.rest()))
            }
        }
        routes.add(.get, "\(base)/apps") { request, _ in try self.applications(request) }
        routes.add(.get, "\(base)/apps/{app}") { request, path in
            let id = try Self.applicationID(path["app"])
            guard let view = self.snapshot.application(id) else {
                throw RESTFailure.notFound("app with id \(id) not found")
            }
            return try request.answer(RESTDocument("app", view.rest()))
        }
        routes.add(.get, "\(base)/containers") { request, _ in
            var content = RESTObject()
            var containers: [RESTObject] = []
            for view in self.snapshot.containers { containers.append(try await self.represent(view)) }
            content.add("container", containers)
            return try request.answer(RESTDocument("containers", content))
        }
        routes.add(.get, "\(base)/containers/{container}") { request, path in
            let id = try Self.containerID(path["container"])
            guard let view = self.snapshot.container(id) else { throw Self.notFound(id) }
            return try request.answer(RESTDocument("container", try await self.represent(view)))
        }
        routes.add(.get, "\(base)/containers/{container}/logs") { request, path in
            try await self.logListing(request, path)
        }
        for pattern in ["\(base)/containers/{container}/logs/{file}", "\(base)/containerlogs/{container}/{file}"] {
            routes.add(.get, pattern) { request, path in try await self.logFile(request, path) }
        }
    }

    private func represent(_ view: NodeContainerView) async throws -> RESTObject {
        let files = try await self.logFiles(of: view.id) ?? []
        return view.rest(self.presentation, logFiles: files.map(\.name))
    }

    private func applications(_ request: WebRequest) throws(RESTFailure) -> WebAnswer {
        var state: NodeApplicationState?
        if let name = request.query.first("state") {
            state = NodeApplicationState(rawValue: name)
            // Hadoop knows a state that applications pass through at once here.
            guard state != nil || name == "NEW" else {
                throw .illegalArgument(
                    "No enum constant org.apache.hadoop.yarn.server.nodemanager.containermanager.application"
                        + ".ApplicationState.\(name.prefix(255))"
                )
            }
        }
        if request.query.contains("user"), request.query.first("user") == nil {
            throw .badRequest("Error: You must specify a non-empty string for the user")
        }
        let user = request.query.first("user")
        let hasState = request.query.first("state") != nil
        var content = RESTObject()
        content.add(
            "app",
            self.snapshot.applications.filter { (!hasState || $0.state == state) && (user == nil || $0.user == user) }
                .map { $0.rest() }
        )
        return try request.answer(RESTDocument("apps", content))
    }

    private func logListing(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let id = try Self.containerID(path["container"])
        let files = try await self.logFiles(of: id)
        guard files != nil || self.snapshot.container(id) != nil else { throw Self.notFound(id) }
        return try request.answer(
            RESTDocument(
                "containerLogsInfo",
                ContainerLogs.rest(files ?? [], container: id, node: self.snapshot.node.node.id)
            )
        )
    }

    /// The bytes of a file: `format` text or octet-stream, `size` first bytes or if negative last ones.
    private func logFile(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let id = try Self.containerID(path["container"])
        let contentType: String
        switch request.query.first("format")?.lowercased() {
        case nil, "text": contentType = "text/plain; charset=utf-8"
        case "octet-stream": contentType = "application/octet-stream; charset=utf-8"
        case .some:
            throw RESTFailure.badRequest("The valid values for the parameter : format are [text, octet-stream]")
        }
        var size = Int64.max
        if let text = request.query.first("size") {
            guard let number = Int64(text) else { throw RESTFailure.badRequest("size is no number") }
            size = number
        }
        guard let file = try await self.open(path["file"], of: id) else {
            throw RESTFailure.notFound("Cannot find this log on the local disk.")
        }
        let range = size < 0 ? file.range(start: size) : file.range(start: 0, end: size)
        return WebAnswer(
            status: 200,
            headers: WebAnswer.hadoopHeaders + [WebHeader("Content-Type", contentType)],
            body: .stream(length: Int64(range.count)) { writer in
                try await self.copy(range, of: file, to: writer)
            }
        )
    }
}
