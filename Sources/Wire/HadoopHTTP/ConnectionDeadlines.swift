import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Closes a connection that takes too long to send a request or to read an answer, and keeps its place in the roster.
///
/// The deadlines are totals: a byte now and then does not extend them. Those of Hummingbird's own idle handler would.
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: HTTPLimits
    private let roster: ConnectionRoster
    private var requests: WholeRequests?
    private var requestsUnanswered = 0
    private var requestDeadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    init(limits: HTTPLimits, roster: ConnectionRoster) {
        self.limits = limits
        self.roster = roster
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.end(context)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard self.requestDeadline == nil else { return }
        self.requests = self.roster.opened(context.channel)
        self.expectRequest(within: self.limits.headDeadline, context)
    }

    private func end(_ context: ChannelHandlerContext) {
        self.requestDeadline?.cancel()
        self.writeDeadline?.cancel()
        self.roster.closed(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.requestsUnanswered += 1
            self.roster.becameBusy(context.channel)
            if let isUpload = self.limits.isUpload, isUpload(head.method.rawValue, head.path ?? "") {
                self.expectUpload(context)
            } else {
                self.expectRequest(within: self.limits.bodyDeadline, context)
            }
        case .body: break
        case .end:
            self.requestDeadline?.cancel()
            self.requests?.cameIn()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) {
            self.requestsUnanswered -= 1
            self.requests?.wasAnswered()
            if self.requestsUnanswered == 0 {
                self.roster.becameIdle(context.channel)
                self.expectRequest(within: self.limits.headDeadline, context)
            }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.writeDeadline?.cancel()
        self.writeDeadline = nil
        if !context.channel.isWritable {
            self.writeDeadline = self.scheduleClose(after: self.limits.writeStall, context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Bytes that are no HTTP: says so and closes. Behind an answer in progress there is no place to say it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, self.requestsUnanswered == 0 else {
            context.close(promise: nil)
            return
        }
        let isTooLarge = error as? HTTPParserError == .headerOverflow
        let text = ByteBuffer(
            string: isTooLarge
                ? "The request's header fields are too many or too large.\n" : "This is no HTTP request: \(error).\n"
        )
        var head = HTTPResponse(status: isTooLarge ? .requestHeaderFieldsTooLarge : .badRequest)
        head.headerFields[.contentType] = "text/plain;charset=utf-8"
        head.headerFields[.contentLength] = String(text.readableBytes)
        head.headerFields[.connection] = "close"
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(text)), promise: nil)
        let channel = context.channel
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    /// A writer may hold its stream open for days without a byte, as an event log's does; the kernel finds out when its
    /// machine is gone.
    private func expectUpload(_ context: ChannelHandlerContext) {
        self.requestDeadline?.cancel()
        context.channel.setOption(.socketOption(.so_keepalive), value: 1).whenFailure { _ in }
    }

    private func expectRequest(within time: Duration, _ context: ChannelHandlerContext) {
        self.requestDeadline?.cancel()
        self.requestDeadline = self.scheduleClose(after: time, context)
    }

    private func scheduleClose(after time: Duration, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}

@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}
