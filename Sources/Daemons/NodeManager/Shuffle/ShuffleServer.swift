import BlockExchange
import ClusterModel
import HadoopConfig
import HadoopHTTP
import HadoopWire
import Logging
import NIOCore
import NIOPosix
import NodeManagerCore
import Staging

/// The auxiliary service `heddle_shuffle`: what executors of Heddle's engine have written for others is served by their node,
/// so that they may leave.
///
/// It has loops and threads of its own: a container can make its files slow to send, and cut them while they are sent, which
/// keeps a loop busy until `HTTPLimits.writeStall` ends the connection. Nothing else of the NodeManager waits for that.
final class ShuffleServer: Sendable {
    /// Who is answered.
    let secrets: ShuffleSecrets
    private let server: HTTPServer
    private let loops: MultiThreadedEventLoopGroup

    private init(secrets: ShuffleSecrets, server: HTTPServer, loops: MultiThreadedEventLoopGroup) {
        self.secrets = secrets
        self.server = server
        self.loops = loops
    }

    private static let loopCount = 2
    /// Each looks into one folder at a time.
    private static let threadsMaximum = 4
    /// A file's length is looked at again after as much as is sent at once.
    private static let sliceBytes: Int64 = 1 << 20

    /// Binds and begins to serve.
    /// - Parameters:
    ///   - port: 0 for any free one.
    ///   - directories: `yarn.nodemanager.local-dirs`.
    /// - Throws: `ShufflePortFailure`.
    static func start(host: String, port: Int, directories: [String], logger: Logger) async throws -> ShuffleServer {
        let (secrets, files) = (ShuffleSecrets(), ShuffleFiles(directories: directories))
        let threads = BlockingThreads(threadsMaximum: Self.threadsMaximum)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: Self.loopCount)
        do {
            let server = try await HTTPServer.start(host: host, port: port, group: loops, logger: logger) { request in
                await Self.answer(request, secrets, files, threads)
            }
            return ShuffleServer(secrets: secrets, server: server, loops: loops)
        } catch {
            try? await loops.shutdownGracefully()
            throw ShufflePortFailure(address: NetworkAddress(host: host, port: port), reason: "\(error)")
        }
    }

    /// The port that was bound.
    var port: Int { self.server.port }

    /// What containers are told of it: the port, as four bytes, the highest first.
    var service: AuxiliaryService {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: self.port >> (24 - 8 * $0)) }
        return AuxiliaryService(
            name: NodeManagerSettings.heddleShuffle,
            metadata: OpaqueBytes(bytes),
            metadataBase64: Base64.encode(bytes)
        )
    }

    func stop() async {
        try? await self.server.stop()
        try? await self.loops.shutdownGracefully()
    }

    // MARK: - Answers

    private static func answer(
        _ request: WebRequest,
        _ secrets: ShuffleSecrets,
        _ files: ShuffleFiles,
        _ threads: BlockingThreads
    ) async -> WebAnswer {
        let path = request.rawPath
        // The same answer whatever is wrong: an outsider learns nothing, not even which applications there are.
        guard request.method == .get, let known = ShuffleRequest.application(in: path).flatMap(secrets.of),
            BlockSignature.isRight(
                request.header(BlockSignature.header.lowercased()),
                for: path,
                known.secret.password
            )
        else { return WebAnswer.text("403 Forbidden: not signed with the application's secret\n", status: 403) }
        var answer: ShuffleAnswer<ShuffleFiles.File>?
        if let wanted = ShuffleRequest(path: path) {
            answer = await threads.run { _ in files.answer(wanted, user: known.user) }
        }
        guard let answer else {
            let name = path.dropFirst(ShuffleRequest.prefix.count)
            return WebAnswer.text("404 Not Found: \(name)\n", status: 404)
        }
        return WebAnswer(
            status: 200,
            headers: [WebHeader("Content-Type", "application/octet-stream")],
            body: .stream(length: answer.length) { writer in
                for part in answer.parts {
                    try await writer.write(ByteBuffer(bytes: part.head.bytes))
                    guard !part.frames.isEmpty else { continue }
                    let file = try await threads.run { _ throws(ShuffleFileChanged) in
                        try part.file.open(through: part.frames.upperBound)
                    }
                    try await Self.send(part.frames, of: file, to: writer)
                }
            }
        )
    }

    @concurrent
    private static func send(_ range: Range<Int64>, of file: FileDescriptor, to writer: any WebBodyWriter) async throws
    {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(range.upperBound - offset, Self.sliceBytes)
            guard let status = file.status, status.size >= offset + count else { throw ShuffleFileChanged() }
            try await writer.send(file.number, from: offset, count: count)
            offset += count
        }
        withExtendedLifetime(file) {}
    }
}

/// The service's port cannot be bound, so the NodeManager does not start.
struct ShufflePortFailure: Error, CustomStringConvertible {
    var address: NetworkAddress
    var reason: String

    var description: String {
        """
        heddle_shuffle cannot listen on \(self.address): \(self.reason). Give it another port (\(HeddleKeys.shufflePort.name)), or \
        take it out of yarn.nodemanager.aux-services.
        """
    }
}
