import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A client that sends whatever bytes it is told to.
struct RawClient {
    private let channel: any Channel
    private let received: Received

    /// Collects what arrives, for readers who wait.
    private final class Received: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private struct State {
            var text = ""
            var isClosed = false
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state = NIOLockedValueBox(State())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let piece = String(buffer: self.unwrapInboundIn(data))
            self.change { $0.text += piece }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.change { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func change(_ change: (inout State) -> Void) {
            let waiting = self.state.withLockedValue { state in
                change(&state)
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        func wait(until isEnough: (String) -> Bool) async -> String {
            while true {
                let state = self.state.withLockedValue { ($0.text, $0.isClosed) }
                if state.1 || isEnough(state.0) { return state.0 }
                await withCheckedContinuation { continuation in
                    let isLate = self.state.withLockedValue { now in
                        if now.text.utf8.count != state.0.utf8.count || now.isClosed { return true }
                        now.waiting.append(continuation)
                        return false
                    }
                    if isLate { continuation.resume() }
                }
            }
        }
    }

    /// - Parameters:
    ///   - reads: false leaves everything that arrives in the socket.
    ///   - halfCloses: whether it goes on when the other side has ended its half.
    static func connect(port: Int, reads: Bool = true, halfCloses: Bool = false) async throws -> RawClient {
        let received = Received()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelOption(.allowRemoteHalfClosure, value: halfCloses)
            .channelInitializer { channel in channel.pipeline.addHandler(received) }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, received: received)
    }

    func send(_ text: String) async throws { try await self.send(bytes: Array(text.utf8)) }

    func send(bytes: [UInt8]) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// What has arrived once it contains `text`, or when the other side has closed.
    func read(until text: String) async throws -> String {
        await self.received.wait { $0.contains(text) }
    }

    /// The same for what has to be true of it.
    func read(until isEnough: (String) -> Bool) async -> String { await self.received.wait(until: isEnough) }

    func readAll() async throws -> String { await self.received.wait { _ in false } }

    func waitForClose() async throws { _ = await self.received.wait { _ in false } }

    func close() async throws { try await self.channel.close() }
}
