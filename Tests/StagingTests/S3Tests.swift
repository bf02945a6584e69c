import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Where the keys come from, and what is asked of a bucket.
@Suite(.timeLimit(.minutes(1))) struct S3Tests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    private func transfers(_ server: LoopbackServer, _ change: (inout S3Settings) -> Void) -> Transfers {
        var settings = TransferSettings(attemptsMaximum: 2, firstPause: .milliseconds(1))
        settings.s3.common.endpoint = "http://127.0.0.1:\(server.port)"
        // Never the real one: a test asks nobody but its own servers.
        settings.s3.metadataEndpoint = nil
        change(&settings.s3)
        return Transfers(settings: settings, loop: TransferLoop(), chance: { 0 })
    }

    private static func object(_ path: String) -> ResourceLocation {
        ResourceLocation(scheme: "s3a", host: "jobs", path: path)
    }

    @Test func `a request carries what was signed, and an ETag is compared with the bytes`() throws {
        // printf abc | md5sum
        let tags = ["900150983cd24fb0d6963f7d28e17f72", "00000000000000000000000000000000"]
        let server = try LoopbackServer { request in
            LoopbackServer.ok(Array("abc".utf8), ["ETag: \"\(tags[request.path.contains("bad") ? 1 : 0])\""])
        }
        defer { server.close() }
        let transfers = self.transfers(server) {
            $0.common.accessKey = "AKID"
            $0.common.secretKey = "hush"
            $0.common.sessionToken = "session"
        }
        #expect(try transfers.download(Self.object("/a b+c/ä"), to: "\(self.folder.path)/t") == 3)
        let head = try #require(server.requests.first).head
        #expect(head.hasPrefix("GET /jobs/a%20b%2Bc/%C3%A4 HTTP/1.1\r\n"))
        #expect(head.contains("Authorization: AWS4-HMAC-SHA256 Credential=AKID/"))
        #expect(
            head.contains("SignedHeaders=host;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date;x-amz-security-token")
        )
        #expect(!head.contains("hush"))
        let failure = #expect(throws: TransferFailure.self) {
            try transfers.download(Self.object("/bad"), to: "\(self.folder.path)/u")
        }
        #expect(failure?.description.contains("did not arrive as it was sent") == true)
    }

    @Test func `the configuration's keys come before the environment's, and a bucket's before both`() throws {
        let server = try LoopbackServer { _ in LoopbackServer.ok([1]) }
        defer { server.close() }
        func access(_ change: (inout S3Settings) -> Void) throws -> String? {
            try self.transfers(server, change).download(Self.object("/x"), to: "\(self.folder.path)/t")
            return server.requests.last?.head.split(separator: "Credential=").dropFirst().first?
                .split(separator: "/").first.map(String.init)
        }
        func pair(_ name: String) -> S3Settings.Bucket {
            var bucket = S3Settings.Bucket()
            bucket.endpoint = "http://127.0.0.1:\(server.port)"
            bucket.accessKey = name
            bucket.secretKey = "s"
            return bucket
        }
        let environment = ["AWS_ACCESS_KEY_ID": "ENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "s"]
        #expect(try access { $0.environment = environment } == "ENVIRONMENT")
        #expect(
            try access {
                $0.environment = environment
                $0.common = pair("COMMON")
            } == "COMMON"
        )
        #expect(
            try access {
                $0.common = pair("COMMON")
                $0.buckets["jobs"] = pair("OWN")
            } == "OWN"
        )
        #expect(try access { $0.common.isAnonymous = true } == nil)
        let failure = #expect(throws: TransferFailure.self) { try access { _ in } }
        #expect(failure?.description.contains("fs.s3a.access.key") == true)
    }

    @Test func `a folder is listed page by page`() throws {
        let server = try LoopbackServer { request in
            let isFirst = !request.path.contains("continuation-token=next")
            let key = isFirst ? "in/a%2Bb" : "in/c"
            let more =
                isFirst ? "<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken>" : ""
            let text =
                "<ListBucketResult>\(more)<Contents><Key>\(key)</Key><Size>7</Size>"
                + "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
                + "<CommonPrefixes><Prefix>in/sub\(isFirst ? 1 : 2)/</Prefix></CommonPrefixes></ListBucketResult>"
            return LoopbackServer.ok(Array(text.utf8))
        }
        defer { server.close() }
        let found = try self.transfers(server) { $0.common.isAnonymous = true }.list(Self.object("/in"))
        #expect(found.map(\.location.path) == ["/in/a+b", "/in/c", "/in/sub1", "/in/sub2"])
        #expect(found.map(\.kind) == [.file, .file, .directory, .directory])
        #expect(found.first?.modificationTime == 1_767_225_600_000)
    }

    @Test func `a refusal says so where the clocks are apart`() throws {
        let date = Mutex("Thu, 01 Jan 2026 00:00:00 GMT")
        let server = try LoopbackServer { _ in
            LoopbackServer.response("403 Forbidden", ["Content-Length: 0", "Date: \(date.withLock { $0 })"])
        }
        defer { server.close() }
        func said() -> String {
            let failure = #expect(throws: TransferFailure.self) {
                try self.transfers(server) { $0.common.isAnonymous = true }.status(of: Self.object("/x"))
            }
            return "\(failure as Any)"
        }
        #expect(said().contains("403 Forbidden; this machine's clock is "))
        #expect(said().contains(" days ahead of the server's: set one of them right"))
        date.withLock { $0 = "no date" }
        #expect(!said().contains("clock"))
        #expect(ClockSkew(here: 10_000, there: 10_900) == nil)
        #expect(ClockSkew(here: 10_000, there: 10_901)?.description.contains("15 minutes behind the server's") == true)
        #expect(ClockSkew(here: 20_000, there: 10_000)?.description.contains("2 hours ahead of the server's") == true)
    }

    @Test func `hdfs leads to its configured gateway, and says so where there is none`() throws {
        let status = #"{"FileStatus":{"type":"FILE","length":2,"modificationTime":5,"permission":"644"}}"#
        let server = try LoopbackServer { request in
            LoopbackServer.ok(Array((request.path.contains("OPEN") ? "ok" : status).utf8))
        }
        defer { server.close() }
        var settings = TransferSettings(attemptsMaximum: 1)
        settings.hdfsGateways["name:8020"] = ResourceLocation(
            scheme: "webhdfs",
            host: "127.0.0.1",
            port: server.port,
            path: "/"
        )
        let transfers = Transfers(settings: settings, loop: TransferLoop())
        let file = ResourceLocation(scheme: "hdfs", host: "NAME", port: 8_020, path: "/d/f")
        #expect(try transfers.download(file, to: "\(self.folder.path)/t") == 2)
        #expect(server.requests.last?.path.hasPrefix("/webhdfs/v1/d/f?op=OPEN") == true)
        let other = ResourceLocation(scheme: "hdfs", host: "other", path: "/f")
        let failure = #expect(throws: TransferFailure.self) {
            try transfers.download(other, to: "\(self.folder.path)/u")
        }
        #expect(failure?.description.contains("set heddle.transfer.hdfs-gateway.other") == true)
    }

    @Test func `a large file goes up in parts, and what was begun is given up when one cannot be sent`() throws {
        let body = (0..<11 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try self.folder.write("source", body)
        let server = try LoopbackServer { request in
            if request.path.hasSuffix("?uploads=") {
                return LoopbackServer.ok(
                    Array(
                        "<InitiateMultipartUploadResult><UploadId>u 1</UploadId></InitiateMultipartUploadResult>".utf8
                    )
                )
            }
            if request.head.hasPrefix("POST ") {
                return LoopbackServer.ok(Array("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>".utf8))
            }
            if request.path.contains("/bad") && request.head.hasPrefix("PUT ") {
                return LoopbackServer.response("403 Forbidden", body: Array("<Error><Code>No</Code></Error>".utf8))
            }
            return LoopbackServer.ok([], ["ETag: \"part\""])
        }
        defer { server.close() }
        let transfers = self.transfers(server) {
            $0.common.isAnonymous = true
            $0.partSize = 5 << 20
            $0.multipartThreshold = 5 << 20
        }
        let progress = TransferProgress()
        try transfers.upload("\(self.folder.path)/source", to: Self.object("/big"), progress: progress)
        let parts = server.requests.filter { $0.path.contains("partNumber=") }
        #expect(parts.flatMap(\.body) == body)
        #expect(parts.map(\.body.count) == [5 << 20, 5 << 20, 1 << 20])
        #expect(progress.bytes == Int64(body.count))
        let failure = #expect(throws: TransferFailure.self) {
            try transfers.upload("\(self.folder.path)/source", to: Self.object("/bad"))
        }
        #expect(failure?.description.contains("403 Forbidden: No") == true)
        #expect(server.requests.last?.head.hasPrefix("DELETE /jobs/bad?uploadId=u%201 ") == true)
    }

    @Test func `a file goes to WebHDFS in two steps`() throws {
        try self.folder.write("source", Array("content".utf8))
        let server = try LoopbackServer { request in
            request.path.contains("op=CREATE")
                ? LoopbackServer.response("307 Temporary Redirect", ["Location: /data?x=1", "Content-Length: 0"])
                : LoopbackServer.response("201 Created", ["Content-Length: 0"])
        }
        defer { server.close() }
        let target = ResourceLocation(scheme: "webhdfs", host: "127.0.0.1", port: server.port, path: "/d/f")
        try Transfers(loop: TransferLoop()).upload("\(self.folder.path)/source", to: target, user: "ann")
        #expect(server.requests.map(\.body.count) == [0, 7])
        #expect(server.requests.last?.path == "/data?x=1")
        let path = server.requests.first?.path ?? ""
        #expect(path.hasPrefix("/webhdfs/v1/d/f?op=CREATE&overwrite=true&heddle.writer="), "\(path)")
        #expect(path.hasSuffix("&user.name=ann"), "\(path)")
    }

    /// HDFS answers 307 with the address of a DataNode, which then has its own redirects, refusals and 201.
    @Test func `the second step of an upload goes where the first one leads, and its refusal is told`() throws {
        try self.folder.write("source", Array("content".utf8))
        let node = try LoopbackServer { request in
            guard request.path.hasPrefix("/webhdfs/v1/d/full") else {
                return LoopbackServer.response("201 Created", ["Content-Length: 0"])
            }
            let text = #"{"RemoteException":{"exception":"DSQuotaExceededException","message":"no room\n\tat x"}}"#
            return LoopbackServer.response(
                "403 Forbidden",
                ["Content-Length: \(text.utf8.count)"],
                body: Array(text.utf8)
            )
        }
        defer { node.close() }
        let server = try LoopbackServer { request in
            let address = "http://127.0.0.1:\(node.port)\(request.path)&namenoderpcaddress=name:8020&createflag="
            return LoopbackServer.response("307 Temporary Redirect", ["Location: \(address)", "Content-Length: 0"])
        }
        defer { server.close() }
        func upload(_ path: String) throws {
            let target = ResourceLocation(scheme: "webhdfs", host: "127.0.0.1", port: server.port, path: path)
            try Transfers(loop: TransferLoop()).upload("\(self.folder.path)/source", to: target, user: "ann")
        }
        try upload("/d/f")
        #expect(node.requests.map(\.body) == [Array("content".utf8)])
        #expect(node.requests.first?.path.hasSuffix("&user.name=ann&namenoderpcaddress=name:8020&createflag=") == true)
        let refused = #expect(throws: TransferFailure.self) { try upload("/d/full") }
        #expect(refused?.description.hasSuffix("answered 403 Forbidden: no room") == true, "\(refused as Any)")
    }
}
