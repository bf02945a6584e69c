import HadoopHTTP
import Logging
import NIOCore
import Testing

/// core-site.xml's `hadoop.http.*` on a port.
@Suite struct WebPolicyTests {
    private static func front(_ policy: WebPolicy) -> WebFront {
        var routes = WebRoutes()
        routes.add(.get, "/who") { request, _ in .text(try WebUser(of: request).name) }
        routes.add(.put, "/who") { request, _ in .text(try request.writingUser()) }
        return WebFront(
            routes: routes,
            hosts: HostGuard(names: ["rm.example"]),
            policy: policy,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private static func ask(
        _ policy: WebPolicy,
        _ method: WebMethod = .get,
        _ target: String = "/who",
        _ headers: [(String, String)] = []
    ) async throws -> (status: Int, text: String, headers: [String: String]) {
        let answer = await Self.front(policy).answer(
            WebRequest(
                method: method,
                target: try WebTarget(target),
                headers: headers.map { WebHeader($0.0, $0.1) },
                authority: "rm.example"
            )
        )
        var text = ""
        if case .bytes(let bytes) = answer.body { text = String(buffer: bytes) }
        let pairs = answer.headers.map { ($0.name, $0.value) }
        return (answer.status, text, Dictionary(pairs) { first, _ in first })
    }

    private static let crossOrigin = CrossOriginPolicy(
        allowedOrigins: ["http://*.example:8080", "https://one.example", "regex:https?://[a-c]\\.example"],
        allowedMethods: ["GET", "PUT"],
        allowedHeaders: ["X-Requested-With", "Accept"],
        preflightAgeMaximum: .seconds(1_800)
    )

    @Test func `who gives no name has the configured one, and may write under neither`() async throws {
        let policy = WebPolicy(staticUser: "guest")
        #expect(try await Self.ask(policy).text == "guest")
        #expect(try await Self.ask(policy, .get, "/who?user.name=ann").text == "ann")
        #expect(try await Self.ask(policy, .put, "/who?user.name=ann").text == "ann")
        for name in ["guest", "dr.who", "anonymous"] {
            #expect(try await Self.ask(policy, .put, "/who?user.name=\(name)").status == 403)
        }
        #expect(try await Self.ask(policy, .put).status == 403)
    }

    @Test func `a name is kept for pages' links where pages show more to some than to others`() async throws {
        let cookie = "hadoop.auth=\"u=ann&p=ann&t=simple\"; Path=/; HttpOnly; SameSite=Lax"
        let policy = WebPolicy(remembersNames: true)
        #expect(try await Self.ask(policy, .get, "/who?user.name=ann").headers["Set-Cookie"] == cookie)
        #expect(try await Self.ask(policy).headers["Set-Cookie"] == nil)
        #expect(try await Self.ask(WebPolicy(), .get, "/who?user.name=ann").headers["Set-Cookie"] == nil)
        let kept = [("Cookie", "hadoop.auth=\"u=ann&p=ann&t=simple\"")]
        #expect(try await Self.ask(policy, .get, "/who", kept).text == "ann")
        #expect(try await Self.ask(policy, .put, "/who", kept).status == 403)
    }

    @Test func `where a name is needed its absence is refused, and pages' links go on under it`() async throws {
        let policy = WebPolicy(allowsAnonymous: false)
        let refused = try await Self.ask(policy)
        #expect(refused.status == 401)
        #expect(refused.headers["WWW-Authenticate"] == "PseudoAuth")
        let named = try await Self.ask(policy, .get, "/who?user.name=ann")
        #expect(named.text == "ann")
        let cookie = try #require(named.headers["Set-Cookie"]?.split(separator: ";").first.map(String.init))
        #expect(try await Self.ask(policy, .get, "/who", [("Cookie", "a=b; \(cookie)")]).text == "ann")
        #expect(try await Self.ask(policy, .put, "/who", [("Cookie", cookie)]).status == 403)
        #expect(try await Self.ask(WebPolicy(), .get, "/who?user.name=ann").headers["Set-Cookie"] == nil)
    }

    @Test(
        arguments: [
            ("http://a.example:8080", true), ("http://a.b.example:8080", true), ("http://example:8080", false),
            ("http://a.example:8081", false), ("https://one.example", true), ("https://one.example.org", false),
            ("http://b.example", true), ("http://d.example", false), ("null", false),
        ]
    )
    func `only configured origins may read`(origin: String, isAllowed: Bool) async throws {
        let answer = try await Self.ask(WebPolicy(crossOrigin: Self.crossOrigin), .get, "/who", [("Origin", origin)])
        #expect(answer.status == 200)
        #expect(answer.headers["Access-Control-Allow-Origin"] == (isAllowed ? origin : nil))
        #expect(answer.headers["Access-Control-Allow-Credentials"] == (isAllowed ? "true" : nil))
    }

    @Test func `a preflight is told the methods, headers and age, unless it asks for more`() async throws {
        let policy = WebPolicy(allowsAnonymous: false, crossOrigin: Self.crossOrigin)
        func preflight(_ method: String, _ headers: String) async throws -> [String: String] {
            let answer = try await Self.ask(
                policy,
                .options,
                "/who",
                [
                    ("Origin", "https://one.example"), ("Access-Control-Request-Method", method),
                    ("Access-Control-Request-Headers", headers),
                ]
            )
            #expect(answer.status == 200)
            #expect(answer.headers["Allow"] == "OPTIONS,GET,HEAD,PUT")
            return answer.headers
        }
        let answer = try await preflight("PUT", "accept, x-requested-with")
        #expect(answer["Access-Control-Allow-Origin"] == "https://one.example")
        #expect(answer["Access-Control-Allow-Methods"] == "GET,PUT")
        #expect(answer["Access-Control-Allow-Headers"] == "X-Requested-With,Accept")
        #expect(answer["Access-Control-Max-Age"] == "1800")
        #expect(try await preflight("DELETE", "accept")["Access-Control-Allow-Origin"] == nil)
        #expect(try await preflight("PUT", "accept, x-secret")["Access-Control-Allow-Origin"] == nil)
    }

    @Test func `a page of an allowed origin may write by an allowed method, others may not`() async throws {
        let policy = WebPolicy(crossOrigin: Self.crossOrigin)
        func put(_ origin: String, _ policy: WebPolicy) async throws -> Int {
            try await Self.ask(policy, .put, "/who?user.name=ann", [("Origin", origin)]).status
        }
        #expect(try await put("https://one.example", policy) == 200)
        #expect(try await put("https://two.example", policy) == 403)
        #expect(try await put("https://one.example", WebPolicy()) == 403)
        #expect(try await Self.ask(policy, .options, "/nowhere", [("Origin", "https://one.example")]).status == 404)
    }
}
