internal import ApplicationMaster
internal import ClusterModel
internal import EngineLink
internal import HadoopConfig
internal import HadoopHTTP
internal import Logging
internal import NIOCore
internal import Staging

/// Serves an application's pages and its part of Spark's REST API while it runs: Spark's web UI.
///
/// Who may see them decides whoever lets callers through: on YARN only the ResourceManager's proxy and this machine are
/// answered, elsewhere the port is bound to loopback.
final class LiveServer: Sendable {
    private let web: EngineWeb
    private let host: String

    private init(_ web: EngineWeb, host: String) {
        self.web = web
        self.host = host
    }

    /// Where the pages are.
    var url: String { "http://\(NetworkAddress(host: self.host, port: self.web.port))" }

    /// How many ports behind `spark.ui.port` are tried when it is taken (`spark.port.maxRetries`).
    private static let portsTried = 16
    /// `spark.ui.port`
    private static let standardPort = 4040

    /// Binds and serves; blocks until the port is bound.
    /// - Parameters:
    ///   - host: what the port is bound to.
    ///   - anyPort: whether the port is the system's choice where none is set, as in a container.
    ///   - proxies: hosts whose callers are answered beside this machine's own.
    /// - Returns: nil where no port is free: an application runs without its pages too.
    /// - Throws: where a property cannot be used.
    static func start(
        _ properties: EngineProperties,
        host: String,
        anyPort: Bool,
        proxies: [String],
        logger: Logger,
        _ status: @escaping @Sendable () -> LiveStatus
    ) throws(EngineProperties.Unusable) -> LiveServer? {
        let wanted = try properties.count(.pagesPort, default: anyPort ? 0 : Self.standardPort)
        let tries = try properties.count(.portRetries, default: Self.portsTried)
        let trusted = Set(proxies.flatMap { HostAddress.all($0) })
        var problem = ""
        for port in wanted == 0 ? 0...0 : wanted...(wanted + tries) {
            do {
                let web = try EngineWeb(host: host, port: port, logger: logger) { request in
                    let isOwn = HostGuard.isLocal(request.peerAddress, to: request.localAddress)
                    return isOwn || trusted.contains(request.peerAddress)
                        ? Self.answer(request, status()) : Self.refusal
                }
                return LiveServer(web, host: host)
            } catch {
                problem = "\(error)"
            }
        }
        StandardError.write(
            "The application has no pages: no port from \(wanted) to \(wanted + tries) of \(host) can be had (spark.ui.port, spark.port.maxRetries): \(problem)"
        )
        return nil
    }

    private static let refusal = WebAnswer.text(
        "403 Forbidden: these pages are seen through the ResourceManager's proxy, at the application's tracking URL\n",
        status: 403
    )

    func stop() { self.web.stop() }

    static func answer(_ request: WebRequest, _ status: LiveStatus) -> WebAnswer {
        guard request.method == .get || request.method == .head else {
            return WebAnswer.text("405 Method Not Allowed\n", status: 405)
        }
        let path = request.segments
        if path.starts(with: ["api", "v1"]) {
            do {
                let statuses = request.query.list("status")
                let document = try LiveDocuments(status: status).document(Array(path.dropFirst(2)), statuses: statuses)
                return WebAnswer(
                    status: 200,
                    headers: WebAnswer.hadoopHeaders + [WebHeader("Content-Type", "application/json")],
                    body: .bytes(ByteBuffer(string: document.text))
                )
            } catch {
                return WebAnswer.text(error.text, status: 404)
            }
        }
        guard let page = LivePages(status: status).page(path, isFolder: request.rawPath.hasSuffix("/")) else {
            return .page(HTMLPage.notFound(path: request.rawPath), status: 404)
        }
        return WebAnswer.page(page).adding("Refresh", "5")
    }
}
