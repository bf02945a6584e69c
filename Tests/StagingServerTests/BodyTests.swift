import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What the answers say and what the calls change, where a status alone would tell little.
@Suite struct BodyTests {
    private func status(_ path: String, on server: ServerFixture) async throws -> [String: Any] {
        let body = try await server.call("GET", "\(path)?op=GETFILESTATUS").body
        let answer = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return try #require(answer?["FileStatus"] as? [String: Any], "\(body)")
    }

    private func expectRefusal(
        _ answer: WebClient.Answer,
        _ status: Int,
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == status, "\(answer.body)", sourceLocation: sourceLocation)
        for word in words { #expect(answer.body.contains(word), "\(answer.body)", sourceLocation: sourceLocation) }
    }

    // MARK: Lists

    /// One batch of a folder: names, and how many more there are.
    private func batch(_ path: String, after: String?, on server: ServerFixture) async throws -> ([String], Int) {
        let start = after.map { "&startafter=\($0)" } ?? ""
        let answer = try await server.call("GET", "\(path)?op=LISTSTATUS_BATCH\(start)")
        #expect(answer.status == 200)
        let body = try JSONSerialization.jsonObject(with: Data(answer.bytes)) as? [String: Any]
        let listing = try #require(body?["DirectoryListing"] as? [String: Any])
        let partial = try #require(listing["partialListing"] as? [String: Any])
        let statuses = try #require(partial["FileStatuses"] as? [String: Any])
        let entries = try #require(statuses["FileStatus"] as? [[String: Any]])
        return (entries.compactMap { $0["pathSuffix"] as? String }, try #require(listing["remainingEntries"] as? Int))
    }

    @Test func `a large folder is listed in batches of a thousand, in order, after any name`() async throws {
        try await ServerFixture.with { server in
            let names = (0..<2_001).map { "f\($0)" }
            for name in names {
                #expect(try await server.call("PUT", "/many/\(name)?op=MKDIRS").status == 200)
            }
            let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            var found: [String] = []
            for remaining in [1_001, 1, 0] {
                let (batch, rest) = try await self.batch("/many", after: found.last, on: server)
                #expect(rest == remaining)
                #expect(batch.count == (remaining == 0 ? 1 : 1_000))
                found += batch
            }
            #expect(found == sorted)
            // A name need not be there to be gone past.
            let (last, rest) = try await self.batch("/many", after: sorted[1_998] + "0", on: server)
            #expect(last == Array(sorted[1_999...]) && rest == 0)
            let (none, _) = try await self.batch("/many", after: "g", on: server)
            #expect(none.isEmpty)
            let (file, left) = try await self.batch("/many/f0", after: nil, on: server)
            #expect(file.isEmpty && left == 0)
        }
    }

    // MARK: Times

    @Test func `times are set, and minus one keeps them`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "text")
            let made = try await self.status("/f", on: server)
            let before = try #require(made["accessTime"] as? Int)
            for (call, modified, accessed) in [
                ("modificationtime=1234567890123&accesstime=-1", 1_234_567_890_123, before),
                ("modificationtime=-1&accesstime=987654321", 1_234_567_890_123, 987_654_321),
                ("modificationtime=0", 0, 987_654_321), ("accesstime=5", 0, 5),
            ] {
                let answer = try await server.call("PUT", "/f?op=SETTIMES&\(call)")
                #expect(answer.status == 200 && answer.body.isEmpty)
                #expect(answer.headers.first(name: "Content-Type") == "application/octet-stream")
                let status = try await self.status("/f", on: server)
                #expect(status["modificationTime"] as? Int == modified, "\(call)")
                #expect(status["accessTime"] as? Int == accessed, "\(call)")
            }
            let refused = try await server.call("PUT", "/f?op=SETTIMES&modificationtime=-2")
            self.expectRefusal(refused, 400, "java.lang.IllegalArgumentException", "modificationtime")
            let foreign = try await server.call("PUT", "/f?op=SETTIMES&modificationtime=1", user: "bob")
            self.expectRefusal(foreign, 403, "org.apache.hadoop.security.AccessControlException")
        }
    }

    // MARK: Access

    @Test(arguments: [("r--", true), ("r-x", false), ("-w-", false), ("rwx", false), ("---", true)])
    func `access is allowed with nothing, and refused in HDFS's words`(action: String, isAllowed: Bool) async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "text", options: "&permission=754")
            let own = try await server.call("GET", "/f?op=CHECKACCESS&fsaction=\(action)")
            #expect(own.status == 200 && own.body.isEmpty)
            let other = try await server.call("GET", "/f?op=CHECKACCESS&fsaction=\(action)", user: "bob")
            if isAllowed {
                #expect(other.status == 200 && other.body.isEmpty)
            } else {
                self.expectRefusal(
                    other,
                    403,
                    "org.apache.hadoop.security.AccessControlException",
                    "Permission denied: user=bob, access=",
                    #"inode=\"/f\":hdfs:supergroup:-rwxr-xr--"#
                )
            }
        }
    }

    @Test func `what is no action is refused`() async throws {
        try await ServerFixture.with { server in
            self.expectRefusal(try await server.call("GET", "/?op=CHECKACCESS&fsaction=rwz"), 400, "fsaction")
            let missing = try await server.call("GET", "/none?op=CHECKACCESS&fsaction=r--")
            self.expectRefusal(missing, 404, "java.io.FileNotFoundException")
        }
    }

    // MARK: What the server is

    @Test func `defaults, trash, home and room are said as HDFS says them`() async throws {
        try await ServerFixture.with { server in
            #expect(
                try await server.call("GET", "/?op=GETSERVERDEFAULTS").body
                    == #"{"FsServerDefaults":{"blockSize":134217728,"bytesPerChecksum":512,"checksumType":2,"#
                    + #""defaultStoragePolicyId":7,"encryptDataTransfer":false,"fileBufferSize":4096,"#
                    + #""keyProviderUri":"","replication":3,"trashInterval":0,"writePacketSize":65536}}"#
            )
            #expect(
                try await server.call("GET", "/x?op=GETTRASHROOT", user: "ann").body == #"{"Path":"/user/ann/.Trash"}"#
            )
            #expect(try await server.call("GET", "/?op=GETHOMEDIRECTORY", user: "ann").body == #"{"Path":"/user/ann"}"#)
            let body = try await server.call("GET", "/?op=GETSTATUS").body
            let answer = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: Int]]
            let room = try #require(answer?["FsStatus"], "\(body)")
            let (capacity, used, remaining) = (room["capacity"] ?? 0, room["used"] ?? 0, room["remaining"] ?? 0)
            #expect(capacity > 0 && used >= 0 && remaining >= 0 && used + remaining == capacity)
        }
    }

    // MARK: Renames and creations

    @Test func `a rename with options replaces what it may, and says why it does not`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/new", "new")
            _ = try await server.write("/old", "old")
            _ = try await server.call("PUT", "/full/inner?op=MKDIRS")
            _ = try await server.call("PUT", "/folder?op=MKDIRS")
            func rename(_ path: String, _ destination: String, _ options: String) async throws -> WebClient.Answer {
                try await server.call("PUT", "\(path)?op=RENAME&destination=\(destination)&renameoptions=\(options)")
            }
            let exists = "org.apache.hadoop.fs.FileAlreadyExistsException"
            self.expectRefusal(try await rename("/new", "/old", "NONE"), 403, exists)
            self.expectRefusal(try await rename("/new", "/folder", "OVERWRITE"), 403, "java.io.IOException", "director")
            self.expectRefusal(
                try await rename("/folder", "/full", "OVERWRITE"),
                403,
                "java.io.IOException",
                "not empty"
            )
            self.expectRefusal(try await rename("/none", "/old", "OVERWRITE"), 404, "java.io.FileNotFoundException")
            self.expectRefusal(try await rename("/new", "/old", "SOMEHOW"), 400, "renameoptions", "SOMEHOW")
            #expect(try await server.read("/new") == "new")
            #expect(try await server.read("/old") == "old")
            let done = try await rename("/new", "/old", "OVERWRITE")
            #expect(done.status == 200 && done.body.isEmpty)
            #expect(try await server.read("/old") == "new")
            #expect(try await server.call("GET", "/new?op=GETFILESTATUS").status == 404)
            // Without options it only says that it did not.
            #expect(try await server.call("PUT", "/none?op=RENAME&destination=/x").body == #"{"boolean":false}"#)
        }
    }

    @Test func `a file without its folders is made only when its maker wants them`() async throws {
        try await ServerFixture.with { server in
            let refused = try await server.call("PUT", "/a/b?op=CREATE&createparent=false")
            self.expectRefusal(refused, 404, "java.io.FileNotFoundException", "Parent directory doesn't exist: /a")
            #expect(try await server.call("GET", "/a?op=GETFILESTATUS").status == 404)
            #expect(try await server.write("/a/b", "text") == 201)
            #expect(try await server.write("/a/c", "text", options: "&createparent=false") == 201)
            self.expectRefusal(try await server.call("PUT", "/a/d?op=CREATE&createparent=maybe"), 400, "createparent")
        }
    }

    @Test(arguments: ["2000", "1778", "77777", "-1", "rwx", "0x1ff"])
    func `a mode that is none is refused by every call that takes one`(mode: String) async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "text", options: "&permission=640")
            for (method, call) in [
                ("PUT", "/f?op=SETPERMISSION"), ("PUT", "/d?op=MKDIRS"), ("PUT", "/g?op=CREATE"),
            ] {
                let answer = try await server.call(method, "\(call)&permission=\(mode)")
                self.expectRefusal(answer, 400, "java.lang.IllegalArgumentException", "permission")
            }
            #expect(try await self.status("/f", on: server)["permission"] as? String == "640")
            #expect(try await server.call("GET", "/d?op=GETFILESTATUS").status == 404)
            #expect(try await server.call("GET", "/g?op=GETFILESTATUS").status == 404)
            _ = try await server.call("PUT", "/f?op=SETPERMISSION&permission=1777")
            #expect(try await self.status("/f", on: server)["permission"] as? String == "1777")
        }
    }
}
