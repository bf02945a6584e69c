import Logging
import Synchronization
import Testing

@testable import EngineLink

/// An application's processes find each other, and nobody else gets in.
@Suite(.timeLimit(.minutes(2))) struct LinkTests {
    private static let secret = ApplicationSecret(application: "application_1_0001")
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func server(_ handler: @escaping ControlServer.Handler) throws -> ControlServer {
        try ControlServer.start(host: "127.0.0.1", secret: Self.secret, logger: Self.logger, handler)
    }

    private func client(_ server: ControlServer, _ secret: ApplicationSecret = LinkTests.secret) -> ControlClient {
        ControlClient(host: "127.0.0.1", port: server.port, secret: secret, logger: Self.logger)
    }

    @Test func `a call with the secret is answered`() throws {
        let server = try self.server { method, request, answer in answer.succeed(Array(method.utf8) + request) }
        let client = self.client(server)
        defer {
            client.close()
            server.stop()
        }
        #expect(try client.call("echo", [1, 2, 3]) == Array("echo".utf8) + [1, 2, 3])
    }

    @Test func `an answer may come later, and a refusal says why`() throws {
        let parked = Mutex<ControlAnswer?>(nil)
        let server = try self.server { method, _, answer in
            if method == "wait" { return parked.withLock { $0 = answer } }
            parked.withLock { $0?.succeed([7]) }
            answer.fail("there is no \(method)")
        }
        let client = self.client(server)
        defer {
            client.close()
            server.stop()
        }
        let late = Mutex<[UInt8]?>(nil)
        client.send("wait", []) { result in late.withLock { $0 = try? result.get() } }
        // One connection: what was sent first is there first.
        let error = #expect(throws: (any Error).self) { try client.call("other", []) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("there is no other"))
        // The connection is closed only after both answers.
        client.close()
        #expect(late.withLock { $0 } == [7])
    }

    @Test(arguments: [
        ApplicationSecret(application: "application_1_0001"), ApplicationSecret(application: "application_1_0002"),
    ])
    func `a caller with another secret is refused`(secret: ApplicationSecret) throws {
        let server = try self.server { _, _, answer in answer.succeed([]) }
        let client = self.client(server, secret)
        defer {
            client.close()
            server.stop()
        }
        #expect(throws: (any Error).self) { try client.call("echo", []) }
    }

    @Test func `blocks are served to the application`() throws {
        let large = [UInt8](repeating: 5, count: 20 << 20)
        let server = try BlockServer.start(host: "127.0.0.1", secret: Self.secret, logger: Self.logger) { name in
            name == "large" ? [.bytes([1]), .bytes(large), .bytes([])] : name == "empty" ? [] : nil
        }
        defer { server.stop() }
        let client = BlockClient(secret: Self.secret)
        #expect(try client.fetch("large", from: "127.0.0.1", port: server.port) == [1] + large)
        #expect(try client.fetch("empty", from: "127.0.0.1", port: server.port) == [])
        let error = #expect(throws: (any Error).self) {
            try client.fetch("other", from: "127.0.0.1", port: server.port)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("404"))
    }

    @Test func `an outsider gets no block`() throws {
        let server = try BlockServer.start(host: "127.0.0.1", secret: Self.secret, logger: Self.logger) { _ in
            [.bytes([1])]
        }
        defer { server.stop() }
        let outsider = BlockClient(secret: ApplicationSecret(application: Self.secret.application))
        let error = #expect(throws: (any Error).self) {
            try outsider.fetch("large", from: "127.0.0.1", port: server.port)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("403"))
    }

    @Test func `this machine is seen from itself by the address that is asked for`() {
        #expect(LocalAddress.toward(host: "127.0.0.1", port: 9) == "127.0.0.1")
        #expect(LocalAddress.toward(host: "no.such.host.invalid", port: 9) == nil)
    }

    @Test func `the secret travels as a token and says nothing of itself`() {
        let text = "\(Self.secret) \(Self.secret.token)"
        #expect(!text.contains("password"))
        #expect(text.contains("application_1_0001"))
        #expect(ApplicationSecret(application: "a").password != ApplicationSecret(application: "a").password)
    }
}
