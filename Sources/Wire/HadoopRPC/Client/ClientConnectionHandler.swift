import HadoopWire
import Logging
import NIOCore

/// Drives one `ClientConnection` on its event loop: opens it, writes waiting calls in batches, hands answers to the
/// link, and watches the time limits.
final class ClientConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let link: ClientLink
    private let configuration: RPCClientConfiguration
    private let clientID: [UInt8]
    private let openingDeadline: NIODeadline
    private var machine: ClientConnection
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?
    private var lastTraffic = NIODeadline.now()
    /// Whether this channel carries the link; one that does not ends without a word.
    private var isCarrier = false

    init(
        link: ClientLink,
        machine: ClientConnection,
        clientID: [UInt8],
        openingDeadline: NIODeadline,
        configuration: RPCClientConfiguration
    ) {
        self.link = link
        self.machine = machine
        self.clientID = clientID
        self.openingDeadline = openingDeadline
        self.configuration = configuration
    }

    // MARK: - Life

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        guard self.link.connected(wake: { [self] in self.writeCalls(bound.value) }) else {
            return context.close(promise: nil)
        }
        self.isCarrier = true
        self.write(self.machine.opening, context)
        if self.machine.isOpen {
            self.link.opened()
            self.writeCalls(context)
        }
        self.watch(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.task.cancel()
        self.timer = nil
        let reason = self.machine.isOpen ? "the server closed the connection" : "the server closed the connection early"
        self.closeLink(self.link.error(self.machine.isOpen ? .connectionLost : .notConnected, reason))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.close(context, self.link.error(self.machine.isOpen ? .connectionLost : .notConnected, "\(error)"))
    }

    private func close(_ context: ChannelHandlerContext, _ error: any Error) {
        self.closeLink(error)
        context.close(promise: nil)
    }

    private func closeLink(_ error: any Error) {
        guard self.isCarrier else { return }
        self.link.close(error)
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        self.lastTraffic = .now()
        while buffer.readableBytes > 0 {
            var offset = 0
            let action = self.machine.next(buffer.readableBytesUInt8Span, at: &offset)
            buffer.moveReaderIndex(forwardBy: offset)
            guard let action else { return }
            self.perform(action, context)
        }
    }

    private func perform(_ action: ClientConnectionAction, _ context: ChannelHandlerContext) {
        switch action {
        case .write(let bytes):
            self.write(bytes, context)
        case .open(let bytes):
            self.write(bytes, context)
            self.link.opened()
            self.writeCalls(context)
        case .response(let response):
            self.take(response, context)
        case .refused(let failure):
            self.close(context, RPCFailure(failure, isFatal: true))
        case .fail(let reason):
            self.close(context, self.link.error(.protocolViolation, reason))
        }
    }

    private func take(_ response: ReceivedResponse, _ context: ChannelHandlerContext) {
        let header = response.header
        guard header.clientID.isEmpty || header.clientID == self.clientID else {
            return self.close(context, self.link.error(.protocolViolation, "the answer is for another client"))
        }
        switch header.status {
        case .success: self.link.complete(header.callID, .success(response.message))
        case .error(let failure), .fatal(let failure):
            self.link.complete(header.callID, .failure(RPCFailure(failure, isFatal: false)))
        }
    }

    // MARK: - Writing

    private func writeCalls(_ context: ChannelHandlerContext) {
        self.write(self.link.takeOutbox(), context)
        if let deadline = self.link.earliestDeadline, deadline < self.timer?.at ?? .distantFuture {
            self.watch(context)
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        guard !bytes.isEmpty else { return }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    // MARK: - Time limits

    /// Sets the timer to whatever may be due first.
    private func watch(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        let idleTimeout = self.configuration.idleTimeout
        var next = now + TimeAmount(min(idleTimeout, self.configuration.pingInterval ?? idleTimeout))
        if !self.machine.isOpen { next = min(next, self.openingDeadline) }
        if let deadline = self.link.earliestDeadline { next = min(next, deadline) }
        self.timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
            self.timer = nil
            self.timePassed(context)
        }
        self.timer = (next, task)
    }

    private func timePassed(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        self.link.failOverdueCalls(at: now)
        if !self.machine.isOpen, now >= self.openingDeadline {
            let limit = self.configuration.connectTimeout
            return self.close(context, self.link.error(.notConnected, "the server did not answer within \(limit)"))
        }
        if self.link.closeIfIdle(since: now - TimeAmount(self.configuration.idleTimeout)) {
            return context.close(promise: nil)
        }
        if let pingInterval = self.configuration.pingInterval, self.machine.isOpen, self.link.hasCalls,
            now - self.lastTraffic >= TimeAmount(pingInterval)
        {
            self.lastTraffic = now
            var ping: [UInt8] = []
            RequestFrame.appendPing(clientID: self.clientID, to: &ping)
            self.write(ping, context)
        }
        self.watch(context)
    }
}

extension RPCFailure {
    init(_ failure: ResponseHeader.Failure, isFatal: Bool) {
        self.init(
            code: failure.detail,
            exceptionClass: failure.exceptionClass,
            message: failure.message,
            isFatal: isFatal
        )
    }
}
