import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Lines that are slow or cut at any byte, and servers that talk without end or lie about lengths.
@Suite(.timeLimit(.minutes(2))) struct LineTests {
    private let folder: TestFolder
    private let loop = TransferLoop()

    init() throws {
        self.folder = try TestFolder()
    }

    private func transfers(_ change: (inout TransferSettings) -> Void = { _ in }) -> Transfers {
        var settings = TransferSettings(
            attemptsMaximum: 2,
            firstPause: .milliseconds(1),
            pauseMaximum: .milliseconds(2)
        )
        change(&settings)
        return Transfers(settings: settings, loop: self.loop, chance: { 0.5 })
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

    // MARK: - Every byte

    /// How an answer says where its body ends.
    enum Framing: CaseIterable {
        case length
        case chunks
        case close
    }

    private static let body = Array("The quick brown fox jumps over the lazy dog, twice and again.".utf8)

    private static func answer(_ framing: Framing) -> [UInt8] {
        switch framing {
        case .length: return LoopbackServer.ok(self.body, ["ETag: \"one\"", "Accept-Ranges: bytes"])
        case .chunks:
            var chunks: [UInt8] = []
            for start in stride(from: 0, to: self.body.count, by: 25) {
                let piece = self.body[start..<min(start + 25, self.body.count)]
                chunks += Array("\(String(piece.count, radix: 16));name=value\r\n".utf8) + piece + [13, 10]
            }
            chunks += Array("0\r\nX-Trailer: one\r\nX-Other: two\r\n\r\n".utf8)
            return LoopbackServer.response("200 OK", ["ETag: \"one\"", "Transfer-Encoding: chunked"], body: chunks)
        case .close: return LoopbackServer.response("200 OK", ["ETag: \"one\""], body: self.body)
        }
    }

    /// The rest of the body, if that is what was asked for.
    private static func rest(_ request: LoopbackServer.Request) -> [UInt8]? {
        for line in request.head.split(separator: "\r\n") where line.lowercased().hasPrefix("range: bytes=") {
            let start = Int(line.dropFirst(13).split(separator: "-")[0]) ?? 0
            guard start < self.body.count else {
                return LoopbackServer.response("416 Range Not Satisfiable", ["Content-Length: 0"])
            }
            let range = "Content-Range: bytes \(start)-\(self.body.count - 1)/\(self.body.count)"
            let part = Array(self.body[start...])
            return LoopbackServer.response(
                "206 Partial Content",
                [range, "ETag: \"one\"", "Content-Length: \(part.count)"],
                body: part
            )
        }
        return nil
    }

    /// In the status line, a header, the size of a chunk, the body, a trailer.
    @Test(arguments: Framing.allCases) func `a connection cut at any byte changes nothing that arrives`(
        framing: Framing
    ) throws {
        let whole = Self.answer(framing)
        let seen = Mutex<Set<String>>([])
        let server = try LoopbackServer { request in
            if let rest = Self.rest(request) { return rest }
            let isFirst = seen.withLock { $0.insert(request.path).inserted }
            return isFirst ? Array(whole.prefix(Int(request.path.dropFirst()) ?? 0)) : whole
        }
        defer { server.close() }
        for cut in 0..<whole.count {
            let size = try? self.transfers { $0.attemptsMaximum = 3 }.download(
                server.location("/\(cut)"),
                expecting: ResourceExpectation(size: Int64(Self.body.count)),
                to: "\(self.folder.path)/target"
            )
            if framing == .close, cut >= whole.count - Self.body.count {
                // Nothing says that bytes are missing but the size that was promised.
                #expect(size == nil, "cut at \(cut)")
            } else {
                #expect(size == 61, "cut at \(cut)")
                #expect(try self.folder.read("target") == Self.body, "cut at \(cut)")
                #expect(server.requests.filter { $0.path == "/\(cut)" }.count <= 3)
                TreeRemoval.remove("\(self.folder.path)/target")
            }
            #expect(try self.transfers().list(self.folder.location("")).isEmpty)
        }
    }

    @Test(arguments: Framing.allCases) func `an answer that comes byte by byte is whole`(framing: Framing) throws {
        let server = try LoopbackServer(piece: 1) { _ in Self.answer(framing) }
        defer { server.close() }
        #expect(try self.download(server.location("/x")) == 61)
        #expect(try self.folder.read("target") == Self.body)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        ["Content-Length: 62"], ["Content-Length: 1000000000000"], ["Content-Length: -1"], ["Content-Length: x"],
        ["Content-Length: 61", "Content-Length: 60"], ["Content-Length: 99999999999999999999999"],
        ["Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 61"],
        ["Content-Encoding: gzip", "Transfer-Encoding: gzip"],
    ])
    func `a server that lies about the length of a body is refused`(headers: [String]) throws {
        let server = try LoopbackServer { _ in LoopbackServer.response("200 OK", headers, body: Self.body) }
        defer { server.close() }
        _ = self.failure(server.location("/x"))
    }

    @Test(arguments: ["-1", "fffffffffffffffff", "zz", "", "7fffffffffffffff"])
    func `the size of a chunk that is none, or too large, is refused`(size: String) throws {
        let server = try LoopbackServer { _ in
            let chunks = Array("\(size)\r\n".utf8) + Self.body + Array("\r\n0\r\n\r\n".utf8)
            return LoopbackServer.response("200 OK", ["Transfer-Encoding: chunked"], body: chunks)
        }
        defer { server.close() }
        _ = self.failure(server.location("/x"))
    }

    // MARK: - Without end

    enum Talk: String, CaseIterable {
        case headers = "HTTP/1.1 200 OK\r\n"
        case interim = "HTTP/1.1 100 Continue\r\n\r\n"
        case trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    }

    @Test(arguments: Talk.allCases) func `a head or a trailer without an end is not heard out`(talk: Talk) throws {
        let line = talk == .interim ? "HTTP/1.1 103 Early Hints\r\n\r\n" : "X-More: 1\r\n"
        let server = try LoopbackServer(isConcurrent: true) { _ in
            Array(talk.rawValue.utf8) + Array(String(repeating: line, count: 64_000).utf8)
        }
        defer { server.close() }
        let text = self.failure(server.location("/x"))
        #expect(text.contains("the head of the answer is longer than 262144 bytes"), "\(text)")
        #expect(server.requests.count == 1)
    }

    // MARK: - Slow lines

    /// In the head, and in the body: what comes counts, not that something comes.
    @Test(arguments: [0, 100_000]) func `a server that lets bytes drip is given up`(head: Int) throws {
        let isOver = DispatchSemaphore(value: 0)
        let pace: @Sendable () -> Void = {
            if isOver.wait(timeout: .now() + .milliseconds(50)) == .success { isOver.signal() }
        }
        let server = try LoopbackServer(isConcurrent: true, piece: 100, pace: pace) { _ in
            LoopbackServer.ok(
                [UInt8](repeating: 1, count: 100_000),
                head == 0 ? [] : (0..<100).map { "X-\($0): \(String(repeating: "x", count: 1000))" }
            )
        }
        defer {
            isOver.signal()
            server.close()
        }
        let text = self.failure(server.location("/x")) {
            $0.stallBytesPerSecond = 100_000
            $0.stallTimeout = .seconds(1)
        }
        #expect(text.contains("too slow") && text.hasSuffix("(tried 2 times)"), "\(text)")
        #expect(server.requests.count == 2)
    }

    @Test func `a limit of bandwidth is not taken for a slow line`() {
        var settings = TransferSettings(stallBytesPerSecond: 1000)
        #expect(settings.slowestBytesPerSecond == 1000)
        for (limit, slowest) in [(Int64.max, 1000), (3000, 1000), (1000, 500), (1, 1)] {
            settings.bytesPerSecondMaximum = limit
            #expect(settings.slowestBytesPerSecond == slowest, "\(limit)")
        }
        // libcurl fills its buffer a hundred times before it waits.
        let expected: [(Int64, buffer: Int, stall: Int)] = [
            (.max, 131_072, 60), (1 << 30, 131_072, 60), (1 << 20, 10_485, 60), (64 << 10, 1024, 60),
            (1 << 10, 1024, 201),
        ]
        for (limit, buffer, stall) in expected {
            settings.bytesPerSecondMaximum = limit
            #expect(settings.bufferSize == buffer && settings.stallSeconds == stall, "\(limit)")
        }
    }

    /// Of two transfers of the same file side by side, the one with a limit is far behind when the other is done.
    @Test(arguments: [false, true]) func `a limit of bandwidth holds`(isUpload: Bool) async throws {
        let body = [UInt8](repeating: 7, count: 16 << 20)
        let source = try self.folder.write("source", body)
        let server = try LoopbackServer(isConcurrent: true) { request in
            request.head.hasPrefix("GET") ? LoopbackServer.ok(body) : LoopbackServer.response("201 Created")
        }
        defer { server.close() }
        let limited = self.transfers { $0.bytesPerSecondMaximum = 64 << 10 }
        let (progress, path) = (TransferProgress(), self.folder.path)
        @Sendable func move(
            _ transfers: Transfers,
            _ progress: TransferProgress?,
            _ name: String,
            _ cancellation: Cancellation
        )
            throws(TransferFailure)
        {
            if isUpload {
                try transfers.upload(
                    source,
                    to: server.location("/\(name)"),
                    progress: progress,
                    cancellation: cancellation
                )
            } else {
                try transfers.download(
                    server.location("/\(name)"),
                    to: "\(path)/\(name)",
                    progress: progress,
                    cancellation: cancellation
                )
            }
        }
        let threads = BlockingThreads(threadsMaximum: 1)
        let slow = Task {
            try await threads.run { (cancellation) throws(TransferFailure) in
                try move(limited, progress, "slow", cancellation)
            }
        }
        try await eventually("the slow transfer has begun") { progress.bytes > 0 }
        try move(self.transfers(), nil, "fast", Cancellation())
        #expect(progress.total == 16 << 20)
        #expect(progress.bytes < 8 << 20)
        slow.cancel()
        await #expect(throws: TransferFailure.cancelled) { try await slow.value }
    }

    // MARK: - Proxies of the environment

    @Test func `without a setting the environment names the proxy, by scheme`() {
        func proxy(_ url: String, _ environment: [String: String], _ proxy: String? = nil) -> String {
            var settings = TransferSettings()
            settings.environment = environment
            settings.proxy = proxy
            return ProxyRule(settings).proxy(for: url)
        }
        let both = ["http_proxy": "a:1", "https_proxy": "b:2", "all_proxy": "c:3"]
        #expect(proxy("http://x/", both) == "a:1")
        #expect(proxy("HTTPS://x/", both) == "b:2")
        #expect(proxy("https://x/", ["HTTPS_PROXY": "d:4"]) == "d:4")
        #expect(proxy("http://x/", ["HTTP_PROXY": "d:4"]) == "")
        #expect(proxy("http://x/", ["ALL_PROXY": "e:5", "http_proxy": ""]) == "e:5")
        #expect(proxy("http://x/", both, "own:6") == "own:6")
        #expect(proxy("http://x/", both, "") == "")
        var settings = TransferSettings()
        settings.environment = ["NO_PROXY": "x", "no_proxy": "y"]
        #expect(ProxyRule(settings).exceptions == "y")
        settings.noProxy = ""
        #expect(ProxyRule(settings).exceptions == "")
    }

    @Test func `the environment's proxy is used, and not for its exceptions`() throws {
        let proxy = try LoopbackServer { _ in LoopbackServer.ok([1, 2]) }
        defer { proxy.close() }
        let server = try LoopbackServer { _ in LoopbackServer.ok([1]) }
        defer { server.close() }
        var variables = ["http_proxy": "http://127.0.0.1:\(proxy.port)"]
        #expect(try self.download(server.location("/x")) { $0.environment = variables } == 2)
        variables["no_proxy"] = "127.0.0.1"
        #expect(try self.download(server.location("/x")) { $0.environment = variables } == 1)
    }
}
