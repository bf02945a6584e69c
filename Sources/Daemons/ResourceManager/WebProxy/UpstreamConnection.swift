import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to an ApplicationMaster's web server, for one request. Parts of the answer are read only when they
/// are asked for, so that a slow browser slows the ApplicationMaster down instead of filling our memory.
final class UpstreamConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<UpstreamHandler>
    private let timeout: TimeAmount

    private init(channel: any Channel, handler: NIOLoopBound<UpstreamHandler>, timeout: TimeAmount) {
        self.channel = channel
        self.handler = handler
        self.timeout = timeout
    }

    deinit {
        self.channel.close(promise: nil)
    }

    /// - Parameters:
    ///   - source: the address to connect from; nil lets the system choose.
    ///   - timeout: how long the other side may take to connect, and later to send each part.
    static func open(
        _ target: TrackingURL,
        from source: String?,
        timeout: TimeAmount,
        connectTimeout: TimeAmount,
        group: any EventLoopGroup
    ) async throws -> UpstreamConnection {
        var bootstrap = ClientBootstrap(group: group)
            .connectTimeout(connectTimeout)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let (channel, handler) = try await bootstrap.connect(host: target.host, port: target.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = UpstreamHandler()
                try channel.pipeline.syncOperations.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                try channel.pipeline.syncOperations.addHandler(handler)
                return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
            }
        }
        return UpstreamConnection(channel: channel, handler: handler, timeout: timeout)
    }

    func send(_ head: HTTPRequestHead, body: [UInt8]) async throws {
        self.channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !body.isEmpty {
            self.channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        }
        try await self.channel.writeAndFlush(HTTPClientRequestPart.end(nil))
    }

    /// The next part of the answer.
    /// - Throws: when the connection ends early, or nothing comes for too long.
    func next() async throws -> HTTPClientResponsePart {
        let loop = self.channel.eventLoop
        let channel = self.channel
        let handler = self.handler
        let timeout = self.timeout
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: HTTPClientResponsePart.self)
            let timer = loop.scheduleTask(in: timeout) {
                handler.value.fail(UpstreamFailure.timedOut)
                channel.close(promise: nil)
            }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            handler.value.next(promise, on: channel)
            return promise.futureResult
        }.get()
    }

    func close() {
        self.channel.close(promise: nil)
    }
}

enum UpstreamFailure: Error, CustomStringConvertible {
    case timedOut
    case closedEarly

    var description: String {
        switch self {
        case .timedOut: "it sent nothing for too long"
        case .closedEarly: "it closed the connection before its answer was complete"
        }
    }
}

/// Keeps the parts that one read brought until they are asked for.
final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var parts = CircularBuffer<HTTPClientResponsePart>()
    private var waiting: EventLoopPromise<HTTPClientResponsePart>?
    private var failure: (any Error)?

    func next(_ promise: EventLoopPromise<HTTPClientResponsePart>, on channel: any Channel) {
        if let part = self.parts.popFirst() {
            promise.succeed(part)
        } else if let failure = self.failure {
            promise.fail(failure)
        } else {
            self.waiting = promise
            channel.read()
        }
    }

    func fail(_ error: any Error) {
        if self.failure == nil { self.failure = error }
        self.waiting?.fail(error)
        self.waiting = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = self.unwrapInboundIn(data)
        if let waiting = self.waiting {
            self.waiting = nil
            waiting.succeed(part)
        } else {
            self.parts.append(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Less than a whole part may have come: go on reading for the one who waits.
        if self.waiting != nil { context.read() }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.fail(UpstreamFailure.closedEarly)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.fail(error)
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension UpstreamHandler: Sendable {}
