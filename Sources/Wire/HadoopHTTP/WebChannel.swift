import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL

/// One connection of an HTTP port: Hummingbird's HTTP/1.1 with our deadlines and files, below it TLS where the port has a
/// certificate.
struct WebChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let http: HTTP1Channel
    private let certificate: ServerCertificate?
    private let limits: HTTPLimits
    private let roster: ConnectionRoster
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
        self.limits = limits
        self.roster = roster
        self.readRoom = limits.isUpload.map { _ in ReadRoom(bytes: SharedReadSizes.shared) }
        self.http = HTTP1Channel { request, writer, channel in
            let exchange = HTTPExchange(limits: limits, roster: roster, isSecure: isSecure, respond: respond)
            try await exchange.run(request, writer, channel)
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        if let room = self.readRoom {
            channel.setOption(.recvAllocator, value: SharedReadSizes(room)).whenFailure { _ in }
            channel.setOption(.maxMessagesPerRead, value: 1).whenFailure { _ in }
        }
        return channel.eventLoop.makeCompletedFuture {
            if let context = self.certificate?.context {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            }
            return try self.http1(channel, logger)
        }
    }

    /// As Hummingbird's own channel does it, but for how many pieces wait.
    private func http1(_ channel: any Channel, _ logger: Logger) throws -> Value {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withErrorHandling: false,
            withOutboundHeaderValidation: false,
            withEncoderConfiguration: HTTPResponseEncoder.Configuration(),
            withDecoderLimitConfiguration: self.decoderLimits
        )
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandlers([FileBodies(), ConnectionDeadlines(limits: self.limits, roster: self.roster)])
        try pipeline.addHandler(HTTPConnectionStateHandler(logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
                backPressureStrategy: .init(lowWatermark: Self.piecesMinimum, highWatermark: Self.piecesMaximum),
                isOutboundHalfClosureEnabled: true
            )
        )
    }

    private var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = self.limits.headerFieldBytesMaximum
        limits.maxHeaderListSize = self.limits.headerListBytesMaximum
        limits.maxHeaderFieldCount = self.limits.headerFieldCountMaximum
        return limits
    }

    /// How many pieces of what a connection sent wait for whoever takes them, before no more is read: a head and what came
    /// with it, or so much of a body that neither side waits for the other. NIO's own ten are a dozen megabytes of memory
    /// where pieces are large, and with a hundred uploads nearly four times as much.
    private static let piecesMaximum = 2
    private static let piecesMinimum = 1

    func handle(value: Value, logger: Logger) async {
        guard self.limits.isServedOnLoops else { return await self.http.handle(value: value, logger: logger) }
        await withTaskExecutorPreference(LoopExecutor(loop: value.channel.eventLoop)) {
            await self.http.handle(value: value, logger: logger)
        }
    }
}
