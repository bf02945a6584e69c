import NIOCore
import NIOPosix

/// Accepts connections and never says a word.
struct SilentServer {
    private let channel: any Channel

    init(group: any EventLoopGroup) async throws {
        self.channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { self.channel.localAddress?.port ?? 0 }

    func close() async {
        try? await self.channel.close().get()
    }
}
