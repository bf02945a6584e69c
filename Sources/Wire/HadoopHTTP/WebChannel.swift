import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// One connection of an HTTP port: Hummingbird's HTTP/1.1 with our deadlines and files, below it TLS where the port has a
/// certificate.
struct WebChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let http: HTTP1Channel
    private let certificate: ServerCertificate?
    private let isServedOnLoops: Bool
    /// Nil where nothing is uploaded.
    private let readRoom: ReadRoom?

    init(
        limits: HTTPLimits,
        roster: ConnectionRoster,
        certificate: ServerCertificate?,
        respond: @escaping HTTPServer.Respond
    ) {
        let isSecure = certificate != nil
        self.certificate = certificate
        self.isServedOnLoops = limits.isServedOnLoops
        self.readRoom = limits.isUpload.map { _ in ReadRoom(bytes: SharedReadSizes.shared) }
        self.http = HTTP1Channel(
            responder: { request, writer, channel in
                let exchange = HTTPExchange(limits: limits, roster: roster, isSecure: isSecure, respond: respond)
                try await exchange.run(request, writer, channel)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [FileBodies(), ConnectionDeadlines(limits: limits, roster: roster)],
                idleTimeout: nil,
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: limits.headerFieldBytesMaximum,
                    maxHeaderListSize: limits.headerListBytesMaximum,
                    maxHeaderFieldCount: limits.headerFieldCountMaximum
                )
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        if let room = self.readRoom {
            channel.setOption(.recvAllocator, value: SharedReadSizes(room)).whenFailure { _ in }
        }
        guard let context = self.certificate?.context else { return self.http.setup(channel: channel, logger: logger) }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap {
            self.http.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard self.isServedOnLoops else { return await self.http.handle(value: value, logger: logger) }
        await withTaskExecutorPreference(LoopExecutor(loop: value.channel.eventLoop)) {
            await self.http.handle(value: value, logger: logger)
        }
    }
}
