import HadoopProtos
import HadoopWire
import TestSupport
import Testing

@testable import HadoopRPC

/// Client and server over real sockets.
struct LoopbackTests {
    @Test func `a call brings back its answer and tells the service who called`() async throws {
        try await Wiring.run { wiring in
            var request = UserInformationProto()
            request.effectiveUser = "somebody"
            let answer = try await wiring.client.call(
                "name",
                request,
                returning: UserInformationProto.self,
                on: wiring.target(.simple(user: "alice/host@REALM"))
            )
            #expect(answer == request)
            let call = try #require(wiring.service.calls.first)
            #expect(call.caller == RPCCaller(user: "alice", authentication: .simple, address: "127.0.0.1"))
            #expect(call.protocolName == EchoService.name)
            #expect(call.protocolVersion == 1)
        }
    }

    @Test func `a token holder is known by the token's name`() async throws {
        try await Wiring.run(authentication: Wiring.tokens) { wiring in
            let token = Wiring.token("app1")
            let target = wiring.target(.token(user: "ignored", token))
            try await wiring.expectEcho([1, 2], method: "echo", on: target)
            let caller = try #require(wiring.service.calls.first?.caller)
            #expect(caller.user == "app1")
            #expect(caller.authentication == .token(kind: "test", identifier: Array("app1".utf8)))
        }
    }

