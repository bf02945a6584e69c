import ClusterModel
import HadoopConfig
package import HadoopHTTP
import ResourceManagerCore

extension ClusterResource {
    private static let base = "/ws/v1/cluster"

    /// Everything under `/ws/v1/cluster` that only reads.
    package func addReading(to routes: inout WebRoutes) {
        let base = Self.base
        for path in [base, "\(base)/info"] {
            routes.add(.get, path) { request, _ in
                try request.answer(RESTDocument("clusterInfo", self.identity.rest()))
            }
        }
        routes.add(.get, "\(base)/userinfo") { request, _ in try self.userInfo(request) }
        routes.add(.get, "\(base)/metrics") { request, _ in
            try request.answer(RESTDocument("clusterMetrics", self.snapshot.metrics.rest()))
        }
        routes.add(.get, "\(base)/scheduler") { request, _ in
            let tree = SchedulerRepresentation(queues: self.snapshot.queues, presentation: self.presentation)
            return try request.answer(RESTDocument("scheduler", tree.rest()))
        }
        routes.add(.get, "\(base)/nodes") { request, _ in try self.nodes(request) }
        routes.add(.get, "\(base)/nodes/{node}") { request, path in try self.node(request, path) }
        routes.add(.get, "\(base)/apps") { request, _ in try await self.applications(request) }
        routes.add(.get, "\(base)/appstatistics") { request, _ in try self.statistics(request) }
        self.addLabels(to: &routes)
        self.addApplicationReading(to: &routes)
    }

    private func addApplicationReading(to routes: inout WebRoutes) {
        let app = "\(Self.base)/apps/{app}"
        routes.add(.get, app) { request, path in try await self.application(request, path) }
        routes.add(.get, "\(app)/state") { request, path in
            let application = try self.application(path["app"])
            return try request.answer(Self.stateDocument(application.state))
        }
        routes.add(.get, "\(app)/queue") { request, path in
            var content = RESTObject()
            content.add("queue", try self.application(path["app"]).queue)
            return try request.answer(RESTDocument("appqueue", content, isUnwrapped: true))
        }
        routes.add(.get, "\(app)/priority") { request, path in
            try request.answer(Self.priorityDocument(try self.application(path["app"]).priority))
        }
        routes.add(.get, "\(app)/timeouts") { request, path in
            let timeouts = try self.application(path["app"]).timeoutsREST(at: self.clock.now)
            return try request.answer(RESTDocument("timeouts", timeouts))
        }
        routes.add(.get, "\(app)/timeouts/{type}") { request, path in
            guard path["type"] == "LIFETIME" else {
                throw RESTFailure.badRequest("There is no timeout of this type; there is LIFETIME.")
            }
            let timeout = try self.application(path["app"]).lifetimeREST(at: self.clock.now)
            return try request.answer(RESTDocument("timeout", timeout))
        }
        routes.add(.get, "\(app)/appattempts") { request, path in try await self.attempts(request, path) }
        let attempt = "\(app)/appattempts/{attempt}"
        routes.add(.get, attempt) { request, path in
            let view = try await self.attempt(request, path)
            return try request.answer(
                RESTDocument("appAttempt", view.rest(self.presentation), isUnwrapped: true)
            )
        }
        routes.add(.get, "\(attempt)/containers") { request, path in
            let view = try await self.attempt(request, path)
            let presentation = self.presentation
            let application = self.snapshot.application(view.id.application)
            var content = RESTObject()
            content.add(
                "container",
                self.snapshot.containers(of: view.id).map { $0.rest(presentation, of: application) }
            )
            return try request.answer(RESTDocument("containers", content, isUnwrapped: true))
        }
        routes.add(.get, "\(attempt)/containers/{container}") { request, path in
            try await self.container(request, path)
        }
    }

    static func stateDocument(_ state: ApplicationState) -> RESTDocument {
        var content = RESTObject()
        content.add("state", state.name)
        return RESTDocument("appstate", content, isUnwrapped: true)
    }

    static func priorityDocument(_ priority: Int32) -> RESTDocument {
        var content = RESTObject()
        content.add("priority", priority)
        return RESTDocument("applicationpriority", content, isUnwrapped: true)
    }

    private func userInfo(_ request: WebRequest) throws -> WebAnswer {
        var info = RESTObject()
        info.add("rmLoginUser", self.configuration.environment.hadoopUserName)
        info.add("requestedUser", try WebUser(of: request).name)
        return try request.answer(RESTDocument("clusterUserInfo", info))
    }

    // MARK: Nodes

    private func nodes(_ request: WebRequest) throws(RESTFailure) -> WebAnswer {
        var states: Set<NodeState> = []
        for name in request.query.list("states") {
            guard let state = NodeState(name: name) else {
                throw .illegalArgument(
                    "No enum constant org.apache.hadoop.yarn.api.records.NodeState.\(name.uppercased())"
                )
            }
            states.insert(state)
        }
        // Without states: the nodes that take part.
        let views = self.snapshot.nodes { states.isEmpty ? !$0.state.isInactive : states.contains($0.state) }
        var content = RESTObject()
        content.add("node", views.map { $0.rest() })
        return try request.answer(RESTDocument("nodes", content))
    }

    private func node(_ request: WebRequest, _ path: PathParameters) throws(RESTFailure) -> WebAnswer {
        let id = try RESTIdentifiers.node(path["node"])
        guard let view = self.snapshot.node(id) else { throw .notFound("nodeId, \(id), is not found") }
        return try request.answer(RESTDocument("node", view.rest()))
    }

