import Logging
import NIOCore
import NIOHTTP1

/// What all connections of a port have in common.
struct WebPort: Sendable {
    var limits: HTTPLimits
    var roster: ConnectionRoster
    /// Whether connections are TLS.
    var isSecure: Bool
    /// Where requests are answered; nil for Swift's own pool.
    var executor: (any TaskExecutor)?
    var logger: Logger
    var respond: HTTPServer.Respond
}

/// One connection of an HTTP port, on its event loop: has its requests answered one after the other, and reads no more than is
/// taken.
///
/// A request whose answer is at hand is taken, answered and written without another thread, and without a turn of the loop.
final class WebConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private struct Exchange {
        var head: HTTPRequestHead
        var body: RequestBody
        var isBegun = false
    }

    private let port: WebPort
    private var context: ChannelHandlerContext?
    private var executor: (any TaskExecutor)?
    private var addresses: PeerAddresses?
    private var clock = AnswerClock()
    private var sequence = RequestSequence()
    private var exchange: Exchange?
    private var isAdvancing = false
    /// Whether somebody wanted to read and was not let.
    private var isReadHeld = false

    init(port: WebPort) { self.port = port }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.executor =
            self.port.limits.isServedOnLoops ? LoopExecutor(loop: context.eventLoop) : self.port.executor
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.inputEnded()
        self.context = nil
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.sequence.received(self.unwrapInboundIn(data))
    }

    /// What came in one read is looked at together: a short request is there in whole when its answer is made.
    func channelReadComplete(context: ChannelHandlerContext) {
        self.advance()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.inputEnded()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: self.inputEnded()
        case is ChannelShouldQuiesceEvent:
            self.sequence.stop()
            self.advance()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.advance() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if self.wantsMore { context.read() } else { self.isReadHeld = true }
    }

    private var wantsMore: Bool { !self.sequence.isAhead && self.exchange?.body.isFull != true }

    private func readIfWanted() {
        guard self.isReadHeld, self.wantsMore else { return }
        self.isReadHeld = false
        self.context?.read()
    }

    private func inputEnded() {
        self.sequence.inputEnded()
        self.advance()
    }

    private func advance() {
        // An answer that is written at once comes back here.
        guard !self.isAdvancing else { return }
        self.isAdvancing = true
        repeat {
            while let step = self.sequence.next() { self.perform(step) }
        } while self.beginAnswer()
        self.isAdvancing = false
        self.readIfWanted()
    }

    private func perform(_ step: RequestSequence.Step) {
        switch step {
        case .begin(let head):
            let connection = self.bound
            self.exchange = Exchange(
                head: head,
                body: RequestBody { connection?.run { $0.readIfWanted() } }
            )
        case .piece(let piece): self.exchange?.body.received(piece)
        case .whole: self.exchange?.body.becameWhole()
        case .cutOff: self.exchange?.body.wasCutOff()
        case .close: self.close()
        }
    }

    /// What is still on its way out goes out first. Behind an answer that ends the connection only our half of it ends, until
    /// its caller has read it: of a connection that is closed while bytes come in, the kernel takes back what was sent.
    private func close() {
        guard let context = self.context else { return }
        let channel = context.channel
        let mode: CloseMode = self.keepsConnection ? .all : .output
        context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer())))).whenComplete { _ in
            channel.close(mode: mode, promise: nil)
        }
    }

    // MARK: Answers

    private var bound: BoundConnection? {
        guard let loop = self.context?.eventLoop else { return nil }
        return BoundConnection(connection: NIOLoopBound(self, eventLoop: loop), loop: loop)
    }

    /// - Returns: whether a request was there whose answer had not begun. While its caller leaves earlier answers unread it is
    ///   not made: many requests may come in one read, and their answers would wait in memory.
    private func beginAnswer() -> Bool {
        guard let exchange = self.exchange, !exchange.isBegun, let context = self.context, let connection = self.bound,
            context.channel.isWritable || !context.channel.isActive
        else { return false }
        self.exchange?.isBegun = true
        let addresses = self.addresses ?? PeerAddresses(context.channel)
        self.addresses = addresses
        let answer = HTTPExchange(
            port: self.port,
            head: exchange.head,
            body: exchange.body,
            addresses: addresses,
            writer: AnswerWriter(connection: connection, isSecure: self.port.isSecure)
        )
        let roster = self.port.roster
        roster.began()
        if self.port.limits.isServedOnLoops {
            Task.immediate(executorPreference: self.executor) {
                await answer.run()
                roster.ended()
            }
        } else {
            Task(executorPreference: self.executor) {
                await answer.run()
                roster.ended()
            }
        }
        return true
    }

    /// Writes a part of the current answer.
    func write(_ part: AnswerWriter.Part, promise: EventLoopPromise<Void>?) {
        guard let context = self.context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let written: OutboundOut =
            switch part {
            case .interim(let status): .head(HTTPResponseHead(version: .http1_1, status: status))
            case .head(let head): .head(self.completed(head))
            case .bytes(let bytes): .body(.byteBuffer(bytes))
            case .file(let region): .body(.fileRegion(region))
            case .end: .end(nil)
            }
        context.write(self.wrapOutboundOut(written), promise: promise)
    }

    func flush() { self.context?.flush() }

    /// The answer is written; what is left of its request is not wanted.
    func answered() {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        exchange.body.leave()
        self.sequence.answered(keepsConnection: self.keepsConnection)
        self.advance()
    }

    /// The answer cannot be written to its end, and only the end of the connection says so.
    func abort() {
        self.exchange?.body.leave()
        self.exchange = nil
        self.context?.close(promise: nil)
    }

    /// Set with each answer's head: whether it says that the connection goes on.
    private var keepsConnection = true

    private func completed(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var head = head
        self.keepsConnection =
            head.isKeepAlive && self.exchange?.head.isKeepAlive == true && !self.sequence.endsWithAnswer
        let now = self.clock.text
        head.headers.replaceOrAdd(name: "Date", value: now)
        if head.headers.first(name: "Cache-Control") == "no-cache" {
            head.headers.replaceOrAdd(name: "Expires", value: now)
        }
        if !self.keepsConnection {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if self.exchange?.head.version == .http1_0 {
            // Who speaks the old version takes the connection for ended unless it is told.
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        return head
    }
}

@available(*, unavailable)
extension WebConnection: Sendable {}

/// A connection as other threads know it.
struct BoundConnection: Sendable {
    var connection: NIOLoopBound<WebConnection>
    var loop: any EventLoop

    /// On the connection's loop: now, if that is here.
    func run(_ body: @escaping @Sendable (WebConnection) -> Void) {
        let connection = self.connection
        if self.loop.inEventLoop { body(connection.value) } else { self.loop.execute { body(connection.value) } }
    }
}

/// Who is at the two ends of a connection; empty where that cannot be told.
struct PeerAddresses: Sendable {
    var peer: String
    var local: String

    init(_ channel: any Channel) {
        self.peer = channel.remoteAddress?.ipAddress ?? ""
        self.local = channel.localAddress?.ipAddress ?? ""
    }
}
