import HadoopHTTP
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport
import Testing

@Suite struct ServerTests {
    /// On a busy machine a test's own bytes may take their time.
    private static let patient = HTTPLimits(headDeadline: patience * 10, bodyDeadline: patience * 10)

    /// A server that answers with what it was asked, and a raw client.
    private static func withServer(
        limits: HTTPLimits = Self.patient,
        respond: @escaping HTTPServer.Respond = Self.echo,
        _ body: (HTTPServer) async throws -> Void
    ) async throws {
        let server = try await HTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            limits: limits,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test"),
            respond: respond
        )
        do {
            try await body(server)
        } catch {
            try? await server.stop()
            throw error
        }
        try await server.stop()
    }

    private static let echo: HTTPServer.Respond = { request in
        switch request.segments.first {
        case "big":
            return WebAnswer(
                status: 200,
                body: .stream(length: nil) { writer in
                    for _ in 0..<2_000 { try await writer.write(ByteBuffer(repeating: 0x61, count: 65_536)) }
                }
            )
        case "body":
            let bytes = (try? await request.collectBody(upTo: 1 << 20)) ?? []
            return .text("\(request.method.rawValue) \(bytes.count)")
        default: return .text("\(request.method.rawValue) \(request.rawPath)")
        }
    }

    @Test func `answers follow each other on one connection, with Hadoop's headers`() async throws {
        try await Self.withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(
                "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n"
            )
            let text = try await client.read(until: "GET /b")
            #expect(text.contains("HTTP/1.1 200 OK"))
            #expect(text.contains("GET /a"))
            for header in [
                "Cache-Control: no-cache", "Pragma: no-cache", "X-Content-Type-Options: nosniff",
                "X-XSS-Protection: 1; mode=block", "X-Frame-Options: SAMEORIGIN", "Vary: Accept-Encoding", "Date: ",
                "Expires: ",
            ] {
                #expect(text.lowercased().contains(header.lowercased()), "\(header)")
            }
            try? await client.close()
        }
    }

    @Test func `a request that drips in byte by byte is read`() async throws {
        try await Self.withServer { server in
            let whole = "GET /drip HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let client = try await RawClient.connect(port: server.port)
            for byte in whole.utf8 { try await client.send(bytes: [byte]) }
            #expect(try await client.read(until: "GET /drip").contains("200 OK"))
            try? await client.close()
        }
    }

    @Test func `a request that never ends is ended`() async throws {
        try await Self.withServer(limits: HTTPLimits(headDeadline: .milliseconds(400))) { server in
            let slow = try await RawClient.connect(port: server.port)
            // On a busy machine the deadline may pass before this is sent.
            try? await slow.send("GET /slow HTTP/1.1\r\nHost: localhost\r\nX: ")
            try await slow.waitForClose()
        }
    }

    @Test func `a body that never ends is ended`() async throws {
        try await Self.withServer(limits: HTTPLimits(bodyDeadline: .milliseconds(300))) { server in
            let client = try await RawClient.connect(port: server.port)
            try? await client.send("PUT /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
            try await client.waitForClose()
        }
    }

    @Test func `a reader that stops reading does not hold its answer forever`() async throws {
        try await Self.withServer(limits: HTTPLimits(writeStall: .milliseconds(300))) { server in
            let client = try await RawClient.connect(port: server.port, reads: false)
            try? await client.send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try await eventually("the stalled connection is closed") { server.connectionCount == 0 }
            try? await client.close()
        }
    }

    @Test(
        arguments: [
            ("\u{1}\u{2}\u{3}garbage\r\n\r\n", "400"),
            ("GET / HTTP/9.9\r\n\r\n", "400"),
            ("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
            ("PROPFIND / HTTP/1.1\r\nHost: localhost\r\n\r\n", "501"),
            ("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
            ("PUT /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", "413"),
        ]
    )
    func `what is no request of ours gets a clear status`(sent: String, status: String) async throws {
        try await Self.withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(sent)
            let text = try await client.read(until: "\r\n")
            #expect(text.contains("HTTP/1.1 \(status)"), "\(text)")
            try? await client.close()
        }
    }

    @Test func `headers that are too many or too large are refused`() async throws {
        try await Self.withServer { server in
            for header in [
                String(repeating: "X-A: b\r\n", count: 500), "X-A: " + String(repeating: "b", count: 20_000) + "\r\n",
            ] {
                let client = try await RawClient.connect(port: server.port)
                try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n")
                #expect(try await client.read(until: "\r\n").contains("HTTP/1.1 431"))
                try? await client.close()
            }
        }
    }

    @Test func `idle callers beyond the limit make room for new ones`() async throws {
        try await Self.withServer(limits: HTTPLimits(connectionsMaximum: 20)) { server in
            var idle: [RawClient] = []
            for _ in 0..<100 { idle.append(try await RawClient.connect(port: server.port)) }
            let client = try await RawClient.connect(port: server.port)
            try await client.send("GET /served HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await client.read(until: "GET /served").contains("200 OK"))
            try await eventually("the surplus is closed") { server.connectionCount <= 20 }
            try? await client.close()
            for other in idle { try? await other.close() }
            try await eventually("no connection is left") { server.connectionCount == 0 }
        }
    }

    /// A server that keeps what bodies it has read and how they ended.
    private static func withUploads(
        bodyDeadline: Duration = patience * 10,
        _ body: (HTTPServer, NIOLockedValueBox<[String]>) async throws -> Void
    ) async throws {
        let read = NIOLockedValueBox<[String]>([])
        let limits = HTTPLimits(
            headDeadline: patience * 10,
            bodyDeadline: bodyDeadline,
            bodyBytesMaximum: 10,
            isUpload: { method, target in method == "PUT" && target.hasPrefix("/upload") }
        )
        let respond: HTTPServer.Respond = { request in
            if request.segments.first == "file" { return .redirect(to: "/upload", status: 307) }
            if request.segments.first == "body" { return .text("\((try? await request.collectBody(upTo: 10)) ?? [])") }
            var count = 0
            do {
                try await request.body.forEachPiece { count += $0.readableBytes }
                read.withLockedValue { $0.append("whole \(count)") }
            } catch {
                read.withLockedValue { $0.append("cut off \(count)") }
            }
            return .text("\(count)")
        }
        try await Self.withServer(limits: limits, respond: respond) { try await body($0, read) }
    }

    @Test(arguments: ["Content-Length: 8\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"])
    func `a body that is cut off is told from a whole one`(sent: String) async throws {
        try await Self.withUploads { server, read in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("PUT /upload HTTP/1.1\r\nHost: localhost\r\n\(sent)")
            try? await client.close()
            try await eventually("the server has seen the end") { read.withLockedValue { !$0.isEmpty } }
            #expect(read.withLockedValue { $0[0].hasPrefix("cut off") })
        }
    }

    @Test func `an upload may be large and slow, and pipelined requests stay apart`() async throws {
        try await Self.withUploads(bodyDeadline: .milliseconds(300)) { server, read in
            let head = "PUT /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length:"
            let client = try await RawClient.connect(port: server.port)
            try await client.send("\(head) 20\r\n\r\n0123456789")
            // Longer than the deadline of other bodies: one that began later is ended first.
            let other = try await RawClient.connect(port: server.port)
            try? await other.send("PUT /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n")
            try await other.waitForClose()
            try await client.send("0123456789\(head) 3\r\n\r\nabc\(head) 9\r\n\r\nabc")
            try await eventually("both are read") { read.withLockedValue { $0 == ["whole 20", "whole 3"] } }
            try? await client.close()
            try await eventually("the third is seen to end") { read.withLockedValue { $0.count == 3 } }
            #expect(read.withLockedValue { $0[2].hasPrefix("cut off") })
        }
    }

    @Test func `a sender who asks first is sent elsewhere without its body`() async throws {
        try await Self.withUploads { server, _ in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(
                "PUT /file HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try await client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 307"))
            try? await client.close()
        }
    }

    @Test(arguments: ["Expect: 100-continue\r\n", ""])
    func `a short body is heard out, so that its sender keeps the connection`(expectation: String) async throws {
        try await Self.withUploads { server, _ in
            let client = try await RawClient.connect(port: server.port)
            let head = "PUT /file HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\(expectation)\r\n"
            for number in 1...2 {
                try await client.send(head)
                if !expectation.isEmpty { _ = try await client.read(until: "HTTP/1.1 100") }
                // Others are answered; this one only when it has said all.
                let other = try await RawClient.connect(port: server.port)
                try await other.send("PUT /file HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try await other.read(until: "HTTP/1.1 307").hasPrefix("HTTP/1.1 307"))
                try? await other.close()
                let before = try await client.read(until: "")
                #expect(before.ranges(of: "HTTP/1.1 307").count == number - 1)
                try await client.send("abcde")
                let after = await client.read { $0.ranges(of: "HTTP/1.1 307").count == number }
                #expect(after.ranges(of: "HTTP/1.1 307").count == number)
            }
            try? await client.close()
        }
    }

    @Test(arguments: [true, false])
    func `requests are answered on the connection's loop where that is wanted, and nowhere else`(onLoop: Bool)
        async throws
    {
        var limits = Self.patient
        limits.isServedOnLoops = onLoop
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let places = NIOLockedValueBox<[Bool]>([])
        let server = try await HTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            limits: limits,
            group: group,
            logger: Logger(label: "test")
        ) { request in
            places.withLockedValue { $0.append(loop.inEventLoop) }
            await Task.yield()
            places.withLockedValue { $0.append(loop.inEventLoop) }
            return await Self.echo(request)
        }
        let client = try await RawClient.connect(port: server.port)
        try await client.send("PUT /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc")
        #expect(try await client.read(until: "PUT 3").contains("HTTP/1.1 200"))
        #expect(places.withLockedValue { $0 } == [onLoop, onLoop])
        try? await client.close()
        try await server.stop()
        try await group.shutdownGracefully()
    }

    @Test func `a port that is stopped twice is stopped, and lets what it answers end first`() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        try await Self.withServer { request in
            begin.yield()
            for await _ in gate { break }
            return .text("late")
        } _: { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for await _ in begun { break }
            async let first: Void = server.stop()
            async let second: Void = server.stop()
            open.yield()
            let answer = try await client.readAll()
            #expect(answer.hasSuffix("late"))
            _ = try await (first, second)
            #expect(server.connectionCount == 0)
        }
    }

    /// Nobody reads what such a caller sends, and it does not keep the connection with it.
    @Test func `a caller who goes on sending behind the last answer is cut off`() async throws {
        try await Self.withServer(limits: HTTPLimits(headDeadline: .milliseconds(300))) { server in
            let client = try await RawClient.connect(port: server.port, halfCloses: true)
            try await client.send("GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(try await client.read(until: "GET /last").contains("Connection: close"))
            try? await client.send("GET /more HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try await eventually("the connection is closed") { server.connectionCount == 0 }
            try? await client.close()
        }
    }

    @Test func `HEAD has GET's headers and no body`() async throws {
        try await Self.withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("HEAD /h HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let text = try await client.readAll()
            #expect(text.lowercased().contains("content-length: 7"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }
}
