import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Staging

@Suite(.timeLimit(.minutes(1))) struct TransfersTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    private static let settings = TransferSettings(
        connectTimeout: .seconds(5),
        stallTimeout: .seconds(1),
        attemptsMaximum: 3,
        firstPause: .milliseconds(10),
        pauseMaximum: .milliseconds(20)
    )

    private func fetch(
        _ location: ResourceLocation,
        _ expectation: ResourceExpectation = ResourceExpectation(),
        as account: OperatingSystemAccount? = nil,
        settings: TransferSettings = TransfersTests.settings,
        cancellation: Cancellation = Cancellation()
    ) throws -> Int64 {
        let path = "\(self.folder.path)/target"
        let target = try OwnedDescriptor.open(path, O_RDWR | O_CREAT | O_TRUNC, mode: 0o600)
        return try Transfers(settings: settings).fetch(
            location,
            expecting: expectation,
            as: account,
            into: target,
            path: path,
            cancellation: cancellation
        )
    }

    private func failure(
        _ location: ResourceLocation,
        _ expectation: ResourceExpectation = ResourceExpectation(),
        as account: OperatingSystemAccount? = nil
    ) -> String {
        let failure = #expect(throws: TransferFailure.self) { try self.fetch(location, expectation, as: account) }
        return failure?.description ?? ""
    }

    // MARK: - file

    @Test func `a file of this machine is copied when its time is right to the millisecond`() throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try self.folder.write("source", bytes)
        let timestamp = try #require(self.folder.timestamp("source"))
        let location = self.folder.location("source")
        #expect(try self.fetch(location, ResourceExpectation(timestamp: timestamp, size: 300_000)) == 300_000)
        #expect(try self.folder.read("target") == bytes)
        let text = self.failure(location, ResourceExpectation(timestamp: timestamp - 1))
        #expect(
            text.hasPrefix(
                "Resource file:\(self.folder.path)/source changed on src filesystem - "
                    + "expected: \"\(iso8601(milliseconds: timestamp - 1))\", "
                    + "was: \"\(iso8601(milliseconds: timestamp))\", current time: \""
            )
        )
        #expect(
            self.failure(location, ResourceExpectation(size: 299_999)).contains("has 300000 bytes, expected 299999")
        )
    }

    @Test func `an empty file and a file that the kernel makes up are copied by hand`() throws {
        try self.folder.write("empty", [])
        #expect(try self.fetch(self.folder.location("empty")) == 0)
        #expect(try self.fetch(ResourceLocation(scheme: "", path: "/proc/version")) > 10)
    }

    @Test func `a file that grows while it is read is noticed`() throws {
        let path = try self.folder.write("source", [1, 2, 3])
        let source = try LocalSource(self.folder.location("source"), expecting: ResourceExpectation(), as: nil)
        try source.checkUnchanged()
        let writer = try OwnedDescriptor.open(path, O_WRONLY | O_APPEND)
        unsafe try [UInt8(4)].withUnsafeBytes { unsafe try writer.write($0, path: path) }
        #expect(throws: TransferFailure.self) { try source.checkUnchanged() }
    }

    @Test func `folders, pipes, missing files, other hosts and relative paths are refused without waiting`() throws {
        _ = try self.folder.makeDirectory("dir")
        #expect(unsafe mkfifo("\(self.folder.path)/pipe", 0o644) == 0)
        #expect(self.failure(self.folder.location("dir")).hasSuffix("is not a regular file"))
        #expect(self.failure(self.folder.location("pipe")).hasSuffix("is not a regular file"))
        #expect(self.failure(self.folder.location("none")).hasSuffix("No such file or directory"))
        #expect(self.failure(ResourceLocation(scheme: "file", host: "elsewhere", path: "/x")).contains("names a host"))
        #expect(self.failure(ResourceLocation(scheme: "file", path: "x")).contains("absolute path"))
        #expect(
            self.failure(ResourceLocation(scheme: "hdfs", host: "n", port: 1, path: "/x")).contains("file, http, https")
        )
    }

    @Test func `a public file is readable for all, and so is the way to it`() throws {
        _ = unsafe chmod(self.folder.path, 0o755)
        _ = try self.folder.makeDirectory("way")
        try self.folder.write("way/file", [1])
        let location = self.folder.location("way/file")
        let expectation = ResourceExpectation(isPublic: true)
        #expect(try self.fetch(location, expectation) == 1)
        _ = unsafe chmod("\(self.folder.path)/way", 0o750)
        #expect(
            self.failure(location, expectation)
                == "Resource \(location) is not publicly accessible and as such cannot be part of the public cache."
        )
        _ = unsafe chmod("\(self.folder.path)/way", 0o755)
        _ = unsafe chmod("\(self.folder.path)/way/file", 0o640)
        #expect(self.failure(location, expectation).contains("not publicly accessible"))
    }

    @Test func `a link cannot make a closed folder public`() throws {
        _ = unsafe chmod(self.folder.path, 0o755)
        _ = try self.folder.makeDirectory("closed", mode: 0o700)
        try self.folder.write("closed/file", [1])
        #expect(unsafe symlink("closed/file", "\(self.folder.path)/link") == 0)
        let text = self.failure(self.folder.location("link"), ResourceExpectation(isPublic: true))
        #expect(text.contains("not publicly accessible"))
    }

    @Test func `a file is opened with the submitter's rights and the thread's own come back`() throws {
        guard geteuid() == 0 else { return }
        let nobody = try #require(try OperatingSystemAccount.named("nobody"))
        _ = unsafe chmod(self.folder.path, 0o755)
        try self.folder.write("secret", [1], mode: 0o600)
        try self.folder.write("open", [1], mode: 0o644)
        let text = self.failure(self.folder.location("secret"), as: nobody)
        #expect(text.hasSuffix("cannot be opened as user nobody: Permission denied"))
        #expect(try self.fetch(self.folder.location("open"), as: nobody) == 1)
        #expect(try self.fetch(self.folder.location("secret")) == 1)
    }

    // MARK: - http

    @Test func `a resource comes over http with its name encoded`() throws {
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        let server = try LoopbackServer { _ in LoopbackServer.ok(body) }
        defer { server.close() }
        #expect(try self.fetch(server.location("/a b/ä?#%.jar"), ResourceExpectation(size: 200_000)) == 200_000)
        #expect(try self.folder.read("target") == body)
        #expect(server.requests.map(\.path) == ["/a%20b/%C3%A4%3F%23%25.jar"])
        #expect(self.failure(server.location("/x"), ResourceExpectation(size: 5)).contains("expected 5"))
    }

    @Test func `a stated time is compared with Last-Modified`() throws {
        let server = try LoopbackServer { request in
            LoopbackServer.ok([1], request.path == "/none" ? [] : ["Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"])
        }
        defer { server.close() }
        #expect(try self.fetch(server.location("/x"), ResourceExpectation(timestamp: 784_111_777_000)) == 1)
        #expect(
            self.failure(server.location("/x"), ResourceExpectation(timestamp: 5)).contains("changed on src filesystem")
        )
        #expect(self.failure(server.location("/none"), ResourceExpectation(timestamp: 5)).contains("no Last-Modified"))
    }

    @Test func `an answer other than 200 is named, and only what can pass is tried again`() throws {
        let server = try LoopbackServer { request in
            LoopbackServer.response(
                request.path == "/busy" ? "503 Busy \u{7}Now" : "404 Not Found",
                body: Array("page".utf8)
            )
        }
        defer { server.close() }
        let missing = server.location("/missing")
        #expect(self.failure(missing) == "Resource \(missing) cannot be fetched: the server answered 404 Not Found")
        #expect(server.requests.count == 1)
        #expect(self.failure(server.location("/busy")).hasSuffix("the server answered 503 Busy Now (tried 3 times)"))
        #expect(server.requests.count == 4)
        #expect(try self.folder.read("target").isEmpty)
    }

    @Test func `a transfer that breaks off is tried again and starts anew`() throws {
        let body = [UInt8](repeating: 7, count: 10_000)
        let server = try LoopbackServer { request in
            request.number == 0
                ? LoopbackServer.response("200 OK", ["Content-Length: 20000"], body: body) : LoopbackServer.ok(body)
        }
        defer { server.close() }
        #expect(try self.fetch(server.location("/x")) == 10_000)
        #expect(try self.folder.read("target") == body)
        #expect(server.requests.count == 2)
    }

    @Test func `a transfer that always breaks off is an error`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.response("200 OK", ["Content-Length: 10"], body: [1]) }
        defer { server.close() }
        #expect(self.failure(server.location("/x")).hasSuffix("(tried 3 times)"))
    }

    @Test func `a circle of redirects ends`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.response("302 Found", ["Location: /again"]) }
        defer { server.close() }
        #expect(self.failure(server.location("/x")).contains("Maximum (10) redirects followed"))
        #expect(server.requests.count == 11)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"])
    func `a redirect leads to no other protocol`(target: String) throws {
        let server = try LoopbackServer { _ in LoopbackServer.response("302 Found", ["Location: \(target)"]) }
        defer { server.close() }
        _ = self.failure(server.location("/x"))
        #expect(server.requests.count == 1)
        #expect(try self.folder.read("target").isEmpty)
    }

    @Test func `credentials go to their own host only, and into no error`() throws {
        let other = try LoopbackServer { _ in LoopbackServer.response("404 Gone") }
        defer { other.close() }
        let port = other.port
        let server = try LoopbackServer { _ in
            LoopbackServer.response("302 Found", ["Location: http://localhost:\(port)/there"])
        }
        defer { server.close() }
        let text = self.failure(server.location("/x", userInfo: "someone:secret"))
        #expect(!text.contains("secret"))
        #expect(server.requests.first?.head.contains("Authorization: Basic c29tZW9uZTpzZWNyZXQ=") == true)
        #expect(other.requests.count == 1)
        #expect(other.requests.allSatisfy { !$0.head.contains("Authorization") })
    }

    @Test(arguments: ["", "a/b", "host@other", "host?x", "a b", "host#", "h\r\nX: y", "a\\b"])
    func `a host that could end early is refused`(host: String) throws {
        let text = self.failure(ResourceLocation(scheme: "http", host: host, path: "/x"))
        #expect(text.contains("names no host"))
    }

    @Test func `a port where nobody listens is an error with the reason`() throws {
        let server = try LoopbackServer { _ in [] }
        server.close()
        let text = self.failure(ResourceLocation(scheme: "http", host: "127.0.0.1", port: 1, path: "/x"))
        #expect(text.contains("onnect"))
        #expect(text.hasSuffix("(tried 3 times)"))
    }

    @Test func `a server that falls silent is given up`() throws {
        let isOver = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { _ in
            isOver.wait()
            return []
        }
        defer {
            isOver.signal()
            server.close()
        }
        var settings = Self.settings
        settings.attemptsMaximum = 1
        let failure = #expect(throws: TransferFailure.self) {
            try self.fetch(server.location("/x"), settings: settings)
        }
        #expect(failure?.isTransient == true)
        #expect(failure?.description.contains("too slow") == true)
    }

    @Test func `a transfer larger than allowed is cut off`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.ok([UInt8](repeating: 1, count: 1 << 20)) }
        defer { server.close() }
        var settings = Self.settings
        settings.bytesMaximum = 1000
        let failure = #expect(throws: TransferFailure.self) {
            try self.fetch(server.location("/x"), settings: settings)
        }
        #expect(failure?.description.contains("larger than the 1000 bytes") == true)
    }

    @Test func `a cancelled transfer ends`() throws {
        let cancellation = Cancellation()
        let server = try LoopbackServer { _ in
            cancellation.cancel()
            return LoopbackServer.response("200 OK", ["Content-Length: 100"], body: [1])
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try self.fetch(server.location("/x"), cancellation: cancellation)
        }
        #expect(failure == .cancelled)
    }

    @Test func `a full disk is named`() throws {
        let full = try OwnedDescriptor.open("/dev/full", O_RDWR)
        try self.folder.write("source", [1, 2, 3])
        let failure = #expect(throws: TransferFailure.self) {
            try Transfers(settings: Self.settings).fetch(
                self.folder.location("source"),
                expecting: ResourceExpectation(),
                as: nil,
                into: full,
                path: "/dev/full",
                cancellation: Cancellation()
            )
        }
        #expect(failure?.description.hasSuffix("cannot write /dev/full: No space left on device") == true)
    }
}

@Suite struct AccountTests {
    @Test func `the own account is found and strangers are not`() throws {
        let own = try #require(try OperatingSystemAccount.numbered(geteuid()))
        #expect(own.user == geteuid())
        #expect(try OperatingSystemAccount.ownName() == own.name)
        #expect(own.isOwn)
        #expect(try OperatingSystemAccount.named(own.name) == own)
        #expect(try OperatingSystemAccount.named("no-such-user; id") == nil)
        #expect(try OperatingSystemAccount.named("") == nil)
    }

    @Test func `work waits its turn, runs off the caller's thread and throws what it throws`() async throws {
        let threads = BlockingThreads(threadsMaximum: 2)
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 1...50 {
                group.addTask {
                    await threads.run { (_) throws(Never) in
                        number
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 1275)
        await #expect(throws: UnpackFailure.self) {
            try await threads.run { (_) throws(UnpackFailure) -> Int in throw UnpackFailure("no") }
        }
    }
}
