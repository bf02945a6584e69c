import Foundation
import NIOHTTP1
import StagingCore
import TestSupport
import Testing

@Suite struct ServerTests {
    @Test func `what is written in two steps is read back, whole and in part`() async throws {
        try await ServerFixture.with { server in
            let written = try await server.write("/d/f", "0123456789")
            #expect(written == 201)
            #expect(try await server.read("/d/f") == "0123456789")
            #expect(try await server.read("/d/f", options: "&offset=3&length=4") == "3456")
            #expect(try await server.read("/d/f", options: "&offset=8&length=100") == "89")
            #expect(try await server.read("/d/f", options: "&offset=10") == "")
            #expect(try await server.call("GET", "/d/f?op=OPEN&offset=11").status == 403)
            #expect(try await server.append("/d/f", "abc") == 200)
            #expect(try await server.read("/d/f", options: "&offset=8") == "89abc")
        }
    }

    @Test func `what is too long for one write comes whole and in part, over the pieces it was stored in`() async throws
    {
        try await ServerFixture.with { server in
            // Longer than the kernel is given at once, and no two lines are the same.
            let text = (0..<200_000).map { "line \($0)\n" }.joined()
            _ = try await server.write("/f", String(text.prefix(1_500_000)))
            _ = try await server.append("/f", String(text.dropFirst(1_500_000)))
            #expect(try await server.read("/f") == text)
            let part = try await server.read("/f", options: "&offset=1400000&length=200000")
            #expect(part == String(text.dropFirst(1_400_000).prefix(200_000)))
        }
    }

    @Test func `a reader who leaves in the middle does no harm`() async throws {
        try await ServerFixture.with { server in
            let text = String(repeating: "x", count: 8_000_000)
            _ = try await server.write("/f", text)
            for _ in 0..<5 {
                let reader = try await RawConnection.open(port: server.port)
                let target = "/webhdfs/v1/f?op=OPEN&user.name=hdfs"
                try await reader.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await reader.close()
            }
            #expect(try await server.read("/f").utf8.count == 8_000_000)
            _ = try await server.call("DELETE", "/f?op=DELETE")
            try await eventually("no reader holds the content") { try server.contentCount() == 0 }
        }
    }

    @Test func `files are joined, and cut`() async throws {
        try await ServerFixture.with { server in
            for (name, text) in [("a", "one "), ("b", "two "), ("c", "three")] {
                _ = try await server.write("/d/\(name)", text)
            }
            #expect(try await server.call("POST", "/d/a?op=CONCAT&sources=/d/b,/d/c").status == 200)
            #expect(try await server.read("/d/a") == "one two three")
            #expect(try await server.call("GET", "/d/b?op=GETFILESTATUS").status == 404)
            #expect(try await server.call("POST", "/d/a?op=CONCAT&sources=/d/a").status == 400)
            #expect(try await server.call("POST", "/d/a?op=TRUNCATE&newlength=6").body == #"{"boolean":true}"#)
            #expect(try await server.read("/d/a") == "one tw")
        }
    }