    @Test func `a token with a wrong password is refused in the server's words`() async throws {
        try await Wiring.run(authentication: Wiring.tokens) { wiring in
            let forged = Wiring.token("app1", key: MasterKey(id: 7, bytes: [9]))
            await #expect(throws: RPCFailure.self) {
                try await wiring.client.call("echo", bytes: [], on: wiring.target(.token(user: "app1", forged)))
            }
            do {
                _ = try await wiring.client.call("echo", bytes: [], on: wiring.target(.token(user: "x", forged)))
            } catch let failure as RPCFailure {
                #expect(failure.exceptionClass == JavaClass.invalidToken)
                #expect(failure.code == .fatalUnauthorized)
                #expect(failure.isFatal)
            }
            #expect(wiring.service.calls.isEmpty)
        }
    }

    @Test func `a token that the server does not know is refused with its reason`() async throws {
        try await Wiring.run(authentication: Wiring.tokens) { wiring in
            do {
                let target = wiring.target(.token(user: "x", Wiring.token("eve")))
                _ = try await wiring.client.call("echo", bytes: [], on: target)
                Issue.record("the call went through")
            } catch let failure as RPCFailure {
                #expect(failure.message == "eve is no application")
            }
        }
    }

    @Test func `a port that takes tokens only says so to a client without one`() async throws {
        try await Wiring.run(authentication: Wiring.tokens) { wiring in
            do {
                _ = try await wiring.client.call("echo", bytes: [], on: wiring.target())
                Issue.record("the call went through")
            } catch let failure as RPCFailure {
                #expect(failure.exceptionClass == JavaClass.accessControl)
                #expect(failure.message == "SIMPLE authentication is not enabled.  Available:[TOKEN]")
            }
        }
    }

    @Test func `a token holder goes on without proof only if allowed to`() async throws {
        let target = { (wiring: Wiring) in wiring.target(.token(user: "bob", Wiring.token("app1"))) }
        try await Wiring.run { wiring in
            await #expect(throws: RPCConnectionError.self) {
                try await wiring.client.call("echo", bytes: [], on: target(wiring))
            }
        }
        try await Wiring.run(client: RPCClientConfiguration(allowsSimpleFallback: true)) { wiring in
            try await wiring.expectEcho([3], method: "echo", on: target(wiring))
            #expect(wiring.service.calls.first?.caller.user == "bob")
        }
    }

    @Test func `a port that takes tokens and names serves both`() async throws {
        var authentication = Wiring.tokens
        authentication.acceptsSimple = true
        try await Wiring.run(authentication: authentication) { wiring in
            let holder = wiring.target(.token(user: "app1", Wiring.token("app1")))
            try await wiring.expectEcho([1], method: "echo", on: holder)
            try await wiring.expectEcho([2])
            #expect(Set(wiring.service.calls.map(\.caller.user)) == ["app1", "alice"])
        }
    }

    @Test func `acting as somebody else needs leave`() async throws {
        let target = { (wiring: Wiring) in wiring.target(.simple(user: "alice", realUser: "proxy")) }
        try await Wiring.run { wiring in
            do {
                _ = try await wiring.client.call("echo", bytes: [], on: target(wiring))
                Issue.record("the call went through")
            } catch let failure as RPCFailure {
                #expect(failure.exceptionClass == JavaClass.authorization)
                #expect(failure.message == "User: proxy is not allowed to impersonate alice")
            }
        }
        var authentication = RPCServerAuthentication.simple
        authentication.impersonation = { realUser, user, address throws(RPCFailure) in
            guard realUser == "proxy", user == "alice", address == "127.0.0.1" else { throw .authorization("no") }
        }
        try await Wiring.run(authentication: authentication) { wiring in
            _ = try await wiring.client.call("echo", bytes: [], on: target(wiring))
            #expect(wiring.service.calls.first?.caller.realUser == "proxy")
        }
    }

    @Test func `errors carry class and text, and the connection goes on`() async throws {
        try await Wiring.run { wiring in
            let target = wiring.target()
            let expected: [(String, RPCFailure)] = [
                ("refuse", .applicationNotFound("no such application")),
                ("unheardOf", .noSuchMethod("unheardOf", protocolName: EchoService.name)),
                ("drop", .server("The server dropped the call without an answer")),
            ]
            for (method, failure) in expected {
                await #expect(throws: failure) { try await wiring.client.call(method, bytes: [], on: target) }
            }
            try await wiring.expectEcho([5], method: "twice", on: target)
            #expect(wiring.server.connectionCount == 1)
        }
    }

    @Test func `unknown protocols and versions are refused call by call`() async throws {
        try await Wiring.run { wiring in
            await #expect(throws: RPCFailure.noSuchProtocol("org.example.Other")) {
                try await wiring.client.call("x", bytes: [], on: wiring.target(protocolName: "org.example.Other"))
            }
            let mismatch = RPCFailure.versionMismatch(protocolName: EchoService.name, client: 9, server: 1)
            await #expect(throws: mismatch) {
                try await wiring.client.call("echo", bytes: [], on: wiring.target(version: 9))
            }
        }
    }

    @Test func `requests and answers that are not the message fail only their call`() async throws {
        try await Wiring.run { wiring in
            do {
                _ = try await wiring.client.call("name", bytes: [0xFF], on: wiring.target())
                Issue.record("the call went through")
            } catch let failure as RPCFailure {
                #expect(failure.code == .rpcServer)
            }
            do {
                _ = try await wiring.client.call("incomplete", bytes: [], on: wiring.target())
                Issue.record("the call went through")
            } catch let failure as RPCFailure {
                #expect(failure.code == .serializingResponse)
            }
            try await wiring.expectEcho([1])
        }
    }

    @Test func `a fatal answer ends the connection and every call on it`() async throws {
        try await Wiring.run { wiring in
            let held = Task { try await wiring.client.call("hold", bytes: [], on: wiring.target()) }
            try await eventually("the call is held") { wiring.service.heldCount == 1 }
            await #expect(throws: RPCFailure.self) {
                try await wiring.client.call("fatal", bytes: [], on: wiring.target())
            }
            await #expect(throws: RPCFailure.self) { try await held.value }
            try await wiring.expectEcho([1])
        }
    }

    @Test func `many calls share one connection and answers may overtake each other`() async throws {
        try await Wiring.run { wiring in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<100 {
                    tasks.addTask { _ = try await wiring.client.call("hold", bytes: [], on: wiring.target()) }
                }
                try await eventually("all calls are held") { wiring.service.heldCount == 100 }
                for number in UInt8(0)..<200 {
                    tasks.addTask {
                        let answer = try await wiring.client.call("echo", bytes: [number], on: wiring.target())
                        #expect(answer == [number])
                    }
                }
                try await eventually("the others are answered") { wiring.service.calls.count == 300 }
                wiring.service.release()
                try await tasks.waitForAll()
            }
            #expect(wiring.server.connectionCount == 1)
        }
    }

    @Test func `more calls than the limit wait their turn`() async throws {
        try await Wiring.run(limits: RPCServerLimits(callsInFlightMaximum: 4)) { wiring in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<50 {
                    tasks.addTask { _ = try await wiring.client.call("hold", bytes: [], on: wiring.target()) }
                }
                var answered = 0
                while answered < 50 {
                    try await eventually("calls arrive") { wiring.service.heldCount > 0 }
                    let held = wiring.service.heldCount
                    #expect(held <= 4)
                    wiring.service.release()
                    answered += held
                    try await eventually("the released are counted") { wiring.service.calls.count >= answered }
                    if wiring.service.calls.count == 50, wiring.service.heldCount == 0 { break }
                }
                try await tasks.waitForAll()
            }
            for number in UInt8(0)..<100 {
                try await wiring.expectEcho([number])
            }
        }
    }

    @Test func `a large request and answer pass`() async throws {
        try await Wiring.run { wiring in
            let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await wiring.expectEcho(bytes)
        }
    }

    @Test func `a request above the limit ends the connection with a reason`() async throws {
        try await Wiring.run(limits: RPCServerLimits(frameLengthMaximum: 10_000)) { wiring in
            do {
                let bytes = [UInt8](repeating: 0, count: 20_000)
                _ = try await wiring.client.call("echo", bytes: bytes, on: wiring.target())
                Issue.record("the call went through")
            } catch let failure as RPCFailure {
                #expect(failure.message.hasSuffix("is longer than maximum configured RPC length 10000"))
            }
            try await wiring.expectEcho([1])
        }
    }

    @Test func `shutdown lets open calls end`() async throws {
        try await Wiring.run { wiring in
            async let held = wiring.client.call("hold", bytes: [], on: wiring.target())
            try await eventually("the call is held") { wiring.service.heldCount == 1 }
            async let shutdown: Void = wiring.server.shutdown()
            wiring.service.release()
            let answer = try await held
            #expect(answer == [])
            try await shutdown
            do {
                _ = try await wiring.client.call("echo", bytes: [], on: wiring.target())
                Issue.record("the call went through")
            } catch let error as RPCConnectionError {
                #expect(error.kind == .notConnected)
                #expect(error.description.contains("127.0.0.1:\(wiring.server.port)"))
            }
        }
    }
}
