import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A socket without manners: it sends what it is told to and keeps what comes back.
final class RawConnection: Sendable {
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes = NIOLockedValueBox<[UInt8]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = self.unwrapInboundIn(data)
            self.bytes.withLockedValue { $0.append(contentsOf: buffer.readableBytesView) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let collector = Collector()
    private let isClosedBox = NIOLockedValueBox(false)

    /// - Parameter readsAnswers: false for a peer that lets its answers pile up.
    init(port: Int, group: any EventLoopGroup, readsAnswers: Bool = true) async throws {
        let collector = self.collector
        self.channel = try await ClientBootstrap(group: group)
            .channelOption(.autoRead, value: readsAnswers)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(host: "127.0.0.1", port: port).get()
        let isClosed = self.isClosedBox
        self.channel.closeFuture.whenComplete { _ in isClosed.withLockedValue { $0 = true } }
    }

    var received: [UInt8] { self.collector.bytes.withLockedValue { $0 } }

    var receivedText: String { String(decoding: self.received, as: UTF8.self) }

    var isClosed: Bool { self.isClosedBox.withLockedValue { $0 } }

    func send(_ bytes: [UInt8]) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends without waiting, and without minding whether the peer takes it.
    func push(_ bytes: [UInt8]) {
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Sends no more, but still reads.
    func closeOutput() async {
        try? await self.channel.close(mode: .output).get()
    }

    func close() async {
        try? await self.channel.close().get()
    }
}
