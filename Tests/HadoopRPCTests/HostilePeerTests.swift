import HadoopWire
import NIOCore
import TestSupport
import Testing

@testable import HadoopRPC

/// Peers that break the protocol, by accident or on purpose: each must cost the server little and harm nobody else.
struct HostilePeerTests {
    private let preamble: [UInt8] = [0x68, 0x72, 0x70, 0x63, 9, 0, 0]

    /// A client's bytes for one call as `alice`.
    private func conversation(method: String = "echo", request: [UInt8] = [7]) -> [UInt8] {
        let machine = ClientConnection(
            protocolName: EchoService.name,
            identity: .simple(user: "alice", realUser: nil),
            clientID: [UInt8](repeating: 1, count: 16),
            cnonce: "",
            responseLengthMaximum: 1000
        )
        var bytes = machine.opening
        let signature = CallSignature(method: method, protocolName: EchoService.name, protocolVersion: 1)
        RequestFrame.appendCall(
            0,
            clientID: [UInt8](repeating: 1, count: 16),
            signature: signature,
            request: request,
            to: &bytes
        )
        return bytes
    }

    @Test func `a browser gets a page that says what the port is`() async throws {
        try await Wiring.run { wiring in
            let browser = try await wiring.rawConnection()
            try await browser.send(Array("GET /cluster HTTP/1.1\r\nHost: rm\r\n\r\n".utf8))
            try await eventually("the connection closes") { browser.isClosed }
            #expect(browser.receivedText.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            #expect(browser.receivedText.contains("Hadoop IPC port"))
        }
    }

