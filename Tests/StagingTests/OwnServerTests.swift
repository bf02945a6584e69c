import Crypto
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Staging

/// What a client does in one request once it knows that a WebHDFS server is Heddle's own, and what if another has taken its place.
@Suite(.timeLimit(.minutes(1))) struct OwnServerTests {
    private let folder: TestFolder
    private let transfers: Transfers

    init() throws {
        self.folder = try TestFolder()
        self.transfers = Transfers(
            settings: TransferSettings(attemptsMaximum: 3, firstPause: .milliseconds(1)),
            loop: TransferLoop(),
            chance: { 0.5 }
        )
    }

    private static let text = "bytes"

    private static func digest(_ text: String) -> String {
        "Repr-Digest: sha-256=:\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()):"
    }

    private static func status(_ text: String) -> [UInt8] {
        let hash = Hexadecimal.text(SHA256.hash(data: Data(text.utf8)))
        return LoopbackServer.ok(
            Array(
                (#"{"FileStatus":{"type":"FILE","length":\#(text.utf8.count),"modificationTime":1,"permission":"644","#
                    + #""fileId":7,"underConstruction":false,"contentSHA256":"\#(hash)"}}"#).utf8
            )
        )
    }

    private static func opened(_ text: String, _ lines: [String]) -> [UInt8] {
        LoopbackServer.response(
            "200 OK",
            lines + ["Content-Length: \(text.utf8.count)"],
            body: Array(text.utf8)
        )
    }

    private func download(_ server: LoopbackServer) throws -> String {
        try self.transfers.download(server.webHDFS("/d/f"), to: "\(self.folder.path)/target", user: "alice")
        return String(decoding: try self.folder.read("target"), as: UTF8.self)
    }

    private func upload(_ server: LoopbackServer, size: Int = 5) throws {
        try self.folder.write("source", [UInt8](repeating: 120, count: size))
        try self.transfers.upload("\(self.folder.path)/source", to: server.webHDFS("/d/f"), user: "alice")
    }

    /// What was asked for, without what is the same in all.
    private static func operations(_ server: LoopbackServer) -> [String] {
        server.requests.map { request in
            let words = request.path.split(separator: "?").last?.split(separator: "&") ?? []
            return words.filter { ["op", "data", "offset", "heddle.stream"].contains($0.prefix { $0 != "=" }) }
                .joined(separator: "&")
        }
    }

    /// Answers uploads as Heddle does, and as another server from the time on when `isOwn` says so.
    private static func takes(_ isOwn: @escaping @Sendable (Int) -> Bool) throws -> LoopbackServer {
        try LoopbackServer { request in
            let isSecond = request.path.contains("stream=")
            let isWhole = isOwn(request.number) && request.path.contains("data=true")
            if isSecond || isWhole { return LoopbackServer.response("201 Created", ["Content-Length: 0"]) }
            let mark = isOwn(request.number) ? "heddle.stream=1" : "stream=1"
            let location = "Location: http://\(request.host)\(request.path)&\(mark)"
            return LoopbackServer.response("307 Temporary Redirect", [location, "Content-Length: 0"])
        }
    }

    @Test func `short files go up with the first step when the server is known, long ones as before`() throws {
        let server = try Self.takes { _ in true }
        defer { server.close() }
        try self.upload(server)
        try self.upload(server)
        try self.upload(server, size: 64 << 10)
        try self.upload(server, size: (64 << 10) + 1)
        #expect(
            Self.operations(server) == [
                "op=CREATE", "op=CREATE&heddle.stream=1", "op=CREATE&data=true", "op=CREATE&data=true", "op=CREATE",
                "op=CREATE&heddle.stream=1",
            ]
        )
    }

    @Test func `where another server has taken its place the bytes go where that one says`() throws {
        let server = try Self.takes { $0 < 2 }
        defer { server.close() }
        for _ in 0..<3 { try self.upload(server) }
        #expect(
            Self.operations(server) == [
                "op=CREATE", "op=CREATE&heddle.stream=1", "op=CREATE&data=true", "op=CREATE&data=true", "op=CREATE",
                "op=CREATE",
            ]
        )
    }

    @Test func `a known server is asked for the bytes alone`() throws {
        let server = try LoopbackServer { request in
            guard request.path.contains("op=OPEN") else { return Self.status(Self.text) }
            return Self.opened(Self.text, ["ETag: \"1\"", Self.digest(Self.text)])
        }
        defer { server.close() }
        for _ in 0..<3 { #expect(try self.download(server) == Self.text) }
        #expect(Self.operations(server) == ["op=GETFILESTATUS", "op=OPEN", "op=OPEN", "op=OPEN"])
        // What the bytes do not tell is asked for all the same.
        _ = try self.transfers.status(of: server.webHDFS("/d/f"), user: "alice")
        let target = try OwnedDescriptor.open("\(self.folder.path)/target", O_RDWR | O_CREAT | O_TRUNC, mode: 0o600)
        let size = try self.transfers.fetch(
            server.webHDFS("/d/f"),
            expecting: ResourceExpectation(timestamp: 1),
            as: nil,
            user: "alice",
            into: target,
            path: "target",
            cancellation: Cancellation()
        )
        #expect(size == 5)
        #expect(Self.operations(server).suffix(3) == ["op=GETFILESTATUS", "op=GETFILESTATUS", "op=OPEN"])
    }

    @Test func `bytes that are not those of the stated hash are not taken`() throws {
        let server = try LoopbackServer { request in
            guard request.path.contains("op=OPEN") else { return Self.status(Self.text) }
            return Self.opened(Self.text, ["ETag: \"1\"", Self.digest(request.number < 2 ? Self.text : "others")])
        }
        defer { server.close() }
        #expect(try self.download(server) == Self.text)
        let failure = #expect(throws: TransferFailure.self) { try self.download(server) }
        #expect(failure?.description.contains("did not arrive as it was sent") == true, "\(failure as Any)")
    }

    @Test func `a part where the whole file was asked for is not taken`() throws {
        let server = try LoopbackServer { request in
            guard request.path.contains("op=OPEN") else { return Self.status(Self.text) }
            guard request.number >= 2 else { return Self.opened(Self.text, ["ETag: \"1\""]) }
            return LoopbackServer.response("206 Partial Content", ["Content-Length: 2"], body: Array("by".utf8))
        }
        defer { server.close() }
        #expect(try self.download(server) == Self.text)
        let failure = #expect(throws: TransferFailure.self) { try self.download(server) }
        #expect(failure?.description.contains("206 Partial Content") == true, "\(failure as Any)")
        // Looked at first, since it is not the server that it was.
        #expect(Self.operations(server).dropFirst(2).prefix(3) == ["op=OPEN", "op=GETFILESTATUS", "op=OPEN"])
    }

    @Test func `a server that tells no state is asked for it the next time`() throws {
        let server = try LoopbackServer { request in
            guard request.path.contains("op=OPEN") else { return Self.status(Self.text) }
            return Self.opened(Self.text, request.number < 2 ? ["ETag: \"1\""] : [])
        }
        defer { server.close() }
        for _ in 0..<4 { #expect(try self.download(server) == Self.text) }
        #expect(
            Self.operations(server) == [
                "op=GETFILESTATUS", "op=OPEN", "op=OPEN", "op=GETFILESTATUS", "op=OPEN", "op=OPEN",
            ]
        )
    }

    /// - Parameter isSame: whether the file is the same when the second connection asks for the rest.
    @Test(arguments: [true, false])
    func `a download that breaks goes on in the same file only`(isSame: Bool) throws {
        let server = try LoopbackServer { request in
            guard request.path.contains("op=OPEN") else { return Self.status(Self.text) }
            switch request.number {
            case 1: return Self.opened(Self.text, ["ETag: \"1\"", Self.digest(Self.text)])
            case 2:
                let head = LoopbackServer.response(
                    "200 OK",
                    ["ETag: \"1\"", Self.digest(Self.text), "Content-Length: 5"]
                )
                return head + Array("byt".utf8)
            default:
                let text = isSame ? Self.text : "BYTES"
                let isRest = request.path.contains("offset=3")
                return Self.opened(
                    isRest ? String(text.suffix(2)) : text,
                    ["ETag: \"\(isSame ? 1 : 2)\"", Self.digest(text)]
                )
            }
        }
        defer { server.close() }
        #expect(try self.download(server) == Self.text)
        #expect(try self.download(server) == (isSame ? Self.text : "BYTES"))
        #expect(Self.operations(server)[3] == "op=OPEN&offset=3")
        #expect(Self.operations(server).count == (isSame ? 4 : 5))
    }

    @Test func `what is refused says so in the server's words`() throws {
        let server = try LoopbackServer { request in
            if request.number == 0 { return Self.status(Self.text) }
            let text = #"{"RemoteException":{"exception":"FileNotFoundException","message":"File /d/f not found."}}"#
            return LoopbackServer.response(
                "404 Not Found",
                ["Content-Length: \(text.utf8.count)"],
                body: Array(text.utf8)
            )
        }
        defer { server.close() }
        _ = try self.transfers.status(of: server.webHDFS("/d/f"), user: "alice")
        let failure = #expect(throws: TransferFailure.self) { try self.download(server) }
        #expect(failure?.status == 404)
        #expect(failure?.description.contains("File /d/f not found.") == true, "\(failure as Any)")
        #expect(Self.operations(server) == ["op=GETFILESTATUS", "op=OPEN"])
    }
}
