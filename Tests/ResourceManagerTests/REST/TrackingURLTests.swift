import Testing

@testable import ResourceManager

@Suite struct `Redirects by an ApplicationMaster` {
    @Test(
        arguments: [
            ("http://localhost:4040/jobs/", "/proxy/app/jobs/"),
            ("http://localhost:4040", "/proxy/app/"),
            ("http://localhost:4040?x=1", "/proxy/app/?x=1"),
            ("http://localhost:40401/jobs/", "http://localhost:40401/jobs/"),
            ("http://elsewhere:4040/jobs/", "http://elsewhere:4040/jobs/"),
            ("https://localhost:4040/", "https://localhost:4040/"),
            ("/proxy/app/jobs/", "/proxy/app/jobs/"),
        ]
    )
    func `stay behind the proxy when they lead to itself`(_ location: String, _ expected: String) throws {
        let target = try #require(TrackingURL("http://localhost:4040"))
        #expect(target.behindProxy(location, prefix: "/proxy/app") == expected)
    }

    @Test func `a base path is part of its own address`() throws {
        let target = try #require(TrackingURL("http://localhost:4040/ui"))
        #expect(target.behindProxy("http://localhost:4040/ui/x", prefix: "/proxy/app") == "/proxy/app/x")
        #expect(target.behindProxy("http://localhost:4040/x", prefix: "/proxy/app") == "http://localhost:4040/x")
    }
}
