import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import HadoopHTTP

/// What comes faster than it is taken stays with its sender.
@Suite struct WaitingPieceTests {
    @Test func `no more is read of a connection while two pieces wait for whoever takes them`() async throws {
        let channel = NIOAsyncTestingChannel()
        let reads = Mutex(0)
        let web = WebChannel(
            limits: HTTPLimits(),
            roster: ConnectionRoster(connectionsMaximum: 1),
            certificate: nil
        ) { _ in .text("") }
        try await channel.pipeline.addHandler(ReadCounter { reads.withLock { $0 += 1 } })
        let setup = channel.eventLoop.flatSubmit { web.setup(channel: channel, logger: Logger(label: "test")) }
        await channel.testingEventLoop.run()
        let value = try await setup.get()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
        channel.pipeline.read()
        try await channel.writeInbound(
            ByteBuffer(string: "PUT /f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nbytes")
        )
        await channel.testingEventLoop.run()
        let before = reads.withLock { $0 }
        channel.pipeline.read()
        await channel.testingEventLoop.run()
        #expect(reads.withLock { $0 } == before)
        try await value.executeThenClose { pieces, _ in
            var iterator = pieces.makeAsyncIterator()
            // The head, and the first bytes.
            _ = try await iterator.next()
            _ = try await iterator.next()
            try await eventually("more is read") {
                await channel.testingEventLoop.run()
                return reads.withLock { $0 } == before + 1
            }
        }
    }
}

private final class ReadCounter: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = Never

    private let count: @Sendable () -> Void

    init(_ count: @escaping @Sendable () -> Void) { self.count = count }

    func read(context: ChannelHandlerContext) {
        self.count()
        context.read()
    }
}
