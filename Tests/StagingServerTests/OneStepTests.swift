import Crypto
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import StagingServer

/// CREATE and APPEND whose bytes come with the first step, as they do to HttpFS.
@Suite struct OneStepTests {
    private static let hello = "hello there"

    private static func put(
        _ path: String,
        _ text: String,
        options: String = "&data=true",
        on server: ServerFixture
    ) async throws -> WebClient.Answer {
        try await server.call("PUT", "\(path)?op=CREATE\(options)", body: text)
    }

    @Test(arguments: [0, 11, 64 << 10, (64 << 10) + 1, 300_000])
    func `bytes that come with the first step make the file`(size: Int) async throws {
        try await ServerFixture.with { server in
            let text = String(repeating: "x", count: size)
            let made = try await Self.put("/d/f", text, options: "&data=true&permission=600", on: server)
            #expect(made.status == 201)
            #expect(made.headers.first(name: "Location")?.hasPrefix("webhdfs://localhost:") == true)
            #expect(try await server.read("/d/f") == text)
            let status = try await server.call("GET", "/d/f?op=GETFILESTATUS").body
            #expect(status.contains(#""underConstruction":false"#) && status.contains(#""permission":"600""#))
            #expect(try await server.call("POST", "/d/f?op=APPEND&data=TRUE", body: "end").status == 200)
            #expect(try await server.read("/d/f") == text + "end")
            #expect(try server.files(below: "streams").isEmpty)
            try await server.stop()
            try await server.start()
            #expect(try await server.read("/d/f") == text + "end")
        }
    }

    @Test func `without the parameter, or where an address is asked for, nothing is taken with the first step`()
        async throws
    {
        try await ServerFixture.with { server in
            for options in ["", "&data=false", "&data=", "&data=true&noredirect=true"] {
                let first = try await Self.put("/f", Self.hello, options: "\(options)&overwrite=true", on: server)
                #expect(first.status == (options.contains("noredirect") ? 200 : 307), "\(options)")
                #expect(try await server.call("GET", "/f?op=GETFILESTATUS").body.contains(#""length":0"#))
                #expect(try await server.call("DELETE", "/f?op=DELETE").status == 200)
            }
            #expect(try await Self.put("/f", Self.hello, options: "&data=yes", on: server).status == 400)
        }
    }

    /// - Parameter size: short bodies come before the answer, long ones are refused before they come.
    @Test(arguments: [11, 300_000])
    func `what is refused changes nothing`(size: Int) async throws {
        try await ServerFixture.with { server in
            let text = String(repeating: "x", count: size)
            _ = try await server.call("PUT", "/small?op=MKDIRS")
            _ = try await server.call("PUT", "/small?op=SETQUOTA&namespacequota=10&storagespacequota=30")
            let full = try await Self.put("/small/f", text, on: server)
            #expect(full.status == 403 && full.body.contains("DSQuotaExceededException"), "\(full.body)")
            #expect(try await server.call("GET", "/small/f?op=GETFILESTATUS").status == 404)
            #expect(try await server.write("/f", "old") == 201)
            let taken = try await Self.put("/f", text, options: "&data=true&overwrite=false", on: server)
            #expect(taken.status == 403 && taken.body.contains("FileAlreadyExistsException"), "\(taken.body)")
            _ = try await server.call("PUT", "/?op=SETPERMISSION&permission=755")
            let foreign = try await server.call("PUT", "/g?op=CREATE&data=true", user: "ann", body: text)
            #expect(foreign.status == 403 && foreign.body.contains("AccessControlException"), "\(foreign.body)")
            #expect(try await server.read("/f") == "old")
            #expect(try server.files(below: "streams").isEmpty)
            try await eventually("nothing else is stored") { try server.contentCount() == 1 }
        }
    }

