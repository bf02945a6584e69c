import ClusterModel
package import HadoopHTTP
import NodeManagerCore

/// The pages that a person sees under `/node`. Spark's own pages link to those of the logs.
package struct NodePages: Sendable {
    private let node: NodeResource

    package init(node: NodeResource) {
        self.node = node
    }

    static let navigation = [
        HTMLPage.Link("Node", "/node"), HTMLPage.Link("Applications", "/node/allApplications"),
        HTMLPage.Link("Containers", "/node/allContainers"), HTMLPage.Link("Configuration", "/conf"),
    ]

    package func addRoutes(to routes: inout WebRoutes) {
        routes.add(.get, "/") { _, _ in .redirect(to: "/node") }
        for path in ["/node", "/node/node"] {
            routes.add(.get, path) { request, _ in try await self.index(request) }
        }
        routes.add(.get, "/node/allApplications") { request, _ in
            var shown: [NodeApplicationView] = []
            for view in self.node.snapshot.applications where try await self.node.lists(view.id, for: request) {
                shown.append(view)
            }
            return Self.page("Applications", self.table(shown))
        }
        routes.add(.get, "/node/allContainers") { request, _ in
            Self.page("Containers", self.table(try await self.listed(request)))
        }
        routes.add(.get, "/node/application/{app}") { _, path in try self.application(path["app"]) }
        routes.add(.get, "/node/container/{container}") { request, path in
            try await self.container(path["container"], request)
        }
    }

    static func page(_ title: String, _ body: HTMLText) -> WebAnswer {
        .page(HTMLPage(title: title, navigation: Self.navigation, body: body))
    }

    static func refusal(_ status: Int, _ text: String) -> WebAnswer {
        .page(
            HTMLPage(
                title: status == 403 ? "Forbidden" : status == 400 ? "Bad request" : "Not found",
                navigation: Self.navigation,
                body: "<p>\(text)</p>"
            ),
            status: status
        )
    }

    private func listed(_ request: WebRequest) async throws -> [NodeContainerView] {
        var shown: [NodeContainerView] = []
        for view in self.node.snapshot.containers where try await self.node.lists(view.id.application, for: request) {
            shown.append(view)
        }
        return shown
    }

    private func index(_ request: WebRequest) async throws -> WebAnswer {
        let view = self.node.snapshot.node
        let facts = HTMLTable(
            columns: ["", ""],
            rows: [
                ["Node", "\(view.node.id)"],
                ["Registered with the ResourceManager", view.isRegistered ? "yes" : "no"],
                ["Healthy", view.health.isHealthy ? "yes" : "no"],
                ["Health report", "\(view.health.report)"],
                ["Offers", "\(view.capability.memoryMiB) MiB, \(view.capability.vcores) vcores"],
                [
                    "Containers use", "\(view.containersUsage.physicalMiB) MiB of memory",
                ],
                ["Started (UTC)", "\(CalendarTime(milliseconds: view.node.startedAt.milliseconds).pageText)"],
                ["Version", "\(HeddleVersion.current)"],
            ]
        )
        return Self.page(
            "Node \(view.node.id)",
            facts.render(ifEmpty: "") + "<h2>Containers</h2>" + self.table(try await self.listed(request))
        )
    }

    private func table(_ applications: [NodeApplicationView]) -> HTMLText {
        HTMLTable(
            columns: ["Application", "User", "State", "Containers"],
            rows: applications.map { view in
                [
                    "<a href=\"/node/application/\(view.id)\">\(view.id)</a>", "\(view.user)",
                    "\(view.state.rawValue)", "\(view.containers.count)",
                ]
            }
        )
        .render(ifEmpty: "No applications.")
    }

    private func table(_ containers: [NodeContainerView]) -> HTMLText {
        HTMLTable(
            columns: ["Container", "User", "State", "Exit code", "Memory MiB", "vcores", "Logs"],
            rows: containers.map { view in
                [
                    "<a href=\"/node/container/\(view.id)\">\(view.id)</a>", "\(view.user)",
                    "\(view.state.rawValue)", view.state == .done ? "\(view.exitStatus.code)" : "",
                    "\(view.resource.memoryMiB)", "\(view.resource.vcores)",
                    "<a href=\"/node/containerlogs/\(view.id)/\(percentEncoded(view.user))\">Logs</a>",
                ]
            }
        )
        .render(ifEmpty: "No containers.")
    }

    private func application(_ text: String) throws(RESTFailure) -> WebAnswer {
        let id = try NodeResource.applicationID(text)
        guard let view = self.node.snapshot.application(id) else {
            return Self.refusal(404, "Application \(id) has nothing on this node.")
        }
        let containers = self.node.snapshot.containers.filter { $0.id.application == id }
        return Self.page("Application \(id)", self.table([view]) + "<h2>Containers</h2>" + self.table(containers))
    }

    private func container(_ text: String, _ request: WebRequest) async throws -> WebAnswer {
        let id = try NodeResource.containerID(text)
        guard let view = self.node.snapshot.container(id) else {
            return Self.refusal(404, "Container \(id) is not on this node.")
        }
        // They end with the last lines of its stderr.
        guard try await self.node.mayView(id.application, request) else {
            return Self.page("Container \(id)", self.table([view]))
        }
        let diagnostics: HTMLText =
            view.diagnostics.isEmpty ? "<p class=\"none\">None.</p>" : "<pre>\(view.diagnostics)</pre>"
        return Self.page("Container \(id)", self.table([view]) + "<h2>Diagnostics</h2>" + diagnostics)
    }
}
