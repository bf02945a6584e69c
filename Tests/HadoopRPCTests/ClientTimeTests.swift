import HadoopWire
import TestSupport
import Testing

@testable import HadoopRPC

/// The client's time limits, cancellation and end.
struct ClientTimeTests {
    @Test func `a call without an answer fails at its time limit, and only it`() async throws {
        try await Wiring.run { wiring in
            do {
                _ = try await wiring.client.call("hold", bytes: [], on: wiring.target(), timeout: .milliseconds(50))
                Issue.record("the call went through")
            } catch let error as RPCConnectionError {
                #expect(error.kind == .timedOut)
            }
            try await wiring.expectEcho([1])
            wiring.service.release()
            try await wiring.expectEcho([2])
            #expect(wiring.server.connectionCount == 1)
        }
    }

    @Test func `a cancelled task stops waiting`() async throws {
        try await Wiring.run { wiring in
            let task = Task { try await wiring.client.call("hold", bytes: [], on: wiring.target()) }
            try await eventually("the call is held") { wiring.service.heldCount == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `a connection without calls closes, and the next call opens another`() async throws {
        let configuration = RPCClientConfiguration(idleTimeout: .milliseconds(40))
        try await Wiring.run(client: configuration) { wiring in
            _ = try await wiring.client.call("echo", bytes: [], on: wiring.target())
            try await eventually("the connection closes") { wiring.server.connectionCount == 0 }
            _ = try await wiring.client.call("echo", bytes: [], on: wiring.target())
        }
    }

    @Test func `a connection with an open call is not idle, and pings do no harm`() async throws {
        let configuration = RPCClientConfiguration(idleTimeout: .milliseconds(20), pingInterval: .milliseconds(10))
        try await Wiring.run(client: configuration) { wiring in
            async let held = wiring.client.call("hold", bytes: [], on: wiring.target())
            try await eventually("the call is held") { wiring.service.heldCount == 1 }
            // Another user's connection goes idle beside it, and is the only one to close.
            _ = try await wiring.client.call("echo", bytes: [], on: wiring.target(.simple(user: "bob")))
            try await eventually("the idle one closes") { wiring.server.connectionCount == 1 }
            wiring.service.release()
            let answer = try await held
            #expect(answer == [])
        }
    }

    @Test func `a server that never answers the handshake is given up`() async throws {
        // A port that accepts and says nothing: the handshake limit of the client must end it.
        try await Wiring.run(
            authentication: Wiring.tokens,
            client: RPCClientConfiguration(connectTimeout: .milliseconds(100))
        ) { wiring in
            let silent = try await SilentServer(group: wiring.group)
            var target = wiring.target(.token(user: "app1", Wiring.token("app1")))
            target.port = silent.port
            do {
                _ = try await wiring.client.call("echo", bytes: [], on: target)
                Issue.record("the call went through")
            } catch let error as RPCConnectionError {
                #expect(error.kind == .notConnected)
            }
            await silent.close()
        }
    }

    @Test func `an unknown host is named in the error`() async throws {
        try await Wiring.run { wiring in
            var target = wiring.target()
            target.host = "no-such-host.invalid"
            do {
                _ = try await wiring.client.call("echo", bytes: [], on: target)
                Issue.record("the call went through")
            } catch let error as RPCConnectionError {
                #expect(error.kind == .notConnected)
                #expect(error.description.contains("no-such-host.invalid:\(target.port)"))
            }
        }
    }

    @Test func `shutdown fails open calls and refuses new ones`() async throws {
        try await Wiring.run { wiring in
            let held = Task { try await wiring.client.call("hold", bytes: [], on: wiring.target()) }
            try await eventually("the call is held") { wiring.service.heldCount == 1 }
            try await wiring.client.shutdown()
            await #expect(throws: RPCConnectionError.self) { try await held.value }
            await #expect(throws: RPCConnectionError.self) {
                try await wiring.client.call("echo", bytes: [], on: wiring.target())
            }
        }
    }

    @Test func `calls made with a callback are completed`() async throws {
        try await Wiring.run { wiring in
            let answer = try await withCheckedThrowingContinuation { continuation in
                wiring.client.send("echo", bytes: [4], on: wiring.target()) { continuation.resume(with: $0) }
            }
            #expect(answer == [4])
        }
    }
}