    @Test func `a status has every member that Hadoop's client reads without looking`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "x", options: "&permission=640&blocksize=1048576&replication=2")
            let answer = try await server.call("GET", "/f?op=GETFILESTATUS")
            #expect(answer.headers.first(name: "Content-Type")?.hasPrefix("application/json") == true)
            for member in [
                #"{"FileStatus":{"#, #""accessTime":"#, #""blockSize":1048576"#, #""childrenNum":0"#, #""fileId":"#,
                #""group":"supergroup""#, #""length":1"#, #""modificationTime":"#, #""owner":"hdfs""#,
                #""pathSuffix":"""#, #""permission":"640""#, #""replication":2"#, #""type":"FILE""#,
            ] {
                #expect(answer.body.contains(member), "\(member) in \(answer.body)")
            }
            let list = try await server.call("GET", "/?op=LISTSTATUS").body
            #expect(list.hasPrefix(#"{"FileStatuses":{"FileStatus":["#))
            #expect(list.contains(#""pathSuffix":"f""#))
            #expect(try await server.call("GET", "/f?op=LISTSTATUS").body.contains(#""pathSuffix":"""#))
        }
    }

    @Test func `a status says what a closed file holds to those who may read it`() async throws {
        try await ServerFixture.with { server in
            func hash(_ path: String, user: String = "hdfs") async throws -> String? {
                let body = try await server.call("GET", "\(path)?op=GETFILESTATUS", user: user).body
                guard let start = body.range(of: #""contentSHA256":""#)?.upperBound else { return nil }
                return String(body[start...].prefix(64))
            }
            _ = try await server.write("/d/f", "hello\n", options: "&permission=640")
            #expect(
                try await hash("/d/f") == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
            )
            #expect(try await hash("/d/f", user: "bob") == nil)
            #expect(try await hash("/d") == nil)
            // No longer one whole piece.
            _ = try await server.append("/d/f", "more")
            #expect(try await hash("/d/f") == nil)
        }
    }

    @Test(
        arguments: [
            ("GET", "/missing?op=GETFILESTATUS", 404, "java.io.FileNotFoundException", "File does not exist: /missing"),
            ("GET", "/f/below?op=GETFILESTATUS", 404, "java.io.FileNotFoundException", "File does not exist: /f/below"),
            ("GET", "/f?op=NOTHING", 400, "java.lang.IllegalArgumentException", "webhdfs parameter"),
            ("PUT", "/f?op=CREATE", 403, "org.apache.hadoop.fs.FileAlreadyExistsException", "already exists"),
            ("PUT", "/f/below?op=MKDIRS", 403, "org.apache.hadoop.fs.ParentNotDirectoryException", "not a directory"),
            ("DELETE", "/d?op=DELETE", 403, "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException", "non empty"),
            ("PUT", "/f?op=SETPERMISSION&permission=999", 400, "java.lang.IllegalArgumentException", "permission"),
            ("PUT", "/f?op=RENAME&destination=relative", 400, "org.apache.hadoop.fs.InvalidPathException", "relative"),
            ("PUT", "/f?op=RENAME&destination=/a/../b", 400, "org.apache.hadoop.fs.InvalidPathException", ".."),
            ("PUT", "/f?op=SETACL&aclspec=user::rw-", 403, "org.apache.hadoop.hdfs.protocol.AclException", "ACL"),
        ]
    )
    func `a refusal names the Java class that the client throws`(
        method: String,
        path: String,
        status: Int,
        name: String,
        text: String
    ) async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "x")
            _ = try await server.write("/d/f", "x")
            let answer = try await server.call(method, path)
            #expect(answer.status == status)
            #expect(answer.body.contains(#""javaClassName":"\#(name)""#), "\(answer.body)")
            #expect(answer.body.contains(text), "\(answer.body)")
        }
    }

    @Test(arguments: ["/../etc/passwd", "/%2e%2e/etc/passwd", "/a%2f..%2fb", "/a%00b", "/a:b"])
    func `no path leads out`(path: String) async throws {
        try await ServerFixture.with { server in
            let answer = try await server.call("GET", "\(path)?op=OPEN")
            #expect(answer.status == 400)
        }
    }

    @Test func `a caller must be named, and be nobody else`() async throws {
        try await ServerFixture.with { server in
            let nobody = try await server.call("GET", "/?op=LISTSTATUS&a=b", user: nil)
            #expect(nobody.status == 401)
            #expect(try await server.call("GET", "/?op=LISTSTATUS&doas=alice").status == 403)
            #expect(try await server.call("PUT", "/x?op=MKDIRS", user: "alice").status == 403)
            #expect(try await server.call("PUT", "/user/alice/x?op=MKDIRS", user: "alice").status == 200)
            let foreign = [("Host", "evil.example")]
            #expect(try await server.call("GET", "/?op=LISTSTATUS", headers: foreign).status == 403)
            let origin = [("Origin", "http://evil.example")]
            #expect(try await server.call("PUT", "/x?op=MKDIRS", headers: origin).status == 403)
        }
    }

    @Test func `noredirect answers the address instead`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/f?op=CREATE&noredirect=true")
            #expect(first.status == 200)
            #expect(first.body.hasPrefix(#"{"Location":"http:\/\/"#) || first.body.hasPrefix(#"{"Location":"http://"#))
        }
    }

    @Test func `the same content is stored once, and goes with its last file`() async throws {
        try await ServerFixture.with { server in
            for name in ["a", "b", "c"] { _ = try await server.write("/\(name)", "same") }
            _ = try await server.write("/d", "other")
            #expect(try server.contentCount() == 2)
            for name in ["a", "b"] { _ = try await server.call("DELETE", "/\(name)?op=DELETE") }
            #expect(try await server.read("/c") == "same")
            _ = try await server.call("DELETE", "/c?op=DELETE")
            try await eventually("the content is gone") { try server.contentCount() == 1 }
        }
    }

    @Test func `a checksum is HDFS's`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/empty", "")
            let empty = try await server.call("GET", "/empty?op=GETFILECHECKSUM").body
            #expect(empty.contains("MD5-of-0MD5-of-0CRC32"))
            #expect(empty.contains("00000000000000000000000070bc8f4b72a86921468bf8e8441dce51"))
            // Pieces and whole are the same.
            let text = String(repeating: "0123456789", count: 300)
            _ = try await server.write("/whole", text)
            _ = try await server.write("/pieces", String(text.prefix(700)))
            _ = try await server.append("/pieces", String(text.dropFirst(700)))
            let whole = try await server.call("GET", "/whole?op=GETFILECHECKSUM").body
            #expect(whole.contains("MD5-of-0MD5-of-512CRC32C"))
            #expect(try await server.call("GET", "/pieces?op=GETFILECHECKSUM").body == whole)
        }
    }

    @Test func `attributes come as text, hexadecimal digits and base64`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "x")
            let set = "/f?op=SETXATTR&xattr.name=user.a&flag=CREATE&xattr.value="
            #expect(try await server.call("PUT", set + "0x616263").status == 200)
            for (encoding, value) in [("text", #"\"abc\""#), ("hex", "0x616263"), ("base64", "0sYWJj")] {
                let body = try await server.call("GET", "/f?op=GETXATTRS&xattr.name=user.a&encoding=\(encoding)").body
                #expect(body == #"{"XAttrs":[{"name":"user.a","value":"\#(value)"}]}"#)
            }
            let names = try await server.call("GET", "/f?op=LISTXATTRS").body
            #expect(names == #"{"XAttrNames":"[\"user.a\"]"}"#)
        }
    }

    @Test func `blocks are told in both forms, by the range that is asked for`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "0123456789", options: "&blocksize=4")
            let range = "&offset=5&length=4"
            let located = try await server.call("GET", "/f?op=GET_BLOCK_LOCATIONS\(range)").body
            #expect(located.hasPrefix(#"{"LocatedBlocks":{"fileLength":10,"isLastBlockComplete":true"#))
            #expect(located.contains(#""startOffset":4"#) && located.contains(#""startOffset":8"#))
            #expect(!located.contains(#""startOffset":0"#) && located.contains(#""numBytes":2"#))
            let listed = try await server.call("GET", "/f?op=GETFILEBLOCKLOCATIONS\(range)").body
            #expect(listed.contains(#""length":4,"names":["localhost"],"offset":4"#))
            let beyond = try await server.call("GET", "/f?op=GETFILEBLOCKLOCATIONS&offset=10").body
            #expect(beyond == #"{"BlockLocations":{"BlockLocation":[]}}"#)
        }
    }

    @Test func `quotas are set, shown and held`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.call("PUT", "/q?op=MKDIRS")
            let quota = "/q?op=SETQUOTA&namespacequota=3&storagespacequota=100"
            #expect(try await server.call("PUT", quota).status == 200)
            let usage = try await server.call("GET", "/q?op=GETQUOTAUSAGE").body
            #expect(usage.contains(#""fileAndDirectoryCount":1,"quota":3"#))
            let one = "&replication=1"
            #expect(try await server.write("/q/a", String(repeating: "x", count: 101), options: one) == 403)
            #expect(try await server.call("GET", "/q/a?op=GETFILESTATUS").status == 404)
            #expect(try await server.write("/q/a", "x", options: one) == 201)
            #expect(try await server.write("/q/b", "x", options: one) == 201)
            #expect(try await server.write("/q/c", "x", options: one) == 403)
        }
    }
}
