import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Servers that refuse or send elsewhere without end, and proxies.
@Suite(.timeLimit(.minutes(2))) struct EndlessAnswerTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    private func transfers(_ change: (inout TransferSettings) -> Void = { _ in }) -> Transfers {
        var settings = TransferSettings(
            attemptsMaximum: 2,
            firstPause: .milliseconds(2),
            pauseMaximum: .milliseconds(5)
        )
        change(&settings)
        return Transfers(settings: settings, loop: TransferLoop(), chance: { 0.5 })
    }

    private func download(_ location: ResourceLocation, _ change: (inout TransferSettings) -> Void = { _ in }) throws
        -> Int64
    {
        try self.transfers(change).download(location, to: "\(self.folder.path)/target")
    }

    private func failure(_ location: ResourceLocation, _ change: (inout TransferSettings) -> Void = { _ in }) -> String
    {
        let failure = #expect(throws: TransferFailure.self) { try self.download(location, change) }
        #expect(self.folder.status("target") == nil)
        return failure?.description ?? ""
    }

    // MARK: - Without end

    @Test(arguments: ["404 Not Found", "302 Found"])
    func `a refusal without an end is not heard out, nor is a redirect`(status: String) throws {
        let server = try LoopbackServer(isConcurrent: true) { _ in
            LoopbackServer.response(status, ["Location: /y"], body: [UInt8](repeating: 32, count: 32 << 20))
        }
        defer { server.close() }
        #expect(self.failure(server.location("/x")).hasSuffix("the server answered \(status)"))
        #expect(server.requests.map(\.path) == ["/x"])
    }

    @Test func `redirects between two servers end`() throws {
        let ports = Mutex([0, 0])
        func make(_ other: Int) throws -> LoopbackServer {
            try LoopbackServer { _ in
                let port = ports.withLock { $0[other] }
                return LoopbackServer.response("307 Temporary Redirect", ["Location: http://127.0.0.1:\(port)/again"])
            }
        }
        let servers = [try make(1), try make(0)]
        defer { for server in servers { server.close() } }
        ports.withLock { $0 = servers.map(\.port) }
        #expect(self.failure(servers[0].location("/x")).contains("Maximum (10) redirects followed"))
        #expect(servers.map(\.requests.count) == [6, 5])
    }

    // MARK: - Proxies

    @Test func `a proxy is asked for the whole address, with its own credentials`() throws {
        let proxy = try LoopbackServer { _ in LoopbackServer.ok(Array("far".utf8)) }
        defer { proxy.close() }
        let location = ResourceLocation(scheme: "http", host: "files.example", port: 8080, path: "/a b")
        #expect(try self.download(location) { $0.proxy = "http://ann:hush@127.0.0.1:\(proxy.port)" } == 3)
        #expect(proxy.requests.map(\.path) == ["http://files.example:8080/a%20b"])
        #expect(proxy.requests.first?.head.contains("Proxy-Authorization: Basic YW5uOmh1c2g=") == true)
    }

    @Test func `hosts that need no proxy are reached without it`() throws {
        let proxy = try LoopbackServer { _ in LoopbackServer.ok([1, 2]) }
        defer { proxy.close() }
        let server = try LoopbackServer { _ in LoopbackServer.ok([1]) }
        defer { server.close() }
        let address = "http://127.0.0.1:\(proxy.port)"
        #expect(try self.download(server.location("/x")) { $0.proxy = address } == 2)
        for list in ["127.0.0.1", "other.example,127.0.0.1", "127.0.0.0/8", "*"] {
            #expect(
                try self.download(server.location("/x")) {
                    $0.proxy = address
                    $0.noProxy = list
                } == 1,
                "\(list)"
            )
        }
        #expect(
            try self.download(server.location("/x")) {
                $0.proxy = address
                $0.noProxy = "other.example"
            } == 2
        )
    }

    @Test func `a proxy that is not there or refuses is an error without its password`() throws {
        let proxy = try LoopbackServer { _ in LoopbackServer.response("407 Proxy Authentication Required") }
        let location = ResourceLocation(scheme: "http", host: "files.example", path: "/x")
        let address = "http://ann:hush@127.0.0.1:\(proxy.port)"
        let refused = self.failure(location) { $0.proxy = address }
        #expect(refused.hasSuffix("the server answered 407 Proxy Authentication Required"), "\(refused)")
        proxy.close()
        let missing = self.failure(location) { $0.proxy = "http://ann:hush@127.0.0.1:1" }
        #expect(missing.contains("127.0.0.1 port 1"), "\(missing)")
        #expect(!missing.contains("hush"))
    }
}
