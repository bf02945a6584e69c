internal import BlockExchange
internal import HadoopHTTP
package import Logging
internal import NIOCore

/// A part of a block.
package enum BlockPiece: Sendable {
    case bytes([UInt8])
    /// Sent by the kernel, as it lies in a file that is open as long as `owner` is kept.
    case file(CInt, from: Int64, count: Int64, owner: any AnyObject & Sendable)

    package var count: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, _, let count, _): count
        }
    }
}

/// Serves what is too large for control answers, over HTTP: `GET /v1/NAME`, signed with the application's secret.
package final class BlockServer: Sendable {
    /// What is kept under a name, in pieces; nil where nothing is.
    package typealias Source = @Sendable (_ name: String) -> [BlockPiece]?

    private let web: EngineWeb

    private init(_ web: EngineWeb) { self.web = web }

    package var port: Int { self.web.port }

    static let prefix = "/v1/"

    /// Binds and serves; blocks until the port is bound.
    package static func start(
        host: String,
        port: Int = 0,
        secret: ApplicationSecret,
        logger: Logger,
        _ source: @escaping Source
    ) throws -> BlockServer {
        BlockServer(try EngineWeb(host: host, port: port, logger: logger) { Self.answer($0, secret, source, logger) })
    }

    package func stop() { self.web.stop() }

    private static func answer(
        _ request: WebRequest,
        _ secret: ApplicationSecret,
        _ source: Source,
        _ logger: Logger
    ) -> WebAnswer {
        let path = request.rawPath
        // The same answer whatever is wrong: an outsider learns nothing.
        guard request.method == .get, path.hasPrefix(Self.prefix),
            BlockSignature.isRight(request.header(BlockSignature.header.lowercased()), for: path, secret.password)
        else { return WebAnswer.text("403 Forbidden: not signed with the application's secret\n", status: 403) }
        let name = String(path.dropFirst(Self.prefix.count))
        guard let pieces = source(name) else { return WebAnswer.text("404 Not Found: \(name)\n", status: 404) }
        let length = pieces.reduce(Int64(0)) { $0 + $1.count }
        logger.debug("Sends block \(name): \(length) bytes")
        return WebAnswer(
            status: 200,
            headers: [WebHeader("Content-Type", "application/octet-stream")],
            body: .stream(length: length) { writer in
                for piece in pieces where piece.count > 0 {
                    switch piece {
                    case .bytes(let bytes): try await writer.write(ByteBuffer(bytes: bytes))
                    case .file(let descriptor, let offset, let count, let owner):
                        try await writer.send(descriptor, from: offset, count: count)
                        withExtendedLifetime(owner) {}
                    }
                }
            }
        )
    }
}