    // MARK: Applications

    private func applications(_ request: WebRequest) async throws -> WebAnswer {
        let query = try ApplicationQuery(request.query)
        let omissions = try ApplicationOmissions(request.query.list("deSelects"))
        let caller = try await self.reader(request)
        let settings = self.snapshot.settings
        let presentation = self.presentation
        var content = RESTObject()
        content.add(
            "app",
            query.select(from: self.snapshot) { !self.filtersByUser || settings.allows(caller, .view, on: $0) }
                .map { view in
                    view.rest(presentation, omitting: omissions, isAllowed: settings.allows(caller, .view, on: view))
                }
        )
        return try request.answer(RESTDocument("apps", content))
    }

    private func application(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let view = try self.application(path["app"])
        let omissions = try ApplicationOmissions(request.query.list("deSelects"))
        let caller = try await self.reader(request)
        let isAllowed = self.snapshot.settings.allows(caller, .view, on: view)
        return try request.answer(
            RESTDocument("app", view.rest(self.presentation, omitting: omissions, isAllowed: isAllowed))
        )
    }

    private func attempts(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let application = try self.application(path["app"])
        try await self.checkView(of: application, by: request)
        var content = RESTObject()
        content.add(
            "appAttempt",
            self.snapshot.attempts(of: application.id)
                .map { $0.listREST(user: application.user, logs: self.logs, of: application) }
        )
        return try request.answer(RESTDocument("appAttempts", content))
    }

    private func attempt(_ request: WebRequest, _ path: PathParameters) async throws -> AttemptView {
        let application = try self.application(path["app"])
        let id = try RESTIdentifiers.attempt(path["attempt"])
        guard id.application == application.id, let view = self.snapshot.attempt(id) else {
            throw RESTFailure.notFound("app attempt with id: \(id) not found")
        }
        try await self.checkView(of: application, by: request)
        return view
    }

    private func container(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let attempt = try await self.attempt(request, path)
        let id = try RESTIdentifiers.container(path["container"])
        guard id.attempt == attempt.id, let view = self.snapshot.container(id) else {
            throw RESTFailure.notFound("container with id: \(id) not found")
        }
        let application = self.snapshot.application(id.application)
        return try request.answer(
            RESTDocument("container", view.rest(self.presentation, of: application), isUnwrapped: true)
        )
    }

    // MARK: Statistics

    /// The states in the order in which Apache's table happens to list them.
    private static let statisticsOrder: [ApplicationState] = [
        .failed, .running, .newSaving, .submitted, .finished, .killed, .new, .accepted,
    ]

    private func statistics(_ request: WebRequest) throws(RESTFailure) -> WebAnswer {
        let states = try ApplicationQuery.states(request.query.list("states"))
        let types = Set(request.query.list("applicationTypes").map { $0.lowercased() })
        guard types.count <= 1 else {
            throw .badRequest(
                "# of applicationTypes = \(types.count), we temporarily support at most one applicationType"
            )
        }
        let type = types.first
        var counts: [ApplicationState: Int] = [:]
        for view in self.snapshot.applications(where: { type == nil || $0.applicationType.lowercased() == type }) {
            counts[view.state, default: 0] += 1
        }
        let items = Self.statisticsOrder.filter { states.isEmpty || states.contains($0) }
            .map { state in
                var item = RESTObject()
                item.add("state", state.name)
                item.add("type", type ?? "*")
                item.add("count", counts[state] ?? 0)
                return item
            }
        var content = RESTObject()
        content.add("statItem", items)
        return try request.answer(RESTDocument("appStatInfo", content))
    }

    // MARK: Labels

    private func addLabels(to routes: inout WebRoutes) {
        routes.add(.get, "\(Self.base)/get-node-labels") { request, _ in
            var content = RESTObject()
            let labels = Set(self.snapshot.nodes().flatMap(\.labels)).sorted()
            content.add("nodeLabelInfo", labels.map { Self.labelInfo($0) })
            return try request.answer(RESTDocument("nodeLabelsInfo", content, isUnwrapped: true))
        }
        routes.add(.get, "\(Self.base)/get-node-to-labels") { request, _ in
            let labelled = self.snapshot.nodes().filter { !$0.labels.isEmpty }
            var content = RESTObject()
            if labelled.isEmpty {
                content.add("nodeToLabels", .null)
            } else {
                var map = RESTObject()
                map.add(
                    "entry",
                    labelled.map { node in
                        var labels = RESTObject()
                        labels.add("nodeLabelInfo", node.labels.map { Self.labelInfo($0) })
                        var entry = RESTObject()
                        entry.add("key", node.id.description)
                        entry.add("value", labels)
                        return entry
                    }
                )
                content.add("nodeToLabels", map)
            }
            return try request.answer(RESTDocument("nodeToLabelsInfo", content, isUnwrapped: true))
        }
        routes.add(.get, "\(Self.base)/nodes/{node}/get-labels") { request, path in
            let id = try RESTIdentifiers.node(path["node"])
            guard let view = self.snapshot.node(id) else { throw RESTFailure.notFound("nodeId, \(id), is not found") }
            var content = RESTObject()
            content.add("nodeLabelInfo", view.labels.map { Self.labelInfo($0) })
            return try request.answer(RESTDocument("nodeLabelsInfo", content, isUnwrapped: true))
        }
    }

    private static func labelInfo(_ name: String) -> RESTObject {
        var info = RESTObject()
        info.add("name", name)
        info.add("exclusivity", true)
        return info
    }
}