    @Test(arguments: [3, 8, 10] as [UInt8]) func `another IPC version is told ours`(version: UInt8) async throws {
        try await Wiring.run { wiring in
            let peer = try await wiring.rawConnection()
            try await peer.send([0x68, 0x72, 0x70, 0x63, version, 0, 0])
            try await eventually("the connection closes") { peer.isClosed }
            #expect(peer.receivedText.contains("org.apache.hadoop.ipc.RPC$VersionMismatch"))
            #expect(
                peer.receivedText.contains("Server IPC version 9 cannot communicate with client version \(version)")
            )
        }
    }

    @Test func `an unknown authentication byte is refused`() async throws {
        try await Wiring.run { wiring in
            let peer = try await wiring.rawConnection()
            try await peer.send([0x68, 0x72, 0x70, 0x63, 9, 0, 0xDE])
            try await eventually("the connection closes") { peer.isClosed }
            #expect(peer.receivedText.contains("org.apache.hadoop.ipc.IpcException"))
            #expect(peer.receivedText.contains("Unknown auth protocol:-34"))
        }
    }

    @Test(
        arguments: [
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00],
            [0x68, 0x72, 0x70, 0x63, 9, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x68, 0x72, 0x70, 0x63, 9, 0, 0, 0, 0, 0, 0],
            [0x68, 0x72, 0x70, 0x63, 9, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF],
            [0x68, 0x72, 0x70, 0x63, 9, 0, 0, 0, 0, 0, 2, 0xFF, 0xFF],
            [0x68, 0x72, 0x70, 0x63, 9, 0, 0xDF, 0, 0, 0, 3, 2, 0x18, 0x05],
        ] as [[UInt8]]
    ) func `garbage closes its connection and no other`(garbage: [UInt8]) async throws {
        try await Wiring.run { wiring in
            try await wiring.expectEcho([1])
            let peer = try await wiring.rawConnection()
            try await peer.send(garbage)
            try await eventually("the connection closes") { peer.isClosed }
            try await wiring.expectEcho([2])
            try await eventually("only the client is left") { wiring.server.connectionCount == 1 }
        }
    }

    @Test func `a call before the context is refused`() async throws {
        try await Wiring.run { wiring in
            let peer = try await wiring.rawConnection()
            var bytes = self.preamble
            let signature = CallSignature(method: "echo", protocolName: EchoService.name, protocolVersion: 1)
            RequestFrame.appendCall(0, clientID: [], signature: signature, request: [], to: &bytes)
            try await peer.send(bytes)
            try await eventually("the connection closes") { peer.isClosed }
            #expect(peer.receivedText.contains("Connection context not found"))
            #expect(wiring.service.calls.isEmpty)
        }
    }

    @Test func `a megabyte before authentication is refused`() async throws {
        try await Wiring.run { wiring in
            let peer = try await wiring.rawConnection()
            try await peer.send(self.preamble + [0, 0x10, 0, 0])
            try await eventually("the connection closes") { peer.isClosed }
            #expect(peer.receivedText.contains("longer than maximum configured RPC length 65536"))
        }
    }

    @Test func `unfinished requests share one bound, and who crosses it goes`() async throws {
        try await Wiring.run(limits: RPCServerLimits(bytesHeldMaximum: 2_500_000)) { wiring in
            var peers: [RawConnection] = []
            for _ in 0..<3 {
                let peer = try await wiring.rawConnection()
                peer.push(self.conversation() + [0, 0x20, 0, 0] + [UInt8](repeating: 0, count: 1_000_000))
                peers.append(peer)
            }
            try await eventually("one is closed") { peers.contains { $0.isClosed } }
            let closed = peers.filter(\.isClosed)
            #expect(closed.count == 1)
            #expect(closed.first?.receivedText.contains("too many unfinished requests") == true)
            try await wiring.expectEcho([1])
        }
    }

    @Test func `bytes that drip in are understood`() async throws {
        try await Wiring.run { wiring in
            let peer = try await wiring.rawConnection()
            for byte in self.conversation() { try await peer.send([byte]) }
            try await eventually("the answer comes") { !peer.received.isEmpty }
            #expect(peer.received.suffix(2) == [1, 7])
            await peer.close()
        }
    }

    @Test func `a peer that closes its half still gets its answer`() async throws {
        try await Wiring.run { wiring in
            let peer = try await wiring.rawConnection()
            try await peer.send(self.conversation(method: "hold"))
            try await eventually("the call is held") { wiring.service.heldCount == 1 }
            await peer.closeOutput()
            wiring.service.release()
            try await eventually("the connection closes") { peer.isClosed }
            #expect(!peer.received.isEmpty)
        }
    }

    @Test func `an endless handshake is cut off`() async throws {
        try await Wiring.run(handshakeTimeout: .milliseconds(60)) { wiring in
            let silent = try await wiring.rawConnection()
            let dripping = try await wiring.rawConnection()
            for byte in self.preamble + [0, 0, 0] { dripping.push([byte]) }
            try await eventually("both close") { silent.isClosed && dripping.isClosed }
        }
    }

    @Test func `an endless request is cut off, an open call is not`() async throws {
        let limits = RPCServerLimits(frameTimeout: .milliseconds(60))
        try await Wiring.run(limits: limits) { wiring in
            async let held = wiring.client.call("hold", bytes: [], on: wiring.target())
            let peer = try await wiring.rawConnection()
            try await peer.send(self.conversation() + [0, 0, 1])
            try await eventually("the connection closes") { peer.isClosed }
            wiring.service.release()
            let answer = try await held
            #expect(answer == [])
        }
    }

    @Test func `an idle connection closes at its limit`() async throws {
        let limits = RPCServerLimits(idleTimeoutMaximum: .milliseconds(40))
        try await Wiring.run(limits: limits) { wiring in
            // On a busy machine the limit may pass before the first call is made, and the client may learn of the end only
            // from its next call: both are told as such, and the call after it has a connection of its own.
            func isEchoed(_ bytes: [UInt8]) async -> Bool {
                (try? await wiring.client.call("echo", bytes: bytes, on: wiring.target())) == bytes
            }
            try await eventually("a call is answered") { await isEchoed([]) }
            try await eventually("the connection closes") { wiring.server.connectionCount == 0 }
            try await eventually("another call is answered") { await isEchoed([1]) }
        }
    }

    @Test func `a peer that reads nothing stops being read, and is cut off`() async throws {
        let limits = RPCServerLimits(writeTimeout: .milliseconds(200))
        try await Wiring.run(limits: limits) { wiring in
            let peer = try await RawConnection(port: wiring.server.port, group: wiring.group, readsAnswers: false)
            try await peer.send(self.conversation())
            let frame = self.callFrame(request: [UInt8](repeating: 9, count: 60_000))
            for _ in 0..<1000 { peer.push(frame) }
            try await eventually("the connection closes") { wiring.server.connectionCount == 0 }
            #expect(wiring.service.calls.count < 1000)
            await peer.close()
        }
    }

    private func callFrame(request: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        let signature = CallSignature(method: "echo", protocolName: EchoService.name, protocolVersion: 1)
        RequestFrame.appendCall(1, clientID: [], signature: signature, request: request, to: &bytes)
        return bytes
    }

    @Test func `above the limit the connection that was silent for longest makes room`() async throws {
        try await Wiring.run(limits: RPCServerLimits(connectionsMaximum: 3)) { wiring in
            var peers: [RawConnection] = []
            for _ in 0..<3 {
                peers.append(try await wiring.rawConnection())
                try await eventually("it is counted") { wiring.server.connectionCount == peers.count }
            }
            // The oldest speaks, so the second is the one that was silent for longest.
            try await peers[0].send(self.conversation())
            try await eventually("the answer comes") { !peers[0].received.isEmpty }
            let fourth = try await wiring.rawConnection()
            try await eventually("the silent one is closed") { peers[1].isClosed }
            #expect(!peers[0].isClosed && !peers[2].isClosed && !fourth.isClosed)
            #expect(wiring.server.connectionCount == 3)
            try await wiring.expectEcho([1])
            try await eventually("the third made room") { peers[2].isClosed }
        }
    }

    @Test func `a thousand idle connections leave the server working`() async throws {
        let openFiles = try #require(OpenFileLimit.current)
        try #require(openFiles >= 4096, "this test opens 2000 sockets: raise `ulimit -n` to 4096")
        let limits = RPCServerLimits(idleTimeout: .milliseconds(100), idleThreshold: 500)
        try await Wiring.run(limits: limits) { wiring in
            try await withThrowingTaskGroup(of: RawConnection.self) { tasks in
                var peers: [RawConnection] = []
                for _ in 0..<1000 { tasks.addTask { try await wiring.rawConnection() } }
                for try await peer in tasks {
                    peers.append(peer)
                    peer.push(self.conversation())
                }
                try await eventually("all have called") { wiring.service.calls.count == 1000 }
                try await wiring.expectEcho([1])
                try await eventually("the idle ones go") { wiring.server.connectionCount <= 500 }
                try await wiring.expectEcho([2])
                for peer in peers { await peer.close() }
            }
        }
    }
}
