import ClusterModel
package import HadoopHTTP
import NIOCore
import NodeManagerCore

/// The pages that a person sees under `/node`. Spark's own pages link to those of the logs.
package struct NodePages: Sendable {
    private let node: NodeResource

    package init(node: NodeResource) {
        self.node = node
    }

    private static let navigation = [
        HTMLPage.Link("Node", "/node"), HTMLPage.Link("Applications", "/node/allApplications"),
        HTMLPage.Link("Containers", "/node/allContainers"), HTMLPage.Link("Configuration", "/conf"),
    ]

    package func addRoutes(to routes: inout WebRoutes) {
        routes.add(.get, "/") { _, _ in .redirect(to: "/node") }
        routes.add(.get, "/node") { _, _ in self.index() }
        routes.add(.get, "/node/node") { _, _ in self.index() }
        routes.add(.get, "/node/allApplications") { _, _ in
            Self.page("Applications", self.table(self.node.snapshot.applications))
        }
        routes.add(.get, "/node/allContainers") { _, _ in
            Self.page("Containers", self.table(self.node.snapshot.containers))
        }
        routes.add(.get, "/node/application/{app}") { _, path in try self.application(path["app"]) }
        routes.add(.get, "/node/container/{container}") { _, path in try self.container(path["container"]) }
        routes.add(.get, "/node/containerlogs/{container}/{user}") { _, path in
            try await self.logListing(path["container"], user: path["user"])
        }
        routes.add(.get, "/node/containerlogs/{container}/{user}/{file}") { request, path in
            try await self.logFile(request, path)
        }
    }

    private static func page(_ title: String, _ body: HTMLText) -> WebAnswer {
        .page(HTMLPage(title: title, navigation: Self.navigation, body: body))
    }

    private static func refusal(_ status: Int, _ text: String) -> WebAnswer {
        .page(HTMLPage(title: "Not found", navigation: Self.navigation, body: "<p>\(text)</p>"), status: status)
    }

    private func index() -> WebAnswer {
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
            facts.render(ifEmpty: "") + "<h2>Containers</h2>" + self.table(self.node.snapshot.containers)
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

    private func container(_ text: String) throws(RESTFailure) -> WebAnswer {
        let id = try NodeResource.containerID(text)
        guard let view = self.node.snapshot.container(id) else {
            return Self.refusal(404, "Container \(id) is not on this node.")
        }
        let diagnostics: HTMLText =
            view.diagnostics.isEmpty ? "<p class=\"none\">None.</p>" : "<pre>\(view.diagnostics)</pre>"
        return Self.page("Container \(id)", self.table([view]) + "<h2>Diagnostics</h2>" + diagnostics)
    }

    // MARK: Logs

    private func logListing(_ text: String, user: String) async throws -> WebAnswer {
        let id = try NodeResource.containerID(text)
        guard let files = try await self.node.logFiles(of: id) else {
            return Self.refusal(
                404,
                "There are no logs of \(id) on this node. They are deleted yarn.nodemanager.log.retain-seconds after "
                    + "its application ended, or once they are aggregated (yarn.log-aggregation-enable): then "
                    + "heddle logs -applicationId \(id.application) -containerId \(id) shows them."
            )
        }
        let base = "/node/containerlogs/\(id)/\(percentEncoded(user))"
        let table = HTMLTable(
            columns: ["File", "Bytes", "Changed"],
            rows: files.map { file in
                let target = "\(base)/\(percentEncoded(file.name))/?start=-4096"
                return [
                    "<a href=\"\(target)\">\(file.name)</a>", "\(file.size)",
                    "\(CalendarTime(milliseconds: file.modified).pageText)",
                ]
            }
        )
        return Self.page("Logs of \(id)", table.render(ifEmpty: "The container has written no logs."))
    }

    /// What a page shows unless it is asked for more; Spark's links ask for the same.
    private static let startDefault: Int64 = -4_096

    private func logFile(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let id = try NodeResource.containerID(path["container"])
        let name = path["file"]
        guard let start = Self.number(request.query.first("start"), default: Self.startDefault),
            let end = Self.number(request.query.first("end"), default: .max)
        else { throw RESTFailure.badRequest("start and end must be numbers") }
        guard let file = try await self.node.open(name, of: id) else {
            return Self.refusal(404, "There is no log file \(String(name.prefix(255))) of \(id) on this node.")
        }
        let range = file.range(start: start, end: end == .max ? nil : end)
        let page = HTMLPage(title: "\(name) of \(id)", navigation: Self.navigation, body: "")
        let base = "/node/containerlogs/\(id)/\(percentEncoded(path["user"]))"
        let full: HTMLText =
            range.count < file.size
            ? "Showing \(range.count) of \(file.size) bytes. <a href=\"\(base)/\(percentEncoded(name))/?start=0\">Whole log</a>"
            : "\(file.size) bytes."
        let top: HTMLText = "<p>\(full) <a href=\"\(base)\">All logs of the container</a></p>\n<pre>"
        return WebAnswer(
            status: 200,
            headers: WebAnswer.pageHeaders,
            body: .stream(length: nil) { writer in
                try await writer.write(page.opening())
                try await writer.write(ByteBuffer(string: top.description))
                try await self.node.copy(range, of: file, to: writer) { escapedForHTML($0) }
                try await writer.write(ByteBuffer(string: "</pre>"))
                try await writer.write(HTMLPage.closing)
            }
        )
    }

    /// - Returns: nil for what is no number.
    private static func number(_ text: String?, default absent: Int64) -> Int64? {
        guard let text else { return absent }
        return Int64(text)
    }
}