    @Test func `while somebody writes a file nobody else does`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/f?op=CREATE")
            #expect(try await Self.put("/f", "mine", options: "&data=true&overwrite=true", on: server).status == 403)
            #expect(try await server.send("theirs", to: first) == 201)
            #expect(try await Self.put("/f", "mine", options: "&data=true&overwrite=true", on: server).status == 201)
            #expect(try await server.read("/f") == "mine")
        }
    }

    /// - Parameter framing: the head's line, and what comes before the bytes that arrive.
    @Test(arguments: [
        ("Content-Length: 11", ""), ("Content-Length: 400000", ""), ("Transfer-Encoding: chunked", "b\r\n"),
    ])
    func `what broke off is kept, or not in staging folders`(framing: String, lead: String) async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/old", "old")
            let scratch = "/user/hdfs/.sparkStaging/application_1_1/f"
            for path in ["/d/f", scratch, "/old"] {
                let connection = try await RawConnection.open(port: server.port)
                let target = "/webhdfs/v1\(path)?op=CREATE&data=true&overwrite=true&user.name=hdfs"
                try await connection.send("PUT \(target) HTTP/1.1\r\nHost: localhost\r\n\(framing)\r\n\r\n\(lead)hello")
                try await connection.close()
            }
            try await eventually("the prefix is there") {
                let status = try await server.call("GET", "/d/f?op=GETFILESTATUS").body
                return status.contains(#""length":5"#) && status.contains(#""underConstruction":false"#)
            }
            #expect(try await server.read("/d/f") == "hello")
            try await eventually("the others have ended") {
                let old = try await server.call("GET", "/old?op=GETFILESTATUS").body
                let gone = try await server.call("GET", "\(scratch)?op=GETFILESTATUS").status == 404
                return gone && old.contains(#""underConstruction":false"#) && !old.contains(#""length":5"#)
            }
            #expect(try await server.read("/old") == "old")
            try await eventually("nothing else is stored") {
                try server.contentCount() == 2 && server.files(below: "streams").isEmpty
            }
        }
    }

    @Test(arguments: [
        ("PUT", "/webhdfs/v1/f?op=CREATE&data=true", true), ("POST", "/webhdfs/v1/f?data=TRUE&op=APPEND", true),
        ("PUT", "/webhdfs/v1/f?op=CREATE&heddle.stream=1", true), ("PUT", "/webhdfs/v1/f?op=CREATE", false),
        ("PUT", "/webhdfs/v1/f?op=CREATE&data=false", false), ("PUT", "/webhdfs/v1/f?mydata=true", false),
        ("PUT", "/webhdfs/v1/f&data=true", false), ("PUT", "/webhdfs/v1/f?", false), ("PUT", "/webhdfs/v1/f?&", false),
        ("PUT", "/webhdfs/v1/f?data=false&op=CREATE&heddle.stream=1", true),
        ("GET", "/webhdfs/v1/f?op=OPEN&data=true", false), ("PUT", "/jmx?data=true", false),
    ])
    func `only what brings a file's bytes may take its time`(method: String, target: String, isUpload: Bool) {
        #expect(StagingService.isUpload(method: method, target: target) == isUpload)
    }

    /// What a client would ask GETFILESTATUS for.
    @Test func `whoever opens a closed file is told its state`() async throws {
        try await ServerFixture.with { server in
            let long = String(repeating: "x", count: 100_000)
            for text in [Self.hello, long] {
                _ = try await server.write("/f", text, options: "&overwrite=true")
                let hash = Array(SHA256.hash(data: Data(text.utf8)))
                for part in ["", "&offset=3&length=2"] {
                    let answer = try await server.call("GET", "/f?op=OPEN\(part)")
                    let digest = "sha-256=:\(Data(hash).base64EncodedString()):"
                    #expect(answer.headers.first(name: "Repr-Digest") == digest)
                    let tag = hash.map { String(format: "%02x", $0) }.joined()
                    #expect(answer.headers.first(name: "ETag") == "\"\(tag)\"")
                }
            }
            // What was put together, or cut, has a state but no hash.
            _ = try await server.append("/f", "end")
            let joined = try await server.call("GET", "/f?op=OPEN")
            #expect(joined.headers.first(name: "Repr-Digest") == nil)
            let tag = try #require(joined.headers.first(name: "ETag"))
            #expect(try await server.call("GET", "/f?op=OPEN").headers.first(name: "ETag") == tag)
            _ = try await server.append("/f", "end")
            #expect(try await server.call("GET", "/f?op=OPEN").headers.first(name: "ETag") != tag)
            _ = try await server.write("/cut", Self.hello)
            #expect(try await server.call("POST", "/cut?op=TRUNCATE&newlength=5").status == 200)
            #expect(try await server.call("GET", "/cut?op=OPEN").headers.first(name: "Repr-Digest") == nil)
            // Of a file that is being written nothing is certain.
            _ = try await server.call("POST", "/cut?op=APPEND")
            let open = try await server.call("GET", "/cut?op=OPEN")
            #expect(open.body == "hello" && open.headers.first(name: "ETag") == nil)
        }
    }
}
