import ClusterModel
package import HadoopHTTP
package import Logging
package import NIOCore
import NIOHTTP1
import ResourceManagerCore

/// `/proxy/<application>/...`: the user interfaces of ApplicationMasters, reached through the ResourceManager.
///
/// It connects to nothing but the tracking URL that an application's own ApplicationMaster registered, and from the
/// address that AmIpFilter expects of the proxy; of the caller's headers only a fixed few travel on.
package struct WebProxy: Sendable {
    private let snapshot: ClusterSnapshot
    private let group: any EventLoopGroup
    private let logger: Logger
    /// The address that the web server listens on; nil for all. AmIpFilter knows the proxy by it.
    private let sourceAddress: String?
    private let bodyBytesMaximum: Int
    /// Where the ResourceManager's own pages are, when that is another port.
    private let pages: ResourceManagerIdentity?

    /// What stands before the path of one of the ResourceManager's pages.
    private var pagesBase: String { self.pages.map { "http://\($0.webAddress)" } ?? "" }

    package init(
        snapshot: ClusterSnapshot,
        group: any EventLoopGroup,
        logger: Logger,
        sourceAddress: String?,
        bodyBytesMaximum: Int,
        pages: ResourceManagerIdentity? = nil
    ) {
        self.snapshot = snapshot
        self.group = group
        self.logger = logger
        self.sourceAddress = sourceAddress
        self.bodyBytesMaximum = bodyBytesMaximum
        self.pages = pages
    }

    /// The address to connect from, for a proxy that listens on `host`; nil where it listens on all.
    static func sourceAddress(_ host: String) -> String? {
        host == "0.0.0.0" || host == "::" ? nil : try? SocketAddress(ipAddress: host, port: 0).ipAddress
    }

    /// Sends whoever comes by the ResourceManager's own port on to the proxy.
    static func addRedirects(to routes: inout WebRoutes, proxy: ResourceManagerIdentity) {
        routes.add(.get, "/proxy/*") { request, _ in
            let query = request.rawQuery.map { "?\($0)" } ?? ""
            return .redirect(to: "http://\(proxy.proxyAddress)\(request.rawPath)\(query)")
        }
    }

    /// A node on the same network answers at once or not at all.
    private static let connectTimeout = TimeAmount.seconds(5)
    /// A user interface may compute for a while, as Spark's does for a thread dump.
    private static let answerTimeout = TimeAmount.seconds(60)

    /// What travels on; cookies and credentials of the ResourceManager's own do not.
    private static let forwardedHeaders: Set<String> = [
        "user-agent", "accept", "accept-encoding", "accept-language", "accept-charset", "content-type", "origin",
        "access-control-request-method", "access-control-request-headers",
    ]

    /// Headers that speak of one connection only (RFC 9110, 7.6.1).
    private static let connectionHeaders: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    package func addRoutes(to routes: inout WebRoutes) {
        for method in [WebMethod.get, .put] {
            routes.add(method, "/proxy/redirect/{app}/*") { request, path in
                // A request of our own that a filter sent back here would go round in circles.
                if HostGuard.isLocal(request.peerAddress, to: request.localAddress),
                    let id = ApplicationID(path["app"])
                {
                    return .redirect(to: "\(self.pagesBase)/cluster/failure/\(id)")
                }
                return try await self.answer(request, application: path["app"], skipping: 3)
            }
            routes.add(method, "/proxy/{app}/*") { request, path in
                try await self.answer(request, application: path["app"], skipping: 2)
            }
        }
    }

    /// - Parameter skipping: how many parts of the path stand before the one that travels on.
    private func answer(_ request: WebRequest, application: String, skipping: Int) async throws -> WebAnswer {
        guard let id = ApplicationID(application) else {
            return self.page(404, "\(application.prefix(255)) appears to be formatted incorrectly.")
        }
        guard let view = self.snapshot.application(id) else {
            return self.page(404, "Application \(id) could not be found in RM or history server")
        }
        let target = TrackingURL(view.originalTrackingURL)
        guard !view.state.isFinal else {
            return .redirect(to: target?.text ?? "\(self.pagesBase)/cluster/app/\(id)")
        }
        guard let target else { return .redirect(to: "\(self.pagesBase)/cluster/app/\(id)") }
        guard target.scheme == "http" else {
            return self.page(502, "The ApplicationMaster of \(id) serves https, which the proxy does not speak.")
        }
        let user = try WebUser(of: request)
        let body = request.method == .put ? try await request.collectBody(upTo: self.bodyBytesMaximum) : []
        do {
            return try await self.forward(request, id: id, skipping: skipping, to: target, user: user, body: body)
        } catch {
            self.logger.info("proxy: the ApplicationMaster of \(id) at \(target.authority) did not answer: \(error)")
            return self.page(
                502,
                "The ApplicationMaster of \(id) at \(target.authority) did not answer: \(error)."
            )
        }
    }

    private func forward(
        _ request: WebRequest,
        id: ApplicationID,
        skipping: Int,
        to target: TrackingURL,
        user: WebUser,
        body: [UInt8]
    ) async throws -> WebAnswer {
        let upstream = try await self.connect(to: target)
        var head = HTTPRequestHead(
            version: .http1_1,
            method: request.method == .put ? .PUT : .GET,
            uri: Self.uri(request, skipping: skipping, base: target.basePath)
        )
        head.headers.add(name: "Host", value: target.authority)
        for header in request.headers where Self.forwardedHeaders.contains(header.name.lowercased()) {
            head.headers.add(name: header.name, value: header.value)
        }
        head.headers.add(name: "Cookie", value: "proxy-user=\(percentEncoded(user.name))")
        head.headers.add(name: "Connection", value: "close")
        if request.method == .put { head.headers.add(name: "Content-Length", value: String(body.count)) }
        try await upstream.send(head, body: body)
        var answer = try await self.answerHead(of: upstream)
        for index in answer.headers.indices where answer.headers[index].name.lowercased() == "location" {
            let location = target.behindProxy(answer.headers[index].value, prefix: "/proxy/\(id)")
            answer.headers[index] = WebHeader("Location", location)
        }
        if request.method == .head || answer.status == 204 || answer.status == 304 {
            upstream.close()
            return answer
        }
        let length = answer.headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int64($0.value) }
        answer.headers.removeAll { $0.name.lowercased() == "content-length" }
        answer.body = .stream(length: length) { writer in
            defer { upstream.close() }
            while case .body(let piece) = try await upstream.next() { try await writer.write(piece) }
        }
        return answer
    }

    /// From the proxy's own address first; where the way to a node does not begin there, from any.
    private func connect(to target: TrackingURL) async throws -> UpstreamConnection {
        if let source = self.sourceAddress {
            let bound = try? await UpstreamConnection.open(
                target,
                from: source,
                timeout: Self.answerTimeout,
                connectTimeout: Self.connectTimeout,
                group: self.group
            )
            if let bound { return bound }
        }
        return try await UpstreamConnection.open(
            target,
            from: nil,
            timeout: Self.answerTimeout,
            connectTimeout: Self.connectTimeout,
            group: self.group
        )
    }

    private func answerHead(of upstream: UpstreamConnection) async throws -> WebAnswer {
        while true {
            guard case .head(let head) = try await upstream.next() else { throw UpstreamFailure.closedEarly }
            // Interim answers (100, 103) are between the two of us.
            if head.status.code < 200 { continue }
            let named = Set(
                head.headers["connection"].flatMap { $0.split(separator: ",") }
                    .map { $0.filter { !$0.isWhitespace }.lowercased() }
            )
            let headers = head.headers.filter { header in
                let name = header.name.lowercased()
                return !Self.connectionHeaders.contains(name) && !named.contains(name)
            }
            return WebAnswer(
                status: Int(head.status.code),
                headers: headers.map { WebHeader($0.name, $0.value) }
            )
        }
    }

    /// The target's own path, then what followed the application's id, undecoded, and the query.
    static func uri(_ request: WebRequest, skipping: Int, base: String) -> String {
        var rest = Substring(request.rawPath)
        for _ in 0..<skipping {
            while rest.first == "/" { rest.removeFirst() }
            rest = rest.drop { $0 != "/" }
        }
        let path = base + (rest.isEmpty ? "/" : String(rest))
        return request.rawQuery.map { "\(path)?\($0)" } ?? path
    }

    private func page(_ status: Int, _ text: String) -> WebAnswer {
        .page(
            HTMLPage(
                title: "Proxy",
                navigation: [HTMLPage.Link("Applications", "\(self.pagesBase)/cluster/apps")],
                body: "<p>\(text)</p>"
            ),
            status: status
        )
    }
}
