import AggregatedLogs
import ClusterModel
import HadoopHTTP

/// Where a NodeManager sends those who ask for logs that it no longer has.
package struct LogServer: Sendable {
    /// Pages: `yarn.log.server.url`, or the ResourceManager's own.
    private let pages: String
    /// REST: `yarn.log.server.web-service.url`; nil: none.
    private let service: String?

    package init(pages: String, service: String? = nil) {
        self.pages = pages
        self.service = service
    }

    /// Hadoop's answer to a visitor of a page.
    func redirect(
        _ request: WebRequest,
        node: NodeID,
        container: ContainerID,
        user: String,
        file: String? = nil
    ) -> WebAnswer {
        var location = AggregatedLogPages.location(
            below: self.pages,
            node: node.description,
            container: container,
            user: user,
            file: file
        )
        if let query = request.rawQuery, !query.isEmpty { location += "?\(query)" }
        return Self.redirect(location)
    }

    /// The same for a program; nil where there is no service to send it to.
    func redirectToService(_ request: WebRequest, container: ContainerID, file: String? = nil) -> WebAnswer? {
        guard let service else { return nil }
        let base = service.hasSuffix("/") ? String(service.dropLast()) : service
        let name = file.map { "/\(percentEncoded($0))" } ?? ""
        let query = request.rawQuery.map { $0.isEmpty ? "" : "\($0)&" } ?? ""
        return Self.redirect("\(base)/containers/\(container)/logs\(name)?\(query)redirected_from_node=true")
    }

    private static func redirect(_ location: String) -> WebAnswer {
        var answer = WebAnswer.text("Redirecting to log server : \(location)\n", status: 307)
        answer.headers.append(WebHeader("Location", location))
        return answer
    }
}
