import HadoopProtos
import HadoopRPC
import SwiftProtobuf
import Testing

@Suite struct ProxyUserTests {
    private func ask(_ resourceManager: TestResourceManager, _ real: String, _ user: String) async -> RPCFailure? {
        await failure {
            _ = try await resourceManager.client.call(
                "getNewApplication",
                bytes: [],
                on: resourceManager.target(.client, .simple(user: user, realUser: real))
            )
        }
    }

    @Test func `only a configured proxy user acts for others, from its hosts and for its users`() async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [
                ("hadoop.proxyuser.oozie.hosts", "127.0.0.0/8"), ("hadoop.proxyuser.oozie.users", "alice,bob"),
                ("hadoop.proxyuser.far.hosts", "10.1.2.3"), ("hadoop.proxyuser.far.users", "*"),
            ]
        )
        #expect(await self.ask(resourceManager, "oozie", "alice") == nil)
        #expect(
            await self.ask(resourceManager, "oozie", "carol")?.message
                == "User: oozie is not allowed to impersonate carol"
        )
        #expect(
            await self.ask(resourceManager, "mallory", "alice")?.message
                == "User: mallory is not allowed to impersonate alice"
        )
        #expect(await self.ask(resourceManager, "far", "alice")?.message.contains("from IP 127.0.0.1") == true)
        try await resourceManager.stop()
    }
}
