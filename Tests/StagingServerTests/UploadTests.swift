import NIOHTTP1
import StagingCore
import TestSupport
import Testing

@Suite struct UploadTests {
    /// Begins to send a file and stops in the middle.
    private static func begin(_ path: String, on server: ServerFixture, options: String = "") async throws
        -> RawConnection
    {
        let first = try await server.call("PUT", "\(path)?op=CREATE\(options)")
        #expect(first.status == 307)
        let connection = try await RawConnection.open(port: server.port)
        let target = try server.target(of: first)
        try await connection.send(
            "PUT \(target) HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        )
        return connection
    }

    @Test func `readers see what has been received while the writer goes on`() async throws {
        try await ServerFixture.with { server in
            let writer = try await Self.begin("/events/log.inprogress", on: server)
            try await eventually("the first bytes are there") {
                try await server.read("/events/log.inprogress") == "hello"
            }
            let mode = "/events/log.inprogress?op=SETPERMISSION&permission=660"
            #expect(try await server.call("PUT", mode).status == 200)
            let status = try await server.call("GET", "/events/log.inprogress?op=GETFILESTATUS").body
            #expect(status.contains(#""length":5"#) && status.contains(#""permission":"660""#))
            #expect(try await server.write("/events/log.inprogress", "mine", options: "&overwrite=true") == 403)
            try await writer.send("6\r\n there\r\n0\r\n\r\n")
            try await eventually("the file is closed") {
                try await server.append("/events/log.inprogress", "!") == 200
            }
            #expect(try await server.read("/events/log.inprogress") == "hello there!")
            try? await writer.close()
        }
    }

    /// `underConstruction` is Heddle's member, `isUnderConstruction` that of HDFS.
    private static func isUnderConstruction(_ path: String, on server: ServerFixture) async throws -> Bool {
        let status = try await server.call("GET", "\(path)?op=GETFILESTATUS").body
        let blocks = try await server.call("GET", "\(path)?op=GET_BLOCK_LOCATIONS&offset=0&length=1").body
        let isOpen = status.contains(#""underConstruction":true"#)
        #expect(isOpen != status.contains(#""underConstruction":false"#), "\(status)")
        #expect(isOpen == blocks.contains(#""isUnderConstruction":true"#), "\(status) \(blocks)")
        #expect(isOpen == blocks.contains(#""isLastBlockComplete":false"#), "\(status) \(blocks)")
        return isOpen
    }

    @Test func `a file says that it is under construction from the first step to its end`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/f?op=CREATE")
            #expect(try await Self.isUnderConstruction("/f", on: server))
            #expect(try await server.send("one", to: first) == 201)
            #expect(try await !Self.isUnderConstruction("/f", on: server))
            let second = try await server.call("POST", "/f?op=APPEND")
            #expect(try await Self.isUnderConstruction("/f", on: server))
            #expect(try await server.send(" two", to: second, method: "POST") == 200)
            #expect(try await !Self.isUnderConstruction("/f", on: server))
            // Readers get the old content, which is whole.
            _ = try await server.call("PUT", "/f?op=CREATE&overwrite=true")
            #expect(try await !Self.isUnderConstruction("/f", on: server))
            #expect(try await server.read("/f") == "one two")
            let folder = try await server.call("GET", "/?op=GETFILESTATUS").body
            #expect(!folder.contains("underConstruction"))
        }
    }

    @Test func `a stream that breaks keeps its prefix outside of staging folders only`() async throws {
        try await ServerFixture.with { server in
            let kept = try await Self.begin("/events/log", on: server)
            let gone = try await Self.begin("/user/hdfs/.sparkStaging/application_1_1/a.jar", on: server)
            for path in ["/events/log", "/user/hdfs/.sparkStaging/application_1_1/a.jar"] {
                try await eventually("bytes are there") { try await server.read(path) == "hello" }
            }
            try await kept.close()
            try await gone.close()
            try await eventually("the prefix is closed") { try await server.append("/events/log", "!") == 200 }
            #expect(try await server.read("/events/log") == "hello!")
            try await eventually("the other is gone") {
                try await server.call("GET", "/user/hdfs/.sparkStaging/application_1_1/a.jar?op=GETFILESTATUS").status
                    == 404
            }
            #expect(try server.files(below: "streams").isEmpty)
        }
    }

    @Test func `an old file stays as it was when its new content breaks off`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "old", options: "&permission=600")
            let writer = try await Self.begin("/f", on: server, options: "&overwrite=true&permission=644")
            #expect(try await server.read("/f") == "old")
            try await writer.close()
            try await eventually("another may write") {
                try await server.append("/f", "er") == 200
            }
            #expect(try await server.read("/f") == "older")
            #expect(try await server.call("GET", "/f?op=GETFILESTATUS").body.contains(#""permission":"600""#))
        }
    }

    @Test func `a file that is removed while it is written is gone, and its writer is told`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/d/f?op=CREATE")
            #expect(try await server.call("DELETE", "/d?op=DELETE&recursive=true").status == 200)
            #expect(try await server.send("late", to: first) == 403)
            #expect(try await server.call("GET", "/d/f?op=GETFILESTATUS").status == 404)
        }
    }

    @Test func `the address of a second step serves once`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/f?op=CREATE")
            #expect(try await server.send("one", to: first) == 201)
            #expect(try await server.send("two", to: first) == 403)
            #expect(try await server.read("/f") == "one")
        }
    }

    @Test func `a restart keeps what was acknowledged and ends what was not`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/kept", "kept", options: "&permission=640")
            _ = try await server.call("PUT", "/kept?op=SETXATTR&xattr.name=user.a&flag=CREATE&xattr.value=b")
            let writer = try await Self.begin("/open", on: server)
            try await eventually("bytes are there") { try await server.read("/open") == "hello" }
            let before = try await server.call("GET", "/kept?op=GETFILESTATUS").body
            try await server.stop()
            try await server.start()
            #expect(try await server.call("GET", "/kept?op=GETFILESTATUS").body == before)
            #expect(try await server.read("/kept") == "kept")
            #expect(try await server.call("GET", "/kept?op=GETXATTRS").body.contains("user.a"))
            #expect(try await server.read("/open") == "hello")
            #expect(try await server.append("/open", "!") == 200)
            try? await writer.close()
        }
    }
}
