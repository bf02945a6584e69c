import ClusterModel
package import HadoopHTTP
import ResourceManagerCore

/// The pages that a person sees under `/cluster`.
package struct ClusterPages: Sendable {
    private let cluster: ClusterResource

    package init(cluster: ClusterResource) {
        self.cluster = cluster
    }

    /// More rows than a person reads; the REST interface lists all.
    private static let rowsMaximum = 1_000

    static let navigation = [
        HTMLPage.Link("Applications", "/cluster/apps"),
        HTMLPage.Link("Nodes", "/cluster/nodes"),
        HTMLPage.Link("Queues", "/cluster/scheduler"),
        HTMLPage.Link("About", "/cluster/cluster"),
        HTMLPage.Link("Configuration", "/conf"),
    ]

    package func addRoutes(to routes: inout WebRoutes) {
        routes.add(.get, "/") { _, _ in .redirect(to: "/cluster") }
        for path in ["/cluster", "/cluster/apps"] {
            routes.add(.get, path) { request, _ in try await self.applications(request, states: []) }
        }
        routes.add(.get, "/cluster/apps/{states}") { request, path in
            let names = path["states"].split(separator: ",").map(String.init)
            return try await self.applications(request, states: try ApplicationQuery.states(names))
        }
        routes.add(.get, "/cluster/app/{app}") { request, path in try await self.application(request, path["app"]) }
        routes.add(.get, "/cluster/appattempt/{attempt}") { request, path in
            let attempt = try RESTIdentifiers.attempt(path["attempt"])
            return try await self.application(request, attempt.application.description)
        }
        routes.add(.get, "/cluster/container/{container}") { request, path in
            let id = try RESTIdentifiers.container(path["container"])
            guard let view = self.cluster.snapshot.container(id) else {
                throw RESTFailure.notFound("container with id: \(id) not found")
            }
            let application = try self.cluster.application(id.application.description)
            try await self.cluster.checkView(of: application, by: request)
            return .redirect(
                to: self.cluster.logs.page(
                    id,
                    user: view.user,
                    node: view.node,
                    nodeHTTPAddress: view.nodeHTTPAddress,
                    of: application
                )
            )
        }
        routes.add(.get, "/cluster/failure/{app}") { _, path in
            let id = try RESTIdentifiers.application(path["app"])
            return Self.page(
                "\(id): proxy loop",
                """
                <p>The ApplicationMaster of <a href="/cluster/app/\(id)">\(id)</a> sent the proxy's own request back to the
                proxy. It does not know this ResourceManager's address as the proxy's: check
                <code>yarn.resourcemanager.webapp.address</code> in the client's yarn-site.xml.</p>
                """
            )
        }
        routes.add(.get, "/cluster/nodes") { _, _ in self.nodes() }
        routes.add(.get, "/cluster/scheduler") { _, _ in self.queues() }
        routes.add(.get, "/cluster/cluster") { _, _ in self.about() }
    }

    private static func page(_ title: String, _ body: HTMLText) -> WebAnswer {
        .page(HTMLPage(title: title, navigation: Self.navigation, body: body))
    }

    static func time(_ timestamp: Timestamp) -> String {
        timestamp == .unset ? "" : CalendarTime(milliseconds: timestamp.milliseconds).pageText
    }

    // MARK: Applications

    private func applications(_ request: WebRequest, states: Set<ApplicationState>) async throws -> WebAnswer {
        let caller = try await self.cluster.reader(request)
        let settings = self.cluster.snapshot.settings
        let all = self.cluster.snapshot.applications {
            (states.isEmpty || states.contains($0.state)) && settings.allows(caller, .view, on: $0)
        }
        let shown = all.reversed().prefix(Self.rowsMaximum)
        let table = HTMLTable(
            columns: [
                "Application", "User", "Name", "Type", "Queue", "State", "Final status", "User interface",
                "Progress", "Containers", "Memory MiB", "vcores", "Started (UTC)", "Finished (UTC)",
            ],
            rows: shown.map(self.row)
        )
        let more: HTMLText =
            all.count > shown.count ? "<p>The newest \(shown.count) of \(all.count); REST lists all.</p>" : ""
        return Self.page("Applications", self.summary() + table.render(ifEmpty: "No applications.") + more)
    }

    private func row(_ view: ApplicationView) -> [HTMLText] {
        let isLive = !view.state.isFinal
        return [
            "<a href=\"/cluster/app/\(view.id)\">\(view.id)</a>", "\(view.user)", "\(view.name)",
            "\(view.applicationType)", "\(view.queue)", "\(view.state.name)", "\(view.finalStatus.name)",
            self.interfaceLink(view), "\(Int(view.progress * 100))%",
            isLive ? "\(view.usage.runningContainers)" : "", isLive ? "\(view.usage.used.memoryMiB)" : "",
            isLive ? "\(view.usage.used.vcores)" : "",
            "\(Self.time(view.startedAt))", "\(Self.time(view.finishedAt))",
        ]
    }

    private func interfaceLink(_ view: ApplicationView) -> HTMLText {
        guard TrackingURL(view.originalTrackingURL) != nil else { return "" }
        return "<a href=\"/proxy/\(view.id)/\">\(view.state.isFinal ? "History" : "Open")</a>"
    }

    private func summary() -> HTMLText {
        let metrics = self.cluster.snapshot.metrics
        let figures: [(name: String, value: HTMLText)] = [
            ("Running", "\(metrics.applicationsRunning)"), ("Pending", "\(metrics.applicationsPending)"),
            ("Completed", "\(metrics.applicationsCompleted)"), ("Failed", "\(metrics.applicationsFailed)"),
            ("Killed", "\(metrics.applicationsKilled)"), ("Containers", "\(metrics.containersAllocated)"),
            ("Memory", "\(metrics.allocated.memoryMiB) of \(metrics.total.memoryMiB) MiB"),
            ("vcores", "\(metrics.allocated.vcores) of \(metrics.total.vcores)"),
            ("Active nodes", "<a href=\"/cluster/nodes\">\(metrics.activeNodes)</a>"),
            ("Unhealthy", "\(metrics.unhealthyNodes)"), ("Lost", "\(metrics.lostNodes)"),
        ]
        let items = figures.map { figure -> HTMLText in
            "<div><dt>\(figure.name)</dt><dd>\(figure.value)</dd></div>\n"
        }
        return "<dl class=\"figures\">\n" + HTMLText.joined(items) + "</dl>\n"
    }

    private func application(_ request: WebRequest, _ text: String) async throws -> WebAnswer {
        let view = try self.cluster.application(text)
        try await self.cluster.checkView(of: view, by: request)
        let now = self.cluster.clock.now
        let facts = HTMLTable(
            columns: ["", ""],
            rows: [
                ["User", "\(view.user)"], ["Name", "\(view.name)"], ["Type", "\(view.applicationType)"],
                ["Tags", "\(view.tags.joined(separator: ", "))"], ["Queue", "\(view.queuePath)"],
                ["Priority", "\(view.priority)"], ["State", "\(view.state.name)"],
                ["Final status", "\(view.finalStatus.name)"],
                ["Submitted (UTC)", "\(Self.time(view.submittedAt))"],
                ["Launched (UTC)", "\(Self.time(view.launchedAt))"],
                ["Finished (UTC)", "\(Self.time(view.finishedAt))"],
                [
                    "Resource use",
                    "\(view.usage.memorySeconds(at: now)) MiB-seconds, \(view.usage.vcoreSeconds(at: now)) vcore-seconds",
                ],
                ["User interface", self.interfaceLink(view)],
            ]
        )
        let diagnostics: HTMLText =
            view.diagnostics.isEmpty
            ? "<p class=\"none\">None.</p>" : "<pre>\(view.diagnostics)</pre>"
        let attempts = self.cluster.snapshot.attempts(of: view.id)
        return Self.page(
            "Application \(view.id)",
            facts.render(ifEmpty: "") + "<h2>Diagnostics</h2>" + diagnostics + "<h2>Attempts</h2>"
                + self.attemptTable(attempts, of: view)
                + "<h2>Containers</h2>"
                + self.containerTable(attempts.flatMap { self.cluster.snapshot.containers(of: $0.id) }, of: view)
        )
    }

    private func attemptTable(_ attempts: [AttemptView], of application: ApplicationView) -> HTMLText {
        HTMLTable(
            columns: ["Attempt", "State", "Started (UTC)", "Finished (UTC)", "Node", "Logs", "Diagnostics"],
            rows: attempts.map { attempt in
                let logs: HTMLText
                if let container = attempt.masterContainer, !attempt.masterNodeHTTPAddress.isEmpty {
                    let target = self.cluster.logs.page(
                        container,
                        user: application.user,
                        node: attempt.masterNode,
                        nodeHTTPAddress: attempt.masterNodeHTTPAddress,
                        of: application
                    )
                    logs = "<a href=\"\(target)\">Logs</a>"
                } else {
                    logs = ""
                }
                return [
                    "\(attempt.id)", "\(attempt.state.name)", "\(Self.time(attempt.startedAt))",
                    "\(Self.time(attempt.finishedAt))", "\(attempt.masterNode?.description ?? "")", logs,
                    "\(attempt.diagnostics)",
                ]
            }
        )
        .render(ifEmpty: "No attempts.")
    }

    private func containerTable(_ containers: [ContainerView], of application: ApplicationView) -> HTMLText {
        HTMLTable(
            columns: ["Container", "State", "Node", "Memory MiB", "vcores", "Started (UTC)", "Logs"],
            rows: containers.prefix(Self.rowsMaximum)
                .map { container in
                    let target = self.cluster.logs.page(
                        container.id,
                        user: container.user,
                        node: container.node,
                        nodeHTTPAddress: container.nodeHTTPAddress,
                        of: application
                    )
                    return [
                        "\(container.id)", "\(container.state.name)", "\(container.node)",
                        "\(container.capability.memoryMiB)", "\(container.capability.vcores)",
                        "\(Self.time(container.createdAt))", "<a href=\"\(target)\">Logs</a>",
                    ]
                }
        )
        .render(ifEmpty: "No containers.")
    }

    // MARK: Cluster

    private func nodes() -> WebAnswer {
        let table = HTMLTable(
            columns: [
                "Node", "State", "Rack", "Web address", "Containers", "Memory used", "Memory total", "vcores used",
                "vcores total", "Version", "Health checked (UTC)", "Health report",
            ],
            rows: self.cluster.snapshot.nodes()
                .map { node in
                    let link: HTMLText =
                        node.state.isInactive
                        ? "" : "<a href=\"http://\(node.httpAddress)/node\">\(node.httpAddress)</a>"
                    return [
                        "\(node.id)", "\(node.state.name)", "\(node.rack)", link, "\(node.containerCount)",
                        "\(node.used.memoryMiB) MiB", "\(node.capacity.memoryMiB) MiB", "\(node.used.vcores)",
                        "\(node.capacity.vcores)", "\(node.version)", "\(Self.time(node.healthReportedAt))",
                        "\(node.healthReport)",
                    ]
                }
        )
        return Self.page("Nodes", table.render(ifEmpty: "No node has registered yet."))
    }

    private func queues() -> WebAnswer {
        func percent(_ partsPerMillion: Int64) -> String { javaText(Float(Double(partsPerMillion) / 10_000)) + "%" }
        let table = HTMLTable(
            columns: [
                "Queue", "State", "Capacity", "Maximum", "Used memory", "Used vcores", "Owed memory", "Active",
                "Pending", "Containers", "AM used", "AM limit",
            ],
            rows: self.cluster.snapshot.queues.map { queue in
                [
                    "\(queue.path)", "\(queue.state.name)", "\(percent(queue.absoluteCapacityPartsPerMillion))",
                    "\(percent(queue.absoluteMaximumCapacityPartsPerMillion))", "\(queue.used.memoryMiB) MiB",
                    "\(queue.used.vcores)", "\(queue.effectiveMinimum.memoryMiB) MiB", "\(queue.activeApplications)",
                    "\(queue.pendingApplications)", "\(queue.allocatedContainers)",
                    "\(queue.masterUsed.memoryMiB) MiB", "\(queue.masterLimit.memoryMiB) MiB",
                ]
            }
        )
        return Self.page("Queues", table.render(ifEmpty: "No queues."))
    }

    private func about() -> WebAnswer {
        let rows = self.cluster.identity.rest().members
            .map { member -> [HTMLText] in
                let text =
                    switch member.value {
                    case .string(let text): text
                    case .integer(let number): String(number)
                    default: ""
                    }
                return ["\(member.name)", "\(text)"]
            }
        return Self.page("About", HTMLTable(columns: ["", ""], rows: rows).render(ifEmpty: ""))
    }
}
