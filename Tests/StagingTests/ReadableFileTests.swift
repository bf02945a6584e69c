import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Parts of files, wherever these are.
@Suite(.timeLimit(.minutes(1))) struct ReadableFileTests {
    private let folder: TestFolder
    private static let content = Array((0..<1_000).flatMap { Array("line \($0)\n".utf8) })

    init() throws {
        self.folder = try TestFolder()
    }

    private static let transfers = Transfers(
        settings: TransferSettings(attemptsMaximum: 2, firstPause: .milliseconds(1))
    )

    /// What a request asks for, in either way of asking.
    private static func part(_ request: LoopbackServer.Request) -> Range<Int> {
        let mark = "Range: bytes="
        if let line = request.head.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix(mark) }) {
            let ends = line.dropFirst(mark.count).split(separator: "-").compactMap { Int($0) }
            return ends[0]..<min(Self.content.count, ends[1] + 1)
        }
        func number(_ name: String) -> Int {
            let words = request.path.split { "?&".contains($0) }
            return words.first { $0.hasPrefix("\(name)=") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
        }
        return number("offset")..<min(Self.content.count, number("offset") + number("length"))
    }

    private static func check(_ file: any ReadableFile) throws {
        #expect(file.status.length == Int64(Self.content.count))
        for part in [0..<1, 0..<Self.content.count, 17..<4_017, Self.content.count - 1..<Self.content.count] {
            let bytes = try file.bytes(at: Int64(part.lowerBound), count: part.count)
            #expect(bytes == Array(Self.content[part]))
        }
        #expect(throws: TransferFailure.self) { try file.bytes(at: Int64(Self.content.count) - 3, count: 4) }
    }

    @Test
    func `parts of a local file are read where they are, also when its name is gone`() throws {
        let path = "\(self.folder.path)/log"
        let target = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o600)
        try unsafe Self.content.withUnsafeBytes { unsafe try target.write($0, path: path) }
        let file = try Self.transfers.open(ResourceLocation(scheme: "file", path: path))
        _ = unsafe unlink(path)
        try Self.check(file)
        #expect(throws: TransferFailure.self) {
            try Self.transfers.open(ResourceLocation(scheme: "file", path: self.folder.path))
        }
        let absent = #expect(throws: TransferFailure.self) {
            try Self.transfers.open(ResourceLocation(scheme: "file", path: "\(self.folder.path)/absent"))
        }
        #expect(absent?.status == 404)
    }

    @Test(arguments: ["webhdfs", "http"])
    func `of a remote file nothing comes but what is asked for`(scheme: String) throws {
        let sent = Mutex(0)
        let server = try LoopbackServer { request in
            if request.path.contains("GETFILESTATUS") {
                let text =
                    #"{"FileStatus":{"type":"FILE","length":\#(Self.content.count),"modificationTime":1,"#
                    + #""permission":"644"}}"#
                return LoopbackServer.ok(Array(text.utf8))
            }
            if request.head.hasPrefix("HEAD ") {
                return LoopbackServer.response("200 OK", ["Content-Length: \(Self.content.count)"])
            }
            let part = Self.part(request)
            sent.withLock { $0 += part.count }
            let said = "Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/\(Self.content.count)"
            return scheme == "http"
                ? LoopbackServer.response(
                    "206 Partial Content",
                    [said, "Content-Length: \(part.count)"],
                    body: Array(Self.content[part])
                )
                : LoopbackServer.ok(Array(Self.content[part]))
        }
        defer { server.close() }
        let location = ResourceLocation(scheme: scheme, host: "127.0.0.1", port: server.port, path: "/logs/a_1")
        let file = try Self.transfers.open(location, user: "alice")
        #expect(sent.withLock { $0 } == 0)
        _ = try file.bytes(at: 500, count: 10)
        #expect(sent.withLock { $0 } == 10)
        try Self.check(file)
    }

    @Test
    func `a server that answers with another part is not believed`() throws {
        let server = try LoopbackServer { request in
            request.head.hasPrefix("HEAD ")
                ? LoopbackServer.response("200 OK", ["Content-Length: 100"])
                : LoopbackServer.response(
                    "206 Partial Content",
                    ["Content-Range: bytes 0-3/100", "Content-Length: 4"],
                    body: Array("0123".utf8)
                )
        }
        defer { server.close() }
        let file = try Self.transfers.open(server.location("/log"))
        #expect(try file.bytes(at: 0, count: 4) == Array("0123".utf8))
        #expect(throws: TransferFailure.self) { try file.bytes(at: 4, count: 4) }
        #expect(throws: TransferFailure.self) { try file.bytes(at: 0, count: 5) }
    }

    @Test
    func `a short answer comes with its status, and with how much there is of what it is a part of`() throws {
        let server = try LoopbackServer { request in
            switch request.path {
            case "/part?a=b%20c":
                LoopbackServer.response(
                    "206 Partial Content",
                    ["Content-Range: bytes 2-3/10", "Content-Length: 2"],
                    body: Array("cd".utf8)
                )
            case "/end": LoopbackServer.response("416 Range Not Satisfiable", ["Content-Range: bytes */10"])
            default: LoopbackServer.response("403 Forbidden", ["Content-Length: 2"], body: Array("no".utf8))
            }
        }
        defer { server.close() }
        let part = try Self.transfers.ask(server.location("/part"), query: [("a", "b c")], part: 2..<4)
        #expect(part == WebReply(status: 206, body: Array("cd".utf8), total: 10))
        #expect(try Self.transfers.ask(server.location("/end"), part: 10..<20).total == 10)
        let refused = try Self.transfers.ask(server.location("/other"))
        #expect(refused == WebReply(status: 403, body: Array("no".utf8), total: nil))
        server.close()
        let failure = #expect(throws: TransferFailure.self) { try Self.transfers.ask(server.location("/")) }
        #expect(failure?.isTransient == true)
    }
}
