import NIOCore
import NIOHTTP1
import NIOSSL

/// Makes the connections of an HTTP port: NIO's HTTP/1.1 with our deadlines, below it TLS where the port has a certificate.
struct WebChannel: Sendable {
    private let port: WebPort
    private let certificate: ServerCertificate?
    /// Nil where nothing is uploaded.
    private let readRoom: ReadRoom?

    init(port: WebPort, certificate: ServerCertificate?) {
        self.port = port
        self.certificate = certificate
        self.readRoom = port.limits.isUpload.map { _ in ReadRoom(bytes: SharedReadSizes.shared) }
    }

    func setup(_ channel: any Channel) -> EventLoopFuture<Void> {
        if let room = self.readRoom {
            channel.setOption(.recvAllocator, value: SharedReadSizes(room)).whenFailure { _ in }
            channel.setOption(.maxMessagesPerRead, value: 1).whenFailure { _ in }
        }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let context = self.certificate?.context {
                try pipeline.addHandler(NIOSSLServerHandler(context: context))
            }
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: Self.encoder,
                withDecoderLimitConfiguration: self.decoderLimits
            )
            try pipeline.addHandler(ConnectionDeadlines(limits: self.port.limits, roster: self.port.roster))
            try pipeline.addHandler(WebConnection(port: self.port))
        }
    }

    /// `HTTPExchange` says where a body ends: it knows what was asked.
    private static var encoder: HTTPResponseEncoder.Configuration {
        var configuration = HTTPResponseEncoder.Configuration()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }

    private var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = self.port.limits.headerFieldBytesMaximum
        limits.maxHeaderListSize = self.port.limits.headerListBytesMaximum
        limits.maxHeaderFieldCount = self.port.limits.headerFieldCountMaximum
        return limits
    }
}
