import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HadoopHTTP

/// Whose turn it is on one connection, and when it ends.
@Suite struct ConnectionTests {
    private static let echo: HTTPServer.Respond = { request in
        var text = request.rawPath
        do {
            try await request.body.forEachPiece { text += " " + String(buffer: $0) }
        } catch {
            text += " cut off"
        }
        return WebAnswer(status: 200, body: .bytes(ByteBuffer(string: text)))
    }

    @Test func `requests that came in one go are answered one after the other`() async throws {
        let connection = try await ConnectionFixture(respond: Self.echo)
        try await connection.receive(
            .get("/1"),
            .end(nil),
            .put("/2"),
            .body("a"),
            .body("b"),
            .end(nil),
            .get("/3"),
            .end(nil)
        )
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 2", "bytes /1", "end"])
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 6", "bytes /2 a b", "end"])
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 2", "bytes /3", "end"])
        #expect(connection.channel.isActive)
        try await connection.close()
    }

    @Test func `what is left of a request that is answered is let go`() async throws {
        let connection = try await ConnectionFixture { _ in WebAnswer(status: 403) }
        try await connection.receive(.put("/1"), .body("a"))
        #expect(try await connection.answer() == ["HTTP/1.1 403 length 0", "bytes ", "end"])
        try await connection.receive(.body("b"))
        try await connection.receive(.body("c"), .end(nil), .get("/2"), .end(nil))
        #expect(try await connection.answer() == ["HTTP/1.1 403 length 0", "bytes ", "end"])
        try await connection.close()
    }

    @Test(arguments: [HTTPHeaders([("Connection", "close")]), ["Connection": "Close"]])
    func `a caller who wants no further answer gets none`(headers: HTTPHeaders) async throws {
        let connection = try await ConnectionFixture(respond: Self.echo)
        try await connection.receive(.get("/1", headers), .end(nil), .get("/2"), .end(nil))
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 2 close", "bytes /1", "end"])
        let closing = try await connection.channel.waitForOutboundWrite(as: HTTPServerResponsePart.self)
        #expect(closing == .body(.byteBuffer(ByteBuffer())))
        #expect(try await connection.channel.readOutbound(as: HTTPServerResponsePart.self) == nil)
        try await connection.close()
    }

    @Test func `a caller of the old version keeps its connection if it says so, and is told`() async throws {
        let connection = try await ConnectionFixture(respond: Self.echo)
        func ask(_ target: String, _ headers: HTTPHeaders) async throws -> [String] {
            let head = HTTPRequestHead(version: .http1_0, method: .GET, uri: target, headers: headers)
            try await connection.receive(.head(head), .end(nil))
            return try await connection.answer()
        }
        let kept = try await ask("/1", ["Connection": "Keep-Alive"])
        #expect(kept == ["HTTP/1.1 200 length 2 keep-alive", "bytes /1", "end"])
        #expect(try await ask("/2", [:]) == ["HTTP/1.1 200 length 2 close", "bytes /2", "end"])
        try await connection.close()
    }

    @Test func `a connection ends with the answer that it waits for when the port does`() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let connection = try await ConnectionFixture { request in
            if request.rawPath == "/slow" { for await _ in gate { break } }
            return WebAnswer(status: 200)
        }
        try await connection.receive(get: "/quick")
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 0", "bytes ", "end"])
        try await connection.receive(get: "/slow")
        let channel = connection.channel
        try await channel.eventLoop.submit {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }.get()
        open.yield()
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 0 close", "bytes ", "end"])
        await connection.roster.whenEmpty()
        try await connection.close()
    }

    @Test func `no answer is made while the one before waits to be read`() async throws {
        let asked = Mutex(0)
        let connection = try await ConnectionFixture { request in
            asked.withLock { $0 += 1 }
            return .text(request.rawPath)
        }
        let channel = connection.channel
        channel.isWritable = false
        try await connection.receive(.get("/1"), .end(nil), .get("/2"), .end(nil))
        await channel.testingEventLoop.run()
        #expect(asked.withLock { $0 } == 0)
        channel.isWritable = true
        try await channel.eventLoop.submit { channel.pipeline.fireChannelWritabilityChanged() }.get()
        #expect(try await connection.answer()[1] == "bytes /1")
        #expect(try await connection.answer()[1] == "bytes /2")
        try await connection.close()
    }

    @Test func `an idle connection ends when the port does`() async throws {
        let connection = try await ConnectionFixture(respond: Self.echo)
        let channel = connection.channel
        try await channel.eventLoop.submit {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }.get()
        try await channel.closeFuture.get()
    }

    @Test func `who has closed the own half still gets the answer`() async throws {
        let connection = try await ConnectionFixture(respond: Self.echo)
        let channel = connection.channel
        try await connection.receive(.put("/1"), .body("a"))
        try await channel.eventLoop.submit {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }.get()
        #expect(try await connection.answer() == ["HTTP/1.1 200 length 12 close", "bytes /1 a cut off", "end"])
        try await connection.close()
    }

    @Test func `a target that names the server too is its path`() async throws {
        let connection = try await ConnectionFixture { request in
            .text("\(request.authority ?? "") \(request.rawPath) \(request.rawQuery ?? "")")
        }
        for (target, text) in [
            ("http://a:80/b/c?d=/e", "a:80 /b/c d=/e"), ("https://a", "a / "), ("http://a?b=c", "a / b=c"),
            ("/x?u=http://y/", "localhost /x u=http://y/"),
        ] {
            try await connection.receive(get: target)
            #expect(try await connection.answer()[1] == "bytes \(text)")
        }
        try await connection.close()
    }

    /// What comes faster than it is taken stays with its sender.
    @Test func `no more is read of a connection while two pieces wait for whoever takes them`() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let reads = Mutex(0)
        let connection = try await ConnectionFixture { request in
            for await _ in gate { break }
            return await Self.echo(request)
        }
        let channel = connection.channel
        try await channel.pipeline.addHandler(ReadCounter { reads.withLock { $0 += 1 } }, position: .first)
        let read: () async throws -> Int = {
            try await channel.eventLoop.submit { channel.pipeline.read() }.get()
            return reads.withLock { $0 }
        }
        try await connection.receive(.put("/"), .body("a"))
        #expect(try await read() == 1)
        try await connection.receive(.body("b"))
        #expect(try await read() == 1)
        open.yield()
        try await eventually("more is read") {
            await channel.testingEventLoop.run()
            return reads.withLock { $0 } == 2
        }
        // Behind a request that came in whole, one may wait.
        try await connection.receive(.end(nil))
        #expect(try await connection.answer()[1] == "bytes / a b")
        try await connection.receive(.put("/"), .end(nil))
        let before = try await read()
        try await connection.receive(.get("/next"), .end(nil))
        #expect(try await read() == before)
        open.yield()
        open.yield()
        #expect(try await connection.answer()[1] == "bytes /")
        #expect(try await connection.answer()[1] == "bytes /next")
        try await eventually("more is read again") { reads.withLock { $0 } == before + 1 }
        try await connection.close()
    }
}

private final class ReadCounter: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = Never

    private let count: @Sendable () -> Void

    init(_ count: @escaping @Sendable () -> Void) { self.count = count }

    func read(context: ChannelHandlerContext) {
        self.count()
        context.read()
    }
}
