import ClusterModel
package import HadoopHTTP
import NIOCore
import NodeManagerCore

/// The pages of containers' logs, `/node/containerlogs/CONTAINER/USER[/FILE]`. Spark's own pages link to them.
package struct LogPages: Sendable {
    private let node: NodeResource

    package init(node: NodeResource) {
        self.node = node
    }

    package func addRoutes(to routes: inout WebRoutes) {
        let base = "/node/containerlogs/{container}/{user}"
        routes.add(.get, base) { request, path in
            try await self.answer(request, path) { try await self.listing($0, path, request) }
        }
        routes.add(.get, "\(base)/{file}") { request, path in
            try await self.answer(request, path) { try await self.file($0, path, request) }
        }
    }

    /// Looks first whether the caller may see anything.
    private func answer(
        _ request: WebRequest,
        _ path: PathParameters,
        _ page: (ContainerID) async throws -> WebAnswer
    ) async throws -> WebAnswer {
        guard let id = ContainerID(path["container"]) else {
            return NodePages.refusal(400, "Invalid container ID: \(String(path["container"].prefix(255)))")
        }
        if request.query.first("log.aggregation.type")?.lowercased() == "remote",
            let answer = self.elsewhere(id, path, request)
        {
            return answer
        }
        do {
            try await self.node.checkView(of: id, by: request)
        } catch let refusal as LogAccess.Refusal {
            // Whose logs are aggregated, their file knows.
            if case .unknownContainer = refusal, let answer = self.elsewhere(id, path, request) { return answer }
            return NodePages.refusal(refusal.status, refusal.text)
        }
        return try await page(id)
    }

    /// Sends the visitor to the aggregated log; nil where logs are not aggregated.
    private func elsewhere(_ container: ContainerID, _ path: PathParameters, _ request: WebRequest) -> WebAnswer? {
        self.node.logServer?.redirect(
            request,
            node: self.node.snapshot.node.node.id,
            container: container,
            user: path["user"],
            file: path["file"].isEmpty ? nil : path["file"]
        )
    }

    private static func base(_ container: ContainerID, user: String) -> String {
        "/node/containerlogs/\(container)/\(percentEncoded(user))"
    }

    private static func download(_ container: ContainerID, _ name: String) -> String {
        "/ws/v1/node/containerlogs/\(container)/\(percentEncoded(name))?format=octet-stream"
    }

    private func listing(_ id: ContainerID, _ path: PathParameters, _ request: WebRequest) async throws -> WebAnswer {
        guard let files = try await self.node.logFiles(of: id) else {
            if let answer = self.elsewhere(id, path, request) { return answer }
            return NodePages.refusal(
                404,
                "There are no logs of \(id) on this node. They are deleted yarn.nodemanager.log.retain-seconds after "
                    + "its application ended, or once they are aggregated (yarn.log-aggregation-enable): then "
                    + "heddle logs -applicationId \(id.application) -containerId \(id) shows them."
            )
        }
        let base = Self.base(id, user: path["user"])
        let table = HTMLTable(
            columns: ["File", "Bytes", "Changed (UTC)", ""],
            rows: files.map { file in
                let target = "\(base)/\(percentEncoded(file.name))/?start=-4096"
                return [
                    "<a href=\"\(target)\">\(file.name)</a>", "\(file.size)",
                    "\(CalendarTime(milliseconds: file.modified).pageText)",
                    "<a href=\"\(Self.download(id, file.name))\">Download</a>",
                ]
            }
        )
        return NodePages.page("Logs of \(id)", table.render(ifEmpty: "The container has written no logs."))
    }

    /// What a page shows unless it is asked for more; Spark's links ask for the same.
    private static let startDefault: Int64 = -4_096
    /// Seconds after which a followed page is asked for again.
    private static let refreshes: ClosedRange<Int64> = 1...3_600

    private func file(_ id: ContainerID, _ path: PathParameters, _ request: WebRequest) async throws -> WebAnswer {
        let name = path["file"]
        guard let start = Self.number(request.query.first("start"), default: Self.startDefault),
            let end = Self.number(request.query.first("end"), default: .max),
            let refresh = Self.number(request.query.first("refresh"), default: 0)
        else { throw RESTFailure.badRequest("start, end and refresh must be numbers") }
        guard let file = try await self.node.open(name, of: id) else {
            if try await self.node.logFiles(of: id) == nil, let answer = self.elsewhere(id, path, request) {
                return answer
            }
            return NodePages.refusal(404, "There is no log file \(String(name.prefix(255))) of \(id) on this node.")
        }
        let range = file.range(start: start, end: end == .max ? nil : end)
        let isLive = self.node.snapshot.container(id).map { $0.state != .done } ?? false
        let isFollowed = isLive && Self.refreshes.contains(refresh)
        let page = HTMLPage(title: "\(name) of \(id)", navigation: NodePages.navigation, body: "")
        let top = self.top(of: file, range, name, id, path["user"], isLive: isLive, refresh: isFollowed ? refresh : nil)
        var headers = WebAnswer.pageHeaders
        if isFollowed { headers.append(WebHeader("Refresh", "\(refresh)")) }
        return WebAnswer(
            status: 200,
            headers: headers,
            body: .stream(length: nil) { writer in
                try await writer.write(page.opening())
                try await writer.write(ByteBuffer(string: top.description))
                try await self.node.copy(range, of: file, to: writer) { escapedForHTML($0) }
                try await writer.write(ByteBuffer(string: "</pre>"))
                try await writer.write(HTMLPage.closing)
            }
        )
    }

    /// What stands above a log's text.
    private func top(
        of file: LogFile,
        _ range: Range<Int64>,
        _ name: String,
        _ id: ContainerID,
        _ user: String,
        isLive: Bool,
        refresh: Int64?
    ) -> HTMLText {
        let base = Self.base(id, user: user)
        let own = "\(base)/\(percentEncoded(name))/"
        var line: HTMLText = "\(file.size) bytes"
        if range.count < file.size {
            line = "Showing \(range.count) of \(file.size) bytes · <a href=\"\(own)?start=0\">Whole log</a>"
        }
        line += " · <a href=\"\(Self.download(id, name))\">Download</a>"
        if let refresh {
            line += " · Reloaded every \(refresh) s while the container runs: <a href=\"\(own)?start=-4096\">Stop</a>"
        } else if isLive {
            line += " · <a href=\"\(own)?start=-4096&amp;refresh=5\">Follow</a>"
        }
        return "<p>\(line) · <a href=\"\(base)\">All logs of the container</a></p>\n<pre>"
    }

    /// - Returns: nil for what is no number.
    private static func number(_ text: String?, default absent: Int64) -> Int64? {
        guard let text else { return absent }
        return Int64(text)
    }
}
