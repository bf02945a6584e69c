import HadoopWire
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import HadoopRPC

/// Connections that do not come about at once.
@Suite struct ConnectRetryTests {
    private static func client(retries: Int, timeoutRetries: Int = 0, callTimeout: Duration? = nil) -> RPCClient {
        RPCClient(
            group: MultiThreadedEventLoopGroup.singleton,
            configuration: RPCClientConfiguration(
                connectTimeout: .seconds(20),
                connectRetriesMaximum: retries,
                connectTimeoutRetriesMaximum: timeoutRetries,
                connectRetryInterval: .milliseconds(20),
                callTimeout: callTimeout
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private static func target(_ port: Int, host: String = "127.0.0.1") -> RPCTarget {
        RPCTarget(host: host, port: port, protocolName: EchoService.name, identity: .simple(user: "alice"))
    }

    @Test func `a server that starts late is reached by the call that waits for it`() async throws {
        let port = lastingPort()
        let client = Self.client(retries: 100_000)
        let call = Task { try await client.call("echo", bytes: [7], on: Self.target(port)) }
        try await Wiring.run(port: port) { _ in
            #expect(try await call.value == [7])
            try await client.shutdown()
        }
    }

    @Test func `after so many tries the call fails with the reason`() async throws {
        let client = Self.client(retries: 3)
        let port = lastingPort()
        let error = try await #require(throws: RPCConnectionError.self) {
            _ = try await client.call("echo", bytes: [], on: Self.target(port))
        }
        #expect(error.kind == .notConnected)
        try await client.shutdown()
    }

    @Test func `a call's own time limit ends the tries, as does its cancellation`() async throws {
        let client = Self.client(retries: 1_000_000, callTimeout: .milliseconds(100))
        let target = Self.target(lastingPort())
        let error = try await #require(throws: RPCConnectionError.self) {
            _ = try await client.call("echo", bytes: [], on: target)
        }
        #expect(error.kind == .timedOut)
        let task = Task { try await client.call("echo", bytes: [], on: target, timeout: .seconds(3600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await client.shutdown()
    }

    @Test func `refusals and timeouts are counted apart`() {
        var tries = ConnectTries()
        let configuration = RPCClientConfiguration(
            connectRetriesMaximum: 2,
            connectTimeoutRetriesMaximum: 1,
            connectRetryInterval: .seconds(3)
        )
        let refused = IOError(errnoCode: 111, reason: "connect")
        let late = ChannelError.connectTimeout(.seconds(20))
        #expect(tries.pause(after: refused, configuration) == .seconds(3))
        #expect(tries.pause(after: late, configuration) == .zero)
        #expect(tries.pause(after: refused, configuration) == .seconds(3))
        #expect(tries.pause(after: late, configuration) == nil)
        #expect(tries.pause(after: refused, configuration) == nil)
    }
}
