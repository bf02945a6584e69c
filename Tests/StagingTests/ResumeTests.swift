import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Transfers over lines that break and from servers that lie: what arrives is right, or nothing does.
@Suite(.timeLimit(.minutes(2))) struct ResumeTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    static let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    static let tag = "ETag: \"one\""

    private static var settings: TransferSettings {
        var settings = TransferSettings(
            connectTimeout: .seconds(30),
            attemptsMaximum: 4,
            firstPause: .milliseconds(2),
            pauseMaximum: .milliseconds(5)
        )
        settings.streamBytesMinimum = 10_000
        settings.streamTimeMinimum = .zero
        settings.streamsMaximum = 3
        return settings
    }

    private func fetch(
        _ server: LoopbackServer,
        streams: Int = 1,
        path: String = "/x",
        _ change: (inout TransferSettings) -> Void = { _ in }
    ) throws -> Int64 {
        var settings = Self.settings
        settings.streamsMaximum = streams
        change(&settings)
        let transfers = Transfers(settings: settings, loop: TransferLoop(), chance: { 0.5 })
        return try transfers.download(server.location(path), to: "\(self.folder.path)/target")
    }

    /// Neither the target nor a part of it.
    private func expectNothingLeft() throws {
        let left = try Transfers().list(ResourceLocation(scheme: "file", path: self.folder.path))
        #expect(left.isEmpty)
    }

    /// The bytes that a request's Range asks for; nil without one.
    private static func range(_ request: LoopbackServer.Request, of length: Int) -> Range<Int>? {
        for line in request.head.split(separator: "\r\n") where line.lowercased().hasPrefix("range: bytes=") {
            let ends = line.split(separator: "=")[1].split(separator: "-", omittingEmptySubsequences: false)
            return (Int(ends[0]) ?? 0)..<(Int(ends[1]).map { $0 + 1 } ?? length)
        }
        return nil
    }

    /// What an honest server answers.
    private static func honest(_ request: LoopbackServer.Request, _ body: [UInt8] = body, tag: String = tag) -> [UInt8]
    {
        guard let range = Self.range(request, of: body.count) else {
            return LoopbackServer.ok(body, [tag, "Accept-Ranges: bytes"])
        }
        let ifRange = "If-Range: \(tag.dropFirst(6))"
        guard request.head.contains(ifRange) else { return LoopbackServer.ok(body, [tag]) }
        return LoopbackServer.response(
            "206 Partial Content",
            [
                tag, "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(body.count)",
                "Content-Length: \(range.count)",
            ],
            body: Array(body[range])
        )
    }

    @Test func `what broke off goes on where it broke off`() throws {
        let server = try LoopbackServer { request in
            let whole = Self.honest(request)
            return request.number < 3 ? Array(whole.dropLast(whole.count / 2)) : whole
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 100_000)
        #expect(try self.folder.read("target") == Self.body)
        let asked = server.requests.map { Self.range($0, of: Self.body.count)?.lowerBound ?? 0 }
        #expect(asked == asked.sorted() && asked.count == 4 && Set(asked).count == 4)
        #expect(server.requests.dropFirst().allSatisfy { $0.head.contains("If-Range: \"one\"") })
    }

    @Test(arguments: ["ETag: W/\"weak\"", "X-None: 1", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"])
    func `without a strong validator a broken transfer begins anew`(header: String) throws {
        let server = try LoopbackServer { request in
            let whole = LoopbackServer.ok(Self.body, [header])
            return request.number == 0 ? Array(whole.dropLast(50_000)) : whole
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 100_000)
        #expect(try self.folder.read("target") == Self.body)
        #expect(server.requests.allSatisfy { !$0.head.contains("Range:") })
    }

    @Test func `a date that is older than its answer validates`() throws {
        let times = ["Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "Date: Sun, 06 Nov 1994 08:49:39 GMT"]
        let server = try LoopbackServer { request in
            guard let range = Self.range(request, of: Self.body.count) else {
                return Array(LoopbackServer.ok(Self.body, times).dropLast(50_000))
            }
            return LoopbackServer.response(
                "206 Partial Content",
                ["Content-Range: bytes \(range.lowerBound)-99999/100000", "Content-Length: \(range.count)"],
                body: Array(Self.body[range])
            )
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 100_000)
        #expect(try self.folder.read("target") == Self.body)
        #expect(server.requests.last?.head.contains("If-Range: Sun, 06 Nov 1994 08:49:37 GMT") == true)
    }

    @Test(arguments: [1, 3]) func `a file that changes in between is never mixed`(streams: Int) throws {
        let second = Self.body.map { $0 ^ 0xFF }
        let changed = Mutex(false)
        let server = try LoopbackServer { request in
            // The old file once, and not whole; then the new one.
            let isFirst = changed.withLock { changed in
                defer { changed = true }
                return !changed
            }
            if isFirst { return Array(Self.honest(request).dropLast(70_000)) }
            return Self.honest(request, second, tag: "ETag: \"two\"")
        }
        defer { server.close() }
        #expect(try self.fetch(server, streams: streams) == 100_000)
        #expect(try self.folder.read("target") == second)
    }

    @Test func `a large file comes in parts side by side`() throws {
        // The whole file waits after its first piece until a part was asked for: on loopback it could be there before.
        let partIsAskedFor = DispatchSemaphore(value: 0)
        let pace: @Sendable () -> Void = {
            if partIsAskedFor.wait(timeout: .now() + .seconds(60)) == .success { partIsAskedFor.signal() }
        }
        let server = try LoopbackServer(isConcurrent: true, pace: pace) { request in
            if Self.range(request, of: Self.large.count) != nil { partIsAskedFor.signal() }
            return Self.honest(request, Self.large)
        }
        defer { server.close() }
        #expect(try self.fetch(server, streams: 3) { $0.streamBytesMinimum = 1 << 20 } == Int64(Self.large.count))
        #expect(try self.folder.read("target") == Self.large)
        let parts = server.requests.compactMap { Self.range($0, of: Self.large.count) }
        #expect(parts.count == 2)
        #expect(parts.map(\.upperBound).max() == Self.large.count)
    }

    @Test func `a file that comes fast comes in one stream`() throws {
        let server = try LoopbackServer(isConcurrent: true) { Self.honest($0, Self.large) }
        defer { server.close() }
        let count = try self.fetch(server, streams: 3) {
            $0.streamBytesMinimum = 1 << 20
            $0.streamTimeMinimum = .seconds(86_400)
        }
        #expect(count == Int64(Self.large.count))
        #expect(server.requests.count == 1)
    }

    private static let large = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }

    enum Lie: CaseIterable {
        case whole
        case otherPart
        case otherTotal
        case noRange
        case tooMuch
        case shifted
        case otherTag
        case notFound
    }

    @Test(arguments: Lie.allCases) func `a server that lies about ranges is caught`(lie: Lie) throws {
        let server = try LoopbackServer { request in
            guard let range = Self.range(request, of: Self.body.count) else {
                let whole = Self.honest(request)
                return request.number == 0 ? Array(whole.dropLast(40_000)) : whole
            }
            let (low, high) = (range.lowerBound, range.upperBound - 1)
            let right = "Content-Range: bytes \(low)-\(high)/100000"
            let bytes = Array(Self.body[range])
            func part(_ headers: [String], _ body: [UInt8]) -> [UInt8] {
                LoopbackServer.response("206 Partial Content", headers + ["Content-Length: \(body.count)"], body: body)
            }
            switch lie {
            case .whole: return LoopbackServer.ok(Self.body, [Self.tag])
            case .otherPart:
                return part(["Content-Range: bytes 0-\(bytes.count - 1)/100000"], Array(Self.body.prefix(bytes.count)))
            case .otherTotal: return part(["Content-Range: bytes \(low)-\(high)/100001"], bytes)
            case .noRange: return part([], bytes)
            case .tooMuch: return LoopbackServer.response("206 Partial Content", [right], body: bytes + [1, 2, 3])
            case .shifted: return part(["Content-Range: bytes \(low + 1)-\(high)/100000"], Array(bytes.dropFirst()))
            case .otherTag: return part([right, "ETag: \"two\""], bytes)
            case .notFound: return LoopbackServer.response("416 Range Not Satisfiable", ["Content-Range: bytes */9"])
            }
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 100_000)
        #expect(try self.folder.read("target") == Self.body)
        // Caught once, it is not asked for parts again.
        #expect(server.requests.filter { $0.head.contains("Range: bytes=") }.count == 1)
    }

    @Test func `a server that always sends too little is given up, and nothing stays`() throws {
        let server = try LoopbackServer { request in
            Array(Self.honest(request).prefix(300))
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) { try self.fetch(server) }
        #expect(failure?.description.hasSuffix("(tried 4 times)") == true)
        try self.expectNothingLeft()
    }

    /// Where a connection ends: in the status line, a header, between head and body, in the body.
    @Test(arguments: [0, 4, 12, 17, 30, 60, 120, 140, 1000, 100_050])
    func `a connection cut at any byte costs one more request`(length: Int) throws {
        let server = try LoopbackServer { request in
            let whole = Self.honest(request)
            return request.number == 0 ? Array(whole.prefix(length)) : whole
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 100_000)
        #expect(try self.folder.read("target") == Self.body)
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [
        "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==", "Digest: SHA-256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "Repr-Digest: sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
        "x-amz-checksum-sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ])
    func `what does not have its stated checksum is refused`(header: String) throws {
        let server = try LoopbackServer { _ in LoopbackServer.ok(Self.body, [header]) }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) { try self.fetch(server) }
        #expect(failure?.description.contains("did not arrive as it was sent") == true)
        try self.expectNothingLeft()
        #expect(try self.fetch(server) { $0.checksums = .none } == 100_000)
    }

    @Test func `a right checksum of a transfer that broke is accepted`() throws {
        // printf abc | openssl md5 -binary | base64
        let headers = ["Content-MD5: kAFQmDzST7DWlj99KOF/cg==", Self.tag]
        let server = try LoopbackServer { request in
            if request.number == 0 { return Array(LoopbackServer.ok(Array("abc".utf8), headers).dropLast(1)) }
            return LoopbackServer.response(
                "206 Partial Content",
                ["Content-Range: bytes 2-2/3", "Content-Length: 1"],
                body: Array("c".utf8)
            )
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 3)
        #expect(try self.folder.read("target") == Array("abc".utf8))
    }

    @Test func `trouble of the server passes, with the pause that it asks for`() throws {
        let server = try LoopbackServer { request in
            request.number < 2
                ? LoopbackServer.response("503 Busy", ["Retry-After: 100000"]) : LoopbackServer.ok(Self.body)
        }
        defer { server.close() }
        #expect(try self.fetch(server) == 100_000)
        #expect(server.requests.count == 3)
    }

    @Test func `a request waits for a connection when a host has its share`() async throws {
        let server = try LoopbackServer { _ in LoopbackServer.ok(Self.body) }
        defer { server.close() }
        let loop = TransferLoop(hostConnectionsMaximum: 1, connectionsMaximum: 1)
        let (transfers, path) = (Transfers(settings: Self.settings, loop: loop), self.folder.path)
        let threads = BlockingThreads(threadsMaximum: 8)
        let sizes = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await threads.run { (cancellation) throws(TransferFailure) in
                        try transfers.download(
                            server.location("/x"),
                            to: "\(path)/\(number)",
                            cancellation: cancellation
                        )
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sizes == Array(repeating: 100_000, count: 8))
    }

    @Test func `progress counts every byte`() throws {
        let server = try LoopbackServer { Self.honest($0) }
        defer { server.close() }
        let progress = TransferProgress()
        let transfers = Transfers(settings: Self.settings, loop: TransferLoop())
        try transfers.download(server.location("/x"), to: "\(self.folder.path)/target", progress: progress)
        #expect(progress.total == 100_000)
        #expect(progress.bytes == 100_000)
    }

    @Test func `a disk that fills up in the middle is named, and nothing stays`() throws {
        guard geteuid() == 0 else { return }
        let place = try self.folder.makeDirectory("small")
        guard unsafe mount("tmpfs", place, "tmpfs", 0, "size=64k") == 0 else { return }
        defer { unsafe _ = umount2(place, 2) }
        let server = try LoopbackServer { Self.honest($0) }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            var settings = Self.settings
            settings.streamsMaximum = 1
            try Transfers(settings: settings).download(server.location("/x"), to: "\(place)/target")
        }
        #expect(failure?.description.contains("No space left on device") == true)
        #expect(try Transfers().list(ResourceLocation(scheme: "file", path: place)).isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test func `descriptors go back when transfers fail`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.response("404 Not Found") }
        defer { server.close() }
        for _ in 0..<5 {
            _ = try? Transfers(settings: Self.settings).download(server.location("/x"), to: "\(self.folder.path)/t")
        }
        #expect(OpenDescriptors.count(below: self.folder.path) == 0)
        // The shared loop may keep one for the next.
        #expect(OpenDescriptors.connections(to: server.port) <= 1)
        try self.expectNothingLeft()
    }
}

@Suite struct TransferDecisionTests {
    private static let settings = TransferSettings(
        attemptsMaximum: 3,
        firstPause: .seconds(1),
        pauseMaximum: .seconds(3)
    )
    private static let passing = TransferFailure("x", isTransient: true)

    @Test func `pauses double up to their limit, half of each by chance`() {
        var settings = Self.settings
        settings.attemptsMaximum = 5
        var (low, high) = (RetryPlan(settings), RetryPlan(settings))
        let pauses = (0..<5).map { _ in
            (low.pause(after: Self.passing, chance: 0), high.pause(after: Self.passing, chance: 1))
        }
        #expect(pauses.map(\.0) == [.seconds(0.5), .seconds(1), .seconds(1.5), .seconds(1.5), nil])
        #expect(pauses.map(\.1) == [.seconds(1), .seconds(2), .seconds(3), .seconds(3), nil])
    }

    @Test func `what cannot pass is not tried again, and progress makes patient`() {
        var plan = RetryPlan(Self.settings)
        #expect(plan.pause(after: TransferFailure("x"), chance: 0) == nil)
        for _ in 0..<50 {
            #expect(plan.pause(after: Self.passing, progress: RetryPlan.progressMinimum, chance: 1) == .seconds(1))
        }
        #expect(plan.final(TransferFailure("x")).description == "x")
    }

    @Test func `a server's wish counts up to the longest pause`() {
        var plan = RetryPlan(Self.settings)
        let wish = TransferFailure("x", isTransient: true, retryAfter: .seconds(2))
        #expect(plan.pause(after: wish, chance: 0) == .seconds(2))
        let long = TransferFailure("x", isTransient: true, retryAfter: .seconds(200))
        #expect(plan.pause(after: long, chance: 0) == .seconds(3))
    }

    private static func rule(_ timeMinimum: Duration) -> SplitRule {
        SplitRule(streamsMaximum: 4, partMinimum: 10, timeMinimum: timeMinimum)
    }

    @Test func `other streams help where the first one would be long alone`() {
        let rule = Self.rule(.seconds(2))
        let second = Duration.seconds(1)
        // 100 bytes a second: what is left takes less than two seconds, or not.
        #expect(!rule.isWorthwhile(done: 100, left: 199, elapsed: second))
        #expect(rule.isWorthwhile(done: 100, left: 200, elapsed: second))
        #expect(rule.isWorthwhile(done: 0, left: 1, elapsed: second))
        // Too early to tell.
        #expect(!rule.isWorthwhile(done: 0, left: 1_000, elapsed: .milliseconds(249)))
        #expect(rule.isWorthwhile(done: 0, left: 1_000, elapsed: .milliseconds(250)))
        #expect(Self.rule(.zero).isWorthwhile(done: 0, left: 1, elapsed: .zero))
        // A line that brings so much is not what takes the time.
        #expect(rule.isWorthwhile(done: 255_999_999, left: .max / 2, elapsed: second))
        #expect(!rule.isWorthwhile(done: 256_000_000, left: .max / 2, elapsed: second))
    }

    @Test func `parts cover the rest without gap or overlap`() {
        for length: Int64 in [0, 1, 9, 10, 19, 20, 21, 39, 40, 1000, 1_000_003] {
            for position: Int64 in [0, 1, 7] where position <= length {
                let parts = Self.rule(.zero).parts(from: position, to: length)
                #expect(parts.count <= 4)
                #expect(parts.isEmpty == (position == length))
                #expect(parts.first?.lowerBound ?? position == position)
                #expect(parts.last?.upperBound ?? length == length)
                #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
                if parts.count > 1 { #expect(parts.allSatisfy { $0.count >= 10 }) }
            }
        }
    }

    @Test(arguments: [
        "", "bytes", "bytes 0-", "bytes -5/10", "bytes 5-4/10", "bytes 0-10/10", "items 0-1/2", "bytes 0-1",
        "bytes 0-1/2/3",
        "bytes +0-1/2", "bytes 0-9223372036854775807/*", "bytes 0-99999999999999999999/*", "bytes */5",
    ])
    func `a range that makes no sense is none`(text: String) {
        #expect(ByteRange.parse(text) == nil)
    }

    @Test func `credentials stay with scheme, host and port, and https stays https`() throws {
        let curl = try LibraryCurl.loaded.get()
        var request = HTTPRequest(url: "https://a.example/x", user: "u", password: "p")
        request.secretHeaders = [HTTPRequest.Header(name: "Authorization", value: "s")]
        func follow(_ target: String) throws -> HTTPRequest {
            try RedirectRule.follow(request, to: target, followed: 0, maximum: 1, curl)
        }
        #expect(try follow("https://a.example:443/y").user == "u")
        for other in [
            "https://b.example/", "https://a.example:8443/", "https://a.example@b.example/", "https://a.example.b/",
        ] {
            let next = try follow(other)
            #expect(next.user == nil && next.password == nil && next.secretHeaders.isEmpty)
        }
        for bad in ["http://a.example/", "file:///etc/passwd", "ftp://a.example/", "//", "gopher://a.example/x"] {
            #expect(throws: TransferFailure.self) { try follow(bad) }
        }
    }
}
