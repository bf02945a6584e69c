import HadoopHTTP
import Testing

@Suite struct RequestTests {
    @Test func `a target is split and decoded, and odd ones are refused`() throws {
        let target = try WebTarget("/ws/v1//a%20b/c%3A1/?x=1&y=a,b+c&x=2&empty=")
        #expect(target.segments == ["ws", "v1", "a b", "c:1"])
        #expect(target.query.first("x") == "1")
        #expect(target.query.list("y") == ["a", "b c"])
        #expect(target.query.first("empty") == nil)
        #expect(target.query.contains("empty"))
        for wrong in ["", "x", "http://h/", "/%", "/%zz", "/%ff", "/a%2Fb", "/..", "/%2e%2e/x", "/a%00", "/?a=%"] {
            #expect(throws: RESTFailure.self) { _ = try WebTarget(wrong) }
        }
        #expect(throws: RESTFailure.self) { _ = try WebTarget("/" + String(repeating: "a", count: 20_000)) }
        #expect(throws: RESTFailure.self) { _ = try WebTarget("/?" + String(repeating: "a=1&", count: 300)) }
    }

    @Test(
        arguments: [
            ("localhost:8088", true), ("127.0.0.1", true), ("127.9.9.9:80", true), ("[::1]:8088", true),
            ("rm.example:8088", true), ("RM.Example", true), ("evil.example:8088", false),
            ("127.0.0.1.evil.example", false), ("10.0.0.1:8088", false), ("", false), ("10.0.0.7", true),
        ]
    )
    func `only loopback and configured names are hosts of ours`(authority: String, isAccepted: Bool) throws {
        let request = WebRequest(
            method: .get,
            target: try WebTarget("/"),
            authority: authority,
            peerAddress: "10.0.0.9",
            localAddress: "10.0.0.7"
        )
        let guardian = HostGuard(names: ["rm.example"])
        let accepts = (try? guardian.check(request)) != nil
        #expect(accepts == isAccepted)
    }

    @Test func `a page of another origin changes nothing`() throws {
        var request = WebRequest(method: .put, target: try WebTarget("/"), authority: "localhost:8088")
        let guardian = HostGuard(names: [])
        try guardian.checkOrigin(request)
        request.headers = [WebHeader("Origin", "http://localhost:8088")]
        try guardian.checkOrigin(request)
        for origin in ["http://evil.example", "null", "http://localhost:9999"] {
            request.headers = [WebHeader("Origin", origin)]
            #expect(throws: RESTFailure.self) { try guardian.checkOrigin(request) }
        }
    }

    @Test func `a user must have a name that an operating system could have`() throws {
        func user(_ query: String) throws -> WebUser {
            try WebUser(of: WebRequest(method: .get, target: try WebTarget("/?\(query)")))
        }
        #expect(try user("") == .anonymous("dr.who"))
        #expect(try user("user.name=dr.who") == .anonymous("dr.who"))
        #expect(try user("user.name=anonymous") == .anonymous("dr.who"))
        #expect(try user("user.name=alice") == .named("alice"))
        for wrong in ["..", "a/b", "a%20b", "-rf", ".ssh", "a%0a", "a%3Bb", "%C3%A9"] {
            #expect(throws: RESTFailure.self) { _ = try user("user.name=\(wrong)") }
        }
    }

    @Test func `routes fit by path, then by method`() async throws {
        var routes = WebRoutes()
        routes.add(.get, "/a/{x}") { _, path in .text("x=\(path["x"])") }
        routes.add(.get, "/a/fixed/{y}/*") { request, path in .text("y=\(path["y"])") }
        func status(_ method: WebMethod, _ path: String) async throws -> Int? {
            try await routes.answer(WebRequest(method: method, target: try WebTarget(path)))?.status
        }
        #expect(try await status(.get, "/a/1") == 200)
        #expect(try await status(.head, "/a/1/") == 200)
        #expect(try await status(.get, "/a/fixed/2/more/of/it") == 200)
        #expect(try await status(.get, "/a/fixed/2") == 200)
        #expect(try await status(.get, "/b") == nil)
        await #expect(throws: MethodNotAllowed.self) { _ = try await status(.delete, "/a/1") }
    }
}
