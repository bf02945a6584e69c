import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Files that are handed on while they come.
@Suite(.timeLimit(.minutes(2))) struct StreamTests {
    private static let body = ResumeTests.body
    private static let tag = ResumeTests.tag

    private static func transfers() -> Transfers {
        let settings = TransferSettings(
            connectTimeout: .seconds(30),
            attemptsMaximum: 4,
            firstPause: .milliseconds(2),
            pauseMaximum: .milliseconds(5)
        )
        return Transfers(settings: settings, loop: TransferLoop(), chance: { 0.5 })
    }

    private final class Taken: Sendable {
        private let state = Mutex<(bytes: [UInt8], largest: Int)>(([], 0))
        let limit: Int

        init(upTo limit: Int = .max) {
            self.limit = limit
        }

        var bytes: [UInt8] { self.state.withLock { $0.bytes } }
        var largest: Int { self.state.withLock { $0.largest } }

        func take(_ piece: [UInt8]) -> Bool {
            self.state.withLock { state in
                state.bytes += piece
                state.largest = max(state.largest, piece.count)
                return state.bytes.count < self.limit
            }
        }
    }

    private func stream(_ location: ResourceLocation, _ taken: Taken) throws -> Bool {
        try Self.transfers().stream(location) { (piece) throws(TransferFailure) in taken.take(piece) }
    }

    /// What is asked for by `Range: bytes=N-`, from the version that was begun.
    private static func rest(_ request: LoopbackServer.Request, _ body: [UInt8], tag: String) -> [UInt8] {
        let line = request.head.split(separator: "\r\n").first { $0.hasPrefix("Range: bytes=") }
        guard let line, let start = Int(line.dropFirst(13).dropLast()),
            request.head.contains("If-Range: \(tag.dropFirst(6))")
        else { return LoopbackServer.ok(body, [tag, "Accept-Ranges: bytes"]) }
        return LoopbackServer.response(
            "206 Partial Content",
            [
                tag, "Content-Range: bytes \(start)-\(body.count - 1)/\(body.count)",
                "Content-Length: \(body.count - start)",
            ],
            body: Array(body[start...])
        )
    }

    @Test func `every byte comes once and in its order, over lines that break`() throws {
        let server = try LoopbackServer { request in
            let whole = Self.rest(request, Self.body, tag: Self.tag)
            return request.number < 3 ? Array(whole.dropLast(whole.count / 2)) : whole
        }
        defer { server.close() }
        let taken = Taken()
        #expect(try self.stream(server.location("/x"), taken))
        #expect(taken.bytes == Self.body)
        #expect(taken.largest < Self.body.count)
        #expect(server.requests.count == 4)
    }

    @Test func `whoever has enough ends it, and nothing more is asked for`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.ok(Self.body, [Self.tag]) }
        defer { server.close() }
        let taken = Taken(upTo: 10)
        #expect(try self.stream(server.location("/x"), taken) == false)
        #expect(Self.body.starts(with: taken.bytes) && taken.bytes.count < Self.body.count)
        #expect(server.requests.count == 1)
    }

    @Test func `a file that changed is not gone on from`() throws {
        let server = try LoopbackServer { request in
            let whole = Self.rest(request, Self.body, tag: request.number == 0 ? Self.tag : "ETag: \"two\"")
            return request.number == 0 ? Array(whole.dropLast(50_000)) : whole
        }
        defer { server.close() }
        let taken = Taken()
        let failure = #expect(throws: TransferFailure.self) { try self.stream(server.location("/x"), taken) }
        #expect(
            failure?.description.contains("from which it cannot be gone on") == true,
            "\(String(describing: failure))"
        )
        #expect(taken.bytes == Array(Self.body.prefix(50_000)))
    }

    @Test func `without a validator what broke is told, and nothing comes twice`() throws {
        let server = try LoopbackServer { _ in Array(LoopbackServer.ok(Self.body).dropLast(50_000)) }
        defer { server.close() }
        let taken = Taken()
        let failure = #expect(throws: TransferFailure.self) { try self.stream(server.location("/x"), taken) }
        #expect(failure?.description.contains("after 50000 bytes") == true, "\(String(describing: failure))")
        #expect(taken.bytes == Array(Self.body.prefix(50_000)))
        #expect(server.requests.count == 1)
    }

    @Test func `an answer without a length ends with its connection`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.response("200 OK", body: Self.body) }
        defer { server.close() }
        let taken = Taken()
        #expect(try self.stream(server.location("/x"), taken))
        #expect(taken.bytes == Self.body)
    }

    @Test func `a checksum that does not fit is told at the end`() throws {
        let stated = "Repr-Digest: sha-256=:\(String(repeating: "A", count: 43))=:"
        let server = try LoopbackServer { _ in LoopbackServer.ok(Self.body, [Self.tag, stated]) }
        defer { server.close() }
        let taken = Taken()
        let failure = #expect(throws: TransferFailure.self) { try self.stream(server.location("/x"), taken) }
        #expect(failure?.description.contains("its SHA-256 is") == true, "\(String(describing: failure))")
        #expect(taken.bytes == Self.body)
    }

    @Test func `a refusal hands nothing on`() throws {
        let server = try LoopbackServer { _ in
            LoopbackServer.response("404 Not Found", ["Content-Length: 1"], body: [1])
        }
        defer { server.close() }
        let taken = Taken()
        let failure = #expect(throws: TransferFailure.self) { try self.stream(server.location("/x"), taken) }
        #expect(failure?.status == 404)
        #expect(taken.bytes.isEmpty)
    }

    @Test func `a file of this machine is handed on in pieces`() throws {
        let folder = try TestFolder()
        let body = Array(repeatElement(Self.body, count: 10).joined())
        try folder.write("x", body)
        let taken = Taken()
        #expect(try self.stream(ResourceLocation(scheme: "file", path: "\(folder.path)/x"), taken))
        #expect(taken.bytes == body && taken.largest < body.count)
        let some = Taken(upTo: 1)
        #expect(try self.stream(ResourceLocation(scheme: "file", path: "\(folder.path)/x"), some) == false)
    }
}
