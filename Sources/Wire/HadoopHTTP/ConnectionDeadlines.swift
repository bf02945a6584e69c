import NIOCore
import NIOHTTP1

/// Closes a connection that takes too long to send a request or to read an answer, and keeps its place in the roster.
///
/// The deadlines are totals: a byte now and then does not extend them.
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: HTTPLimits
    private let roster: ConnectionRoster
    private var requestsUnanswered = 0
    /// The last answer is out.
    private var isEnding = false
    /// When the request, or the next one, must be there.
    private var requestDeadline: NIODeadline?
    /// Set for a deadline, and left alone where that is put off: most requests are there long before.
    private var requestTimer: (due: NIODeadline, task: Scheduled<Void>)?
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
        self.roster.opened(context.channel)
        self.expectRequest(within: self.limits.headDeadline, context)
    }

    private func end(_ context: ChannelHandlerContext) {
        self.requestDeadline = nil
        self.requestTimer?.task.cancel()
        self.requestTimer = nil
        self.writeDeadline?.cancel()
        self.roster.closed(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !self.isEnding { self.expectRest(of: self.unwrapInboundIn(data), context) }
        context.fireChannelRead(data)
    }

    private func expectRest(of part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            self.requestsUnanswered += 1
            self.roster.becameBusy(context.channel)
            if let isUpload = self.limits.isUpload, isUpload(head.method.rawValue, head.uri) {
                self.expectUpload(context)
            } else {
                self.expectRequest(within: self.limits.bodyDeadline, context)
            }
        case .body: break
        case .end: self.requestDeadline = nil
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) {
            self.requestsUnanswered -= 1
            if self.requestsUnanswered == 0 {
                self.roster.becameIdle(context.channel)
                self.expectRequest(within: self.limits.headDeadline, context)
            }
        }
        context.write(data, promise: promise)
    }

    /// Who has got the last answer has so long to close the other half.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            self.isEnding = true
            self.expectRequest(within: self.limits.headDeadline, context)
        }
        context.close(mode: mode, promise: promise)
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
        let head = HTTPResponseHead(
            version: .http1_1,
            status: isTooLarge ? .requestHeaderFieldsTooLarge : .badRequest,
            headers: [
                "Content-Type": "text/plain;charset=utf-8", "Content-Length": String(text.readableBytes),
                "Connection": "close",
            ]
        )
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(text))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    /// A writer may hold its stream open for days without a byte, as an event log's does; the kernel finds out when its
    /// machine is gone.
    private func expectUpload(_ context: ChannelHandlerContext) {
        self.requestDeadline = nil
        context.channel.setOption(.socketOption(.so_keepalive), value: 1).whenFailure { _ in }
    }

    private func expectRequest(within time: Duration, _ context: ChannelHandlerContext) {
        let deadline = NIODeadline.now() + TimeAmount(time)
        self.requestDeadline = deadline
        if let timer = self.requestTimer {
            guard timer.due > deadline else { return }
            timer.task.cancel()
        }
        self.setTimer(for: deadline, context)
    }

    private func setTimer(for due: NIODeadline, _ context: ChannelHandlerContext) {
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let task = context.eventLoop.scheduleTask(deadline: due) {
            let (handler, context) = handler.value
            handler.timerEnded(context)
        }
        self.requestTimer = (due, task)
    }

    private func timerEnded(_ context: ChannelHandlerContext) {
        self.requestTimer = nil
        guard let deadline = self.requestDeadline else { return }
        if deadline > .now() {
            self.setTimer(for: deadline, context)
        } else {
            context.close(promise: nil)
        }
    }

    private func scheduleClose(after time: Duration, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}

@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}
