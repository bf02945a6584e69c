import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HadoopHTTP

/// A connection without a socket: what it reads and writes are parts of requests and answers.
struct ConnectionFixture {
    let channel = NIOAsyncTestingChannel()
    let roster = ConnectionRoster(connectionsMaximum: 10)

    init(
        isSecure: Bool = false,
        limits: HTTPLimits = HTTPLimits(),
        respond: @escaping HTTPServer.Respond
    ) async throws {
        let port = WebPort(
            limits: limits,
            roster: self.roster,
            isSecure: isSecure,
            logger: Logger(label: "test"),
            respond: respond
        )
        let channel = self.channel
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(WebConnection(port: port))
        }.get()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
    }

    func receive(_ parts: HTTPServerRequestPart...) async throws {
        let channel = self.channel
        try await channel.eventLoop.submit {
            for part in parts { channel.pipeline.fireChannelRead(part) }
            channel.pipeline.fireChannelReadComplete()
        }.get()
    }

    func receive(get target: String, _ headers: HTTPHeaders = ["Host": "localhost"]) async throws {
        try await self.receive(.get(target, headers), .end(nil))
    }

    /// What was written up to an answer's end, in a few words each.
    func answer() async throws -> [String] {
        var seen: [String] = []
        while true {
            let part = try await self.channel.waitForOutboundWrite(as: HTTPServerResponsePart.self)
            seen.append(Self.text(of: part))
            if case .end = part { return seen }
        }
    }

    private static func text(of part: HTTPServerResponsePart) -> String {
        switch part {
        case .head(let head):
            let length = head.headers.first(name: "Content-Length").map { " length \($0)" } ?? ""
            let coding = head.headers.first(name: "Transfer-Encoding").map { " \($0)" } ?? ""
            let connection = head.headers.first(name: "Connection").map { " \($0)" } ?? ""
            return "\(head.version) \(head.status.code)\(length)\(coding)\(connection)"
        case .body(.byteBuffer(let bytes)): return "bytes \(String(buffer: bytes))"
        case .body(.fileRegion(let region)): return "file \(region.readerIndex)..<\(region.endIndex)"
        case .end: return "end"
        }
    }

    func close() async throws { _ = try await self.channel.finish(acceptAlreadyClosed: true) }
}

extension HTTPServerRequestPart {
    static func get(_ target: String, _ headers: HTTPHeaders = ["Host": "localhost"]) -> Self {
        .head(HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers))
    }

    static func put(_ target: String) -> Self {
        .head(HTTPRequestHead(version: .http1_1, method: .PUT, uri: target, headers: ["Host": "localhost"]))
    }

    static func body(_ text: String) -> Self { .body(ByteBuffer(string: text)) }
}
