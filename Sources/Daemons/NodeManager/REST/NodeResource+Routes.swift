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
        routes.add(.get, "\(base)/apps") { request, _ in try await self.applications(request) }
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
            for view in self.snapshot.containers {
                guard try await self.lists(view.id.application, for: request) else { continue }
                containers.append(try await self.represent(view, for: request))
            }
            content.add("container", containers)
            return try request.answer(RESTDocument("containers", content))
        }
        routes.add(.get, "\(base)/containers/{container}") { request, path in
            let id = try Self.containerID(path["container"])
            guard let view = self.snapshot.container(id) else { throw Self.notFound(id) }
            return try request.answer(RESTDocument("container", try await self.represent(view, for: request)))
        }
        self.addLogRoutes(to: &routes, base: base)
    }

    /// What a container wrote is nobody's who may not view its application: neither the names of its logs nor the end of
    /// its stderr, which stands in its diagnostics.
    private func represent(_ view: NodeContainerView, for request: WebRequest) async throws -> RESTObject {
        var view = view
        var files: [String] = []
        if try await self.mayView(view.id.application, request) {
            files = try await self.logFiles(of: view.id)?.map(\.name) ?? []
        } else {
            view.diagnostics = ""
        }
        return view.rest(self.presentation, logFiles: files)
    }

    private func applications(_ request: WebRequest) async throws -> WebAnswer {
        var state: NodeApplicationState?
        if let name = request.query.first("state") {
            state = NodeApplicationState(rawValue: name)
            // Hadoop knows a state that applications pass through at once here.
            guard state != nil || name == "NEW" else {
                throw RESTFailure.illegalArgument(
                    "No enum constant org.apache.hadoop.yarn.server.nodemanager.containermanager.application"
                        + ".ApplicationState.\(name.prefix(255))"
                )
            }
        }
        if request.query.contains("user"), request.query.first("user") == nil {
            throw RESTFailure.badRequest("Error: You must specify a non-empty string for the user")
        }
        let user = request.query.first("user")
        let hasState = request.query.first("state") != nil
        var apps: [RESTObject] = []
        for view in self.snapshot.applications
        where (!hasState || view.state == state) && (user == nil || view.user == user) {
            if try await self.lists(view.id, for: request) { apps.append(view.rest()) }
        }
        var content = RESTObject()
        content.add("app", apps)
        return try request.answer(RESTDocument("apps", content))
    }
}
