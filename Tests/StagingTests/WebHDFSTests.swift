import Glibc
import TestSupport
import Testing

@testable import Staging

@Suite(.timeLimit(.minutes(1))) struct WebHDFSTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    private static func status(_ type: String, length: Int, permission: String = "644") -> [UInt8] {
        let text =
            #"{"FileStatus":{"type":"\#(type)","length":\#(length),"modificationTime":1700000000123,"#
            + #""permission":"\#(permission)","owner":"alice"}}"#
        return LoopbackServer.ok(Array(text.utf8))
    }

    private func fetch(
        _ server: LoopbackServer,
        _ expectation: ResourceExpectation,
        path: String = "/d/a b&c.jar",
        checksums: TransferSettings.Checksums = .stated
    ) throws -> Int64 {
        let target = try OwnedDescriptor.open("\(self.folder.path)/target", O_RDWR | O_CREAT | O_TRUNC, mode: 0o600)
        let location = server.webHDFS(path)
        var settings = TransferSettings(attemptsMaximum: 2, firstPause: .milliseconds(1))
        settings.checksums = checksums
        return try Transfers(settings: settings).fetch(
            location,
            expecting: expectation,
            as: nil,
            user: "alice",
            into: target,
            path: "target",
            cancellation: Cancellation()
        )
    }

    @Test func `a file is asked for as its reader, and taken when time and size are the expected ones`() throws {
        let server = try LoopbackServer { request in
            request.path.contains("op=OPEN") ? LoopbackServer.ok(Array("jar".utf8)) : Self.status("FILE", length: 3)
        }
        defer { server.close() }
        #expect(try self.fetch(server, ResourceExpectation(timestamp: 1_700_000_000_123, size: 3)) == 3)
        #expect(try self.folder.read("target") == Array("jar".utf8))
        let call = "/webhdfs/v1/d/a%20b&c.jar?op="
        #expect(
            server.requests.map(\.path) == ["\(call)GETFILESTATUS&user.name=alice", "\(call)OPEN&user.name=alice"]
        )
        let changed = #expect(throws: TransferFailure.self) {
            try self.fetch(server, ResourceExpectation(timestamp: 1_700_000_000_124))
        }
        #expect(changed?.description.contains("changed on src filesystem") == true)
    }

    @Test func `the machines that hold a file's blocks are known by name and address`() throws {
        let server = try LoopbackServer { _ in
            let text =
                #"{"BlockLocations":{"BlockLocation":["#
                + #"{"hosts":["n1","n2"],"names":["10.0.0.1:9866","n2:9866"],"offset":0,"length":5,"corrupt":false},"#
                + #"{"hosts":["n3"],"offset":5,"length":2},{"hosts":["n4"],"offset":-1,"length":2}]}}"#
            return LoopbackServer.ok(Array(text.utf8))
        }
        defer { server.close() }
        let location = server.webHDFS("/f")
        let blocks = try Transfers(settings: TransferSettings()).blocks(of: location, length: 7, user: "alice")
        #expect(
            blocks == [
                FileBlock(range: 0..<5, hosts: ["n1", "n2", "10.0.0.1"]), FileBlock(range: 5..<7, hosts: ["n3"]),
            ]
        )
        let asked = "/webhdfs/v1/f?op=GETFILEBLOCKLOCATIONS&offset=0&length=7&user.name=alice"
        #expect(server.requests.map(\.path) == [asked])
    }

    @Test func `a gateway's redirect to where the bytes are is followed`() throws {
        let store = try LoopbackServer { _ in LoopbackServer.ok(Array("far".utf8)) }
        defer { store.close() }
        let server = try LoopbackServer { request in
            guard request.path.contains("op=OPEN") else { return Self.status("FILE", length: 3) }
            let location = "Location: http://127.0.0.1:\(store.port)/block"
            return LoopbackServer.response("307 Temporary Redirect", [location, "Content-Length: 0"])
        }
        defer { server.close() }
        #expect(try self.fetch(server, ResourceExpectation()) == 3)
        #expect(try self.folder.read("target") == Array("far".utf8))
    }

    @Test func `a file that grows or shrinks on the way is not taken`() throws {
        let server = try LoopbackServer { request in
            request.path.contains("op=OPEN") ? LoopbackServer.ok(Array("more".utf8)) : Self.status("FILE", length: 3)
        }
        defer { server.close() }
        #expect(throws: TransferFailure.self) { try self.fetch(server, ResourceExpectation()) }
        // Once more, since it may have been replaced between the two calls.
        #expect(server.requests.count == 4)
    }

    /// The bytes go where the first step says, and nowhere further.
    @Test func `a second step that is sent in circles is given up`() throws {
        let server = try LoopbackServer { request in
            let location = "Location: http://\(request.host)\(request.path)&again=true"
            return LoopbackServer.response("307 Temporary Redirect", [location, "Content-Length: 0"])
        }
        defer { server.close() }
        try self.folder.write("source", Array("bytes".utf8))
        let location = server.webHDFS("/d/f")
        let settings = TransferSettings(attemptsMaximum: 5, firstPause: .milliseconds(1))
        let failure = #expect(throws: TransferFailure.self) {
            try Transfers(settings: settings).upload("\(self.folder.path)/source", to: location, user: "alice")
        }
        #expect(failure?.description.contains("cannot be written") == true, "\(failure as Any)")
        #expect(failure?.description.contains("307 Temporary Redirect") == true, "\(failure as Any)")
        #expect(server.requests.count == 2)
    }

    /// HDFS takes a while to notice that a stream broke, and says meanwhile that somebody is writing the file.
    @Test(arguments: [true, false])
    func `an upload waits for its own broken stream, and for nobody else's`(isOwn: Bool) throws {
        let leased =
            #"{"RemoteException":{"exception":"AlreadyBeingCreatedException","message":"owned by alice"}}"#
        let refusal = LoopbackServer.response(
            "403 Forbidden",
            ["Content-Length: \(leased.utf8.count)"],
            body: Array(leased.utf8)
        )
        let server = try LoopbackServer { request in
            let first = LoopbackServer.response(
                "307 Temporary Redirect",
                ["Location: http://\(request.host)/datanode", "Content-Length: 0"]
            )
            switch request.number {
            case 0: return isOwn ? first : refusal
            // The line breaks.
            case 1: return []
            case 2, 3: return refusal
            case 4: return first
            default: return LoopbackServer.response("201 Created", ["Content-Length: 0"])
            }
        }
        defer { server.close() }
        try self.folder.write("source", Array("bytes".utf8))
        let location = server.webHDFS("/d/f")
        let settings = TransferSettings(attemptsMaximum: 5, firstPause: .milliseconds(1))
        func upload() throws {
            try Transfers(settings: settings).upload("\(self.folder.path)/source", to: location, user: "alice")
        }
        if isOwn {
            try upload()
            #expect(server.requests.count == 6)
        } else {
            let failure = #expect(throws: TransferFailure.self) { try upload() }
            #expect(failure?.description.contains("owned by alice") == true, "\(failure as Any)")
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [("755", true), ("750", false)])
    func `the public cache takes what everybody may reach`(mode: String, isTaken: Bool) throws {
        let server = try LoopbackServer { request in
            if request.path.contains("op=OPEN") { return LoopbackServer.ok(Array("jar".utf8)) }
            return request.path.contains("/x.jar")
                ? Self.status("FILE", length: 3) : Self.status("DIRECTORY", length: 0, permission: mode)
        }
        defer { server.close() }
        let size = try? self.fetch(server, ResourceExpectation(isPublic: true), path: "/d/x.jar")
        #expect((size == 3) == isTaken)
    }

    /// HDFS's status does not say it, its block locations do; HttpFS answers that question with 400, others as they like.
    @Test(arguments: [
        ("200 OK", #"{"LocatedBlocks":{"fileLength":3,"isUnderConstruction":true,"locatedBlocks":[]}}"#, false),
        ("200 OK", #"{"LocatedBlocks":{"fileLength":3,"isUnderConstruction":false,"locatedBlocks":[]}}"#, true),
        ("400 Bad Request", #"{"RemoteException":{"exception":"IllegalArgumentException","message":"op"}}"#, true),
        ("500 Internal Server Error", "", true), ("200 OK", "<html>", true),
    ])
    func `a NameNode is asked whether a file is closed, and one that does not tell is no obstacle`(
        status: String,
        answer: String,
        isTaken: Bool
    ) throws {
        let server = try LoopbackServer { request in
            if request.path.contains("op=OPEN") { return LoopbackServer.ok(Array("jar".utf8)) }
            guard request.path.contains("op=GET_BLOCK_LOCATIONS&offset=0&length=1&user.name=alice") else {
                return Self.status("FILE", length: 3)
            }
            return LoopbackServer.response(status, ["Content-Length: \(answer.utf8.count)"], body: Array(answer.utf8))
        }
        defer { server.close() }
        if isTaken {
            #expect(try self.fetch(server, ResourceExpectation(isClosed: true)) == 3)
        } else {
            let refusal = #expect(throws: TransferFailure.self) {
                try self.fetch(server, ResourceExpectation(isClosed: true))
            }
            #expect(refusal?.description.contains("is still being written: 3 bytes") == true, "\(refusal as Any)")
            #expect(!server.requests.contains { $0.path.contains("op=OPEN") })
        }
        // Asked once, whatever the answer.
        #expect(server.requests.filter { $0.path.contains("GET_BLOCK_LOCATIONS") }.count == 1)
    }

    @Test func `a closed file in whose place another came before it was read is not taken`() throws {
        let server = try LoopbackServer { request in
            if request.path.contains("op=OPEN") { return LoopbackServer.ok(Array("new".utf8)) }
            let isOther = request.number >= 2
            let text =
                #"{"FileStatus":{"type":"FILE","length":3,"modificationTime":1,"permission":"644","#
                + #""underConstruction":\#(isOther),"fileId":\#(isOther ? 17 : 16)}}"#
            return LoopbackServer.ok(Array(text.utf8))
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try self.fetch(server, ResourceExpectation(isClosed: true))
        }
        #expect(failure?.description.contains("changed while it was fetched") == true, "\(failure as Any)")
    }

    /// Of "123456789", whose CRC-32C is 0xE3069283; `md5(md5(crc))` by `openssl`.
    private static let checksum = "000002000000000000000000" + "6b7be417585a98141996ac34bfc0e0f3"

    /// A server that has no checksum, or one of another kind, is believed: there is nothing to compare.
    @Test(arguments: [
        ("MD5-of-0MD5-of-512CRC32C", WebHDFSTests.checksum, true),
        ("MD5-of-0MD5-of-512CRC32C", String(repeating: "00", count: 28), false),
        ("COMPOSITE-CRC32C", "e3069283", true), ("", "", true),
    ])
    func `with checksums for all, what does not have the server's is refused`(
        algorithm: String,
        bytes: String,
        isTaken: Bool
    ) throws {
        let server = try LoopbackServer { request in
            if request.path.contains("op=OPEN") { return LoopbackServer.ok(Array("123456789".utf8)) }
            guard request.path.contains("op=GETFILECHECKSUM") else { return Self.status("FILE", length: 9) }
            if algorithm.isEmpty { return LoopbackServer.response("400 Bad Request", ["Content-Length: 0"]) }
            let answer = #"{"FileChecksum":{"algorithm":"\#(algorithm)","bytes":"\#(bytes)","length":28}}"#
            return LoopbackServer.ok(Array(answer.utf8))
        }
        defer { server.close() }
        #expect(try self.fetch(server, ResourceExpectation()) == 9)
        #expect(!server.requests.contains { $0.path.contains("GETFILECHECKSUM") })
        if isTaken {
            #expect(try self.fetch(server, ResourceExpectation(), checksums: .all) == 9)
        } else {
            let failure = #expect(throws: TransferFailure.self) {
                try self.fetch(server, ResourceExpectation(), checksums: .all)
            }
            #expect(failure?.description.contains("did not arrive as it is stored") == true, "\(failure as Any)")
        }
        #expect(server.requests.contains { $0.path.contains("GETFILECHECKSUM") })
    }

    @Test func `what is no file, or no WebHDFS, is refused`() throws {
        let folder = try LoopbackServer { _ in Self.status("DIRECTORY", length: 0) }
        defer { folder.close() }
        #expect(throws: TransferFailure.self) { try self.fetch(folder, ResourceExpectation()) }
        let page = try LoopbackServer { _ in LoopbackServer.ok(Array("<html>".utf8)) }
        defer { page.close() }
        #expect(throws: TransferFailure.self) { try self.fetch(page, ResourceExpectation()) }
    }
}
