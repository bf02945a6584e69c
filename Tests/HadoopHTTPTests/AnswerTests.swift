import Glibc
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HadoopHTTP

/// How answers are cut, and what of them reaches the socket.
@Suite struct AnswerTests {
    private static func stream(_ length: Int64?, _ pieces: [String]) -> HTTPServer.Respond {
        { _ in
            WebAnswer(
                status: 200,
                body: .stream(length: length) { writer in
                    for piece in pieces { try await writer.write(ByteBuffer(string: piece)) }
                }
            )
        }
    }

    private static func answer(
        to method: HTTPMethod,
        _ version: HTTPVersion,
        _ respond: @escaping HTTPServer.Respond
    ) async throws -> [String] {
        let connection = try await ConnectionFixture(respond: respond)
        let head = HTTPRequestHead(version: version, method: method, uri: "/", headers: ["Host": "localhost"])
        try await connection.receive(.head(head), .end(nil))
        let answer = try await connection.answer()
        try await connection.close()
        return answer
    }

    /// These reach the socket as parts of files, which NIO hands to sendfile(2): no byte of them is read.
    @Test func `a part of a file stays one on its way to the socket, in its place among bytes`() async throws {
        let connection = try await ConnectionFixture { _ in
            WebAnswer(
                status: 200,
                body: .stream(length: 2_500_011) { writer in
                    let descriptor = unsafe open("/proc/self/exe", O_RDONLY)
                    defer { Glibc.close(descriptor) }
                    try await writer.write(ByteBuffer(string: "before"))
                    try await writer.send(descriptor, from: 7, count: 2_500_000)
                    try await writer.write(ByteBuffer(string: "after"))
                }
            )
        }
        try await connection.receive(get: "/")
        #expect(
            try await connection.answer() == [
                "HTTP/1.1 200 length 2500011", "bytes before", "file 7..<1048583", "file 1048583..<2097159",
                "file 2097159..<2500007", "bytes after", "end",
            ]
        )
        try await connection.close()
    }

    @Test func `a body of unknown length is cut into chunks, or ends with the connection`() async throws {
        let stream = Self.stream(nil, ["a", "", "b"])
        #expect(
            try await Self.answer(to: .GET, .http1_1, stream)
                == ["HTTP/1.1 200 chunked", "bytes a", "bytes b", "end"]
        )
        #expect(
            try await Self.answer(to: .GET, .http1_0, stream) == ["HTTP/1.0 200 close", "bytes a", "bytes b", "end"]
        )
        #expect(try await Self.answer(to: .HEAD, .http1_1, stream) == ["HTTP/1.1 200", "end"])
    }

    @Test(arguments: [("ab", 3), ("abcd", 3)] as [(String, Int64)])
    func `an answer that is not as long as it says ends with its connection, not with itself`(
        sent: String,
        length: Int64
    ) async throws {
        let connection = try await ConnectionFixture(respond: Self.stream(length, [sent]))
        try await connection.receive(get: "/")
        try await connection.channel.closeFuture.get()
        var parts: [HTTPServerResponsePart] = []
        while let part = try await connection.channel.readOutbound(as: HTTPServerResponsePart.self) {
            parts.append(part)
        }
        #expect(!parts.contains(.end(nil)))
        try await connection.close()
    }

    @Test func `what would end a header's line does not`() async throws {
        let connection = try await ConnectionFixture { _ in
            WebAnswer(
                status: 204,
                headers: [
                    WebHeader("Location", "/a\r\nSet-Cookie: b\0"), WebHeader("bad name", "c"), WebHeader("", "d"),
                ]
            )
        }
        try await connection.receive(get: "/")
        guard case .head(let head) = try await connection.channel.waitForOutboundWrite(as: HTTPServerResponsePart.self)
        else {
            Issue.record("no head")
            return
        }
        #expect(head.headers["Location"] == ["/a  Set-Cookie: b "])
        #expect(head.headers.count == 2, "beside Date: \(head.headers)")
        try await connection.close()
    }

    @Test func `an answer that goes on while its caller leaves fails where it is made`() async throws {
        let (ends, end) = AsyncStream<Bool>.makeStream()
        let connection = try await ConnectionFixture { _ in
            WebAnswer(
                status: 200,
                body: .stream(length: nil) { writer in
                    do {
                        while true { try await writer.write(ByteBuffer(repeating: 0x61, count: 1_000)) }
                    } catch {
                        end.yield(true)
                        throw error
                    }
                }
            )
        }
        try await connection.receive(get: "/")
        _ = try await connection.channel.waitForOutboundWrite(as: HTTPServerResponsePart.self)
        try await connection.close()
        for await hasFailed in ends {
            #expect(hasFailed)
            break
        }
    }
}
