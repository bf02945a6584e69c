import HadoopWire
import Logging
import NIOCore

/// Drives one `ServerConnection` on its event loop: feeds it what the socket brings, dispatches calls, and writes
/// answers in batches. It stops reading while too many calls are open or the peer does not read.
final class ServerConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Asks the connection to end once its open calls are answered.
    struct Drain: Sendable {}

    private enum Phase {
        /// The caller is not known yet.
        case handshake
        case open(RPCCaller)
        /// The server shuts down or the peer sends no more: no further request is taken, and the connection closes when
        /// the open calls are answered or the time for that is over.
        case draining
        /// The last bytes are written; what the peer still sends is thrown away until it closes, so that its system
        /// does not discard them unread.
        case lingering
    }

    private let services: ServiceTable
    private let limits: RPCServerLimits
    private let roster: ConnectionRoster
    private let logger: Logger
    private let peerAddress: String
    private let replies: ReplyQueue

    private var machine: ServerConnection
    private var phase = Phase.handshake
    /// Received and not yet taken by the machine.
    private var input = ByteBuffer()
    private var callsInFlight = 0
    /// What the roster knows of this connection's unfinished request.
    private var bytesHeld = 0
    /// Whether the pipeline asked for a read that is held back.
    private var isReadHeld = false
    private var timer: Scheduled<Void>?
    private var idleWatch = IdleWatch()

    init(
        machine: ServerConnection,
        services: ServiceTable,
        limits: RPCServerLimits,
        roster: ConnectionRoster,
        peerAddress: String,
        eventLoop: any EventLoop,
        logger: Logger
    ) {
        self.machine = machine
        self.services = services
        self.limits = limits
        self.roster = roster
        self.peerAddress = peerAddress
        self.replies = ReplyQueue(eventLoop: eventLoop)
        self.logger = logger
    }

    // MARK: - Life

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        self.replies.open { [self] in self.advance(bound.value) }
        self.schedule(after: self.limits.handshakeTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.release()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.release()
        context.fireChannelInactive()
    }

    private func release() {
        self.holdNothing()
        self.replies.close()
        self.timer?.cancel()
        self.timer = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.logger.debug("Connection failed", metadata: ["peer": "\(self.peerAddress)", "error": "\(error)"])
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is Drain: self.drain(context, within: self.limits.shutdownTimeout)
        // A peer that only has nothing more to say waits for its answers as long as any other.
        case ChannelEvent.inputClosed: self.drain(context, within: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Answers the open calls and closes.
    private func drain(_ context: ChannelHandlerContext, within limit: Duration?) {
        if case .lingering = self.phase { return context.close(promise: nil) }
        guard self.callsInFlight > 0 else { return context.close(promise: nil) }
        self.phase = .draining
        self.input.clear()
        if let limit {
            self.schedule(after: limit, context)
        } else {
            self.timer?.cancel()
        }
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        if self.input.readableBytes == 0 {
            self.input = buffer
        } else {
            self.input.writeBuffer(&buffer)
        }
        self.replies.expectTake()
        self.takeInput(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.advance(context)
        context.fireChannelReadComplete()
    }

    /// Lets the machine take input until it needs more or too many calls are open.
    private func takeInput(_ context: ChannelHandlerContext) {
        while self.callsInFlight < self.limits.callsInFlightMaximum, self.input.readableBytes > 0 {
            var offset = 0
            let action = self.machine.next(self.input.readableBytesUInt8Span, at: &offset)
            self.input.moveReaderIndex(forwardBy: offset)
            guard let action else { break }
            self.perform(action, context)
        }
        if self.input.readableBytes == 0 { self.input = ByteBuffer() }
        self.accountForMemory(context)
    }

    /// Ends this connection if its unfinished request is the one for which the server has no room.
    private func accountForMemory(_ context: ChannelHandlerContext) {
        let bytesHeld = self.machine.bytesHeld
        guard bytesHeld != self.bytesHeld else { return }
        guard !self.roster.hold(bytesHeld - self.bytesHeld) else {
            self.bytesHeld = bytesHeld
            return
        }
        let message = "The server holds too many unfinished requests; try again later"
        let action = self.machine.refuse(
            .fatalUnknown,
            exceptionClass: "org.apache.hadoop.ipc.RetriableException",
            message: message
        )
        self.holdNothing()
        self.perform(action, context)
    }

    private func holdNothing() {
        _ = self.roster.hold(-self.bytesHeld)
        self.bytesHeld = 0
    }

    private func perform(_ action: ServerConnectionAction, _ context: ChannelHandlerContext) {
        switch action {
        case .write(let bytes):
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .open(let identity):
            self.phase = .open(RPCCaller(identity, address: self.peerAddress))
            self.schedule(after: self.limits.watchInterval, context)
        case .call(let call):
            self.dispatch(call)
        case .refuse(let bytes, let reason):
            self.logger.info(
                "Refused a connection",
                metadata: ["peer": "\(self.peerAddress)", "reason": "\(reason)"]
            )
            self.linger(after: bytes, context)
        }
    }

    private func dispatch(_ received: ReceivedCall) {
        guard case .open(let caller) = self.phase else { return }
        self.callsInFlight += 1
        let responder = RPCResponder(PendingReply(received, queue: self.replies))
        let signature = received.signature
        do {
            let service = try self.services.service(signature.protocolName, version: signature.protocolVersion)
            service.handle(
                RPCCall(
                    method: signature.method,
                    protocolName: signature.protocolName,
                    protocolVersion: signature.protocolVersion,
                    request: received.request,
                    caller: caller,
                    callerContext: received.callerContext
                ),
                responder
            )
        } catch {
            responder.fail(error)
        }
    }

    // MARK: - Writing

    /// Writes the answers that have gathered, then takes up input that had to wait for them.
    private func advance(_ context: ChannelHandlerContext) {
        while true {
            let wasFull = self.callsInFlight >= self.limits.callsInFlightMaximum
            let batch = self.replies.take()
            self.callsInFlight -= batch.count
            if batch.isFatal { return self.linger(after: batch.bytes, context) }
            if !batch.bytes.isEmpty {
                context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: batch.bytes)), promise: nil)
            }
            if case .draining = self.phase, self.callsInFlight == 0 { return self.linger(after: [], context) }
            guard wasFull, batch.count > 0, self.input.readableBytes > 0 else { break }
            self.replies.expectTake()
            self.takeInput(context)
        }
        self.releaseHeldRead(context)
    }

    /// Writes the last bytes and leaves the peer time to read them.
    private func linger(after bytes: [UInt8], _ context: ChannelHandlerContext) {
        self.phase = .lingering
        self.input.clear()
        self.replies.close()
        if !bytes.isEmpty {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }
        context.close(mode: .output, promise: nil)
        self.schedule(after: RPCServerLimits.lingerTimeout, context)
        self.releaseHeldRead(context)
    }

    // MARK: - Back-pressure

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        if case .lingering = self.phase { return true }
        return context.channel.isWritable && self.callsInFlight < self.limits.callsInFlightMaximum
    }

    func read(context: ChannelHandlerContext) {
        if self.mayRead(context) {
            context.read()
        } else {
            self.isReadHeld = true
        }
    }

    private func releaseHeldRead(_ context: ChannelHandlerContext) {
        guard self.isReadHeld, self.mayRead(context) else { return }
        self.isReadHeld = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.idleWatch.writabilityChanged(isWritable: context.channel.isWritable)
        self.releaseHeldRead(context)
        context.fireChannelWritabilityChanged()
    }

    // MARK: - Time limits

    private func schedule(after delay: Duration, _ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
            self.timePassed(context)
        }
    }

    private func timePassed(_ context: ChannelHandlerContext) {
        switch self.phase {
        case .handshake:
            self.close(context, because: "the handshake took too long")
        case .draining, .lingering:
            context.close(promise: nil)
        case .open:
            let observation = IdleWatch.Observation(
                framesCompleted: self.machine.framesCompleted,
                isInsideFrame: self.machine.isInsideFrame,
                callsInFlight: self.callsInFlight
            )
            let isCrowded = self.roster.count > self.limits.idleThreshold
            if let reason = self.idleWatch.timePassed(observation, isCrowded: isCrowded, limits: self.limits) {
                self.close(context, because: reason)
            } else {
                self.schedule(after: self.limits.watchInterval, context)
            }
        }
    }

    private func close(_ context: ChannelHandlerContext, because reason: String) {
        self.logger.debug("Closed a connection", metadata: ["peer": "\(self.peerAddress)", "reason": "\(reason)"])
        context.close(promise: nil)
    }
}
