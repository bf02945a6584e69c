import ClusterModel
import HadoopHTTP
import HadoopProtos
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ResourceManager
import ResourceManagerCore
import TestSupport
import Testing

@Suite struct WebProxyTests {
    /// A web server that stands for an ApplicationMaster's, and a running application that registered it.
    private static func withMaster(
        properties: [(String, String)] = [],
        _ respond: @escaping HTTPServer.Respond,
        _ body: (WebFixture, ApplicationView) async throws -> Void
    ) async throws {
        let master = try await HTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test"),
            respond: respond
        )
        do {
            try await WebFixture.with(properties: properties) { web in
                var view = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
                view.originalTrackingURL = "http://127.0.0.1:\(master.port)"
                web.snapshot.apply([.application(view)])
                try await body(web, view)
            }
        } catch {
            try? await master.stop()
            throw error
        }
        try await master.stop()
    }

    @Test func `path, query, user and only harmless headers reach the ApplicationMaster`() async throws {
        let echo: HTTPServer.Respond = { request in
            let headers = request.headers.map { "\($0.name.lowercased())=\($0.value)" }.sorted().joined(separator: "|")
            return WebAnswer.text("\(request.rawPath)?\(request.rawQuery ?? "")|\(headers)|from=\(request.peerAddress)")
                .adding("X-Own", "kept").adding("Keep-Alive", "timeout=5")
        }
        try await Self.withMaster(echo) { web, view in
            let answer = try await web.call(
                "GET",
                "/proxy/\(view.id)/jobs/job%20x/?id=1&user.name=alice",
                headers: [
                    ("Accept", "text/html"), ("Cookie", "secret=1"), ("Authorization", "Basic x"), ("X-Other", "y"),
                ]
            )
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix("/jobs/job%20x/?id=1&user.name=alice|"))
            #expect(answer.body.contains("|accept=text/html|"))
            #expect(answer.body.contains("cookie=proxy-user=alice"))
            #expect(answer.body.contains("from=127.0.0.1"))
            for leaked in ["secret", "authorization", "x-other"] { #expect(!answer.body.contains(leaked)) }
            #expect(answer.headers["x-own"] == ["kept"])
            #expect(answer.headers["keep-alive"].isEmpty)
            #expect(try await web.call("GET", "/proxy/\(view.id)").body.hasPrefix("/?|"))
        }
    }

    @Test func `a proxy on an address of its own is where links and redirects lead`() async throws {
        let properties = [("yarn.web-proxy.address", "127.0.0.1:18089")]
        let respond: HTTPServer.Respond = { request in .text("asked \(request.rawPath)") }
        try await Self.withMaster(properties: properties, respond) { web, view in
            let proxy = try await WebProxyServer.start(
                host: "127.0.0.1",
                port: 0,
                hostNames: [],
                cluster: web.cluster,
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test")
            )
            web.manager.daemon.proxyAddress.set(host: "127.0.0.1", port: proxy.port)
            let url = "http://127.0.0.1:\(proxy.port)/proxy/\(view.id)/"
            let shown = try await web.call("GET", "/ws/v1/cluster/apps/\(view.id)")
            #expect(shown.body.contains("\"trackingUrl\":\"\(url)\""))
            let sentOn = try await web.call("GET", "/proxy/\(view.id)/jobs/?id=1")
            #expect(sentOn.status == 302)
            #expect(sentOn.headers["location"] == ["\(url)jobs/?id=1"])
            func direct(_ path: String) async throws -> WebClient.Answer {
                try await WebClient.call("GET", path, port: proxy.port)
            }
            #expect(try await direct("/proxy/\(view.id)/jobs/").body == "asked /jobs/")
            #expect(try await direct("/ws/v1/cluster/info").status == 404)
            // Pages are the ResourceManager's.
            var gone = view
            gone.originalTrackingURL = "N/A"
            web.snapshot.apply([.application(gone)])
            let pages = web.manager.daemon.webAddress.text
            #expect(
                try await direct("/proxy/\(view.id)/").headers["location"]
                    == ["http://\(pages)/cluster/app/\(view.id)"]
            )
            #expect(try await direct("/").headers["location"] == ["http://\(pages)/cluster"])
            try await proxy.stop()
        }
    }

    @Test func `tracking URLs of reports lead to the proxy's own address`() async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.web-proxy.address", "localhost:18089")]
        )
        let id = try await resourceManager.submit()
        #expect(try await resourceManager.report(id).trackingURL == "http://localhost:18089/proxy/\(id)/")
        try await resourceManager.stop()
    }

    @Test func `large answers stream through whole, and PUT carries its body`() async throws {
        let respond: HTTPServer.Respond = { request in
            if request.method == .put {
                return .text("got \((try? await request.collectBody(upTo: 1 << 20))?.count ?? -1)")
            }
            return WebAnswer(
                status: 200,
                body: .stream(length: nil) { writer in
                    for _ in 0..<100 { try await writer.write(ByteBuffer(repeating: 0x61, count: 50_000)) }
                }
            )
        }
        try await Self.withMaster(respond) { web, view in
            let big = try await web.call("GET", "/proxy/\(view.id)/big")
            #expect(big.body.utf8.count == 5_000_000)
            #expect(try await web.call("PUT", "/proxy/\(view.id)/x", body: "12345").body == "got 5")
            #expect(try await web.call("POST", "/proxy/\(view.id)/x", body: "12345").status == 405)
            #expect(try await web.call("DELETE", "/proxy/\(view.id)/x").status == 405)
        }
    }

    @Test func `what cannot be reached is said, and a filter's redirect does not go round`() async throws {
        let respond: HTTPServer.Respond = { _ in .text("x") }
        try await Self.withMaster(respond) { web, view in
            #expect(try await web.call("GET", "/proxy/foo/").status == 404)
            let unknown = try await web.call("GET", "/proxy/application_1_0001/")
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("could not be found in RM or history server"))
            let loop = try await web.call("GET", "/proxy/redirect/\(view.id)/jobs/")
            #expect(loop.status == 302)
            #expect(loop.headers["location"] == ["/cluster/failure/\(view.id)"])

            var gone = view
            gone.originalTrackingURL = "http://127.0.0.1:1"
            web.snapshot.apply([.application(gone)])
            #expect(try await web.call("GET", "/proxy/\(view.id)/").status == 502)
            for (url, state, target) in [
                ("N/A", ApplicationState.running, "/cluster/app/\(view.id)"),
                ("", .accepted, "/cluster/app/\(view.id)"),
                ("javascript:alert(1)", .finished, "/cluster/app/\(view.id)"),
                ("http://history.example:18080/history/1", .finished, "http://history.example:18080/history/1/"),
                ("N/A", .killed, "/cluster/app/\(view.id)"),
            ] {
                gone.originalTrackingURL = url
                gone.state = state
                web.snapshot.apply([.application(gone)])
                let answer = try await web.call("GET", "/proxy/\(view.id)/")
                #expect(answer.status == 302)
                #expect(answer.headers["location"] == [target])
            }
        }
    }

    @Test(
        arguments: [
            ("http://h:4040", "http://h:4040/"), ("h:4040", "http://h:4040/"), ("h", "http://h:80/"),
            ("https://h/base/", "https://h:443/base/"), ("http://[::1]:8080/x?y#z", "http://[::1]:8080/x/"),
            ("", nil), ("N/A", nil), ("ftp://h", nil), ("http://", nil), ("http://h:0", nil), ("http://h:99999", nil),
            ("http://u@h", nil), ("http://h\r\nX: y", nil), ("file:///etc/passwd", nil), ("javascript:alert(1)", nil),
        ] as [(String, String?)]
    )
    func `only addresses of web servers are tracking URLs`(text: String, whole: String?) {
        #expect(TrackingURL(text)?.text == whole)
    }
}
