import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Folders of many objects: they go by thousands, and are moved whole or not at all.
@Suite(.timeLimit(.minutes(1))) struct S3RemovalTests {
    private static let folder = Bucket.location("many")
    private static let target = Bucket.location("moved")
    private static let together = "POST /jobs/?delete= "

    private static func bucket(_ count: Int) -> Bucket {
        let bucket = Bucket()
        bucket.put([], as: "many/")
        for number in 1..<count { bucket.put([1], as: "many/\(10_000 + number)") }
        bucket.put([2], as: "manyother")
        return bucket
    }

    private static func count(_ server: LoopbackServer, _ start: String) -> Int {
        server.requests.count { $0.head.hasPrefix(start) }
    }

    /// What a request to remove many names.
    private static func named(_ request: LoopbackServer.Request) -> [String] {
        S3Answer(request.body)?.all("Object").compactMap { $0["Key"] } ?? []
    }

    /// The answer of a store that could not remove some.
    private static func result(_ refused: [(key: String, code: String)]) -> [UInt8] {
        let rows = refused.map { key, code in
            "<Error><Key>\(S3Answer.escaped(key))</Key><Code>\(code)</Code><Message>of the test</Message></Error>"
        }
        return LoopbackServer.ok(Array("<DeleteResult>\(rows.joined())</DeleteResult>".utf8))
    }

    @Test func `a folder goes by thousands of objects, with names that XML must escape and those that it cannot hold`()
        throws
    {
        let bucket = Self.bucket(1_500)
        for name in ["a&b<c>\"d'", "ä ö", "a\u{1}b", "a\rb", "\u{301}x"] { bucket.put([3], as: "many/\(name)") }
        let server = try LoopbackServer { bucket.answer($0) }
        defer { server.close() }
        #expect(try Bucket.transfers(server).delete(Self.folder))
        #expect(bucket.keys == ["manyother"])
        #expect(
            server.requests.filter { $0.head.hasPrefix(Self.together) }.map { Self.named($0).count } == [1_000, 503]
        )
        #expect(Self.count(server, "DELETE ") == 2)
        #expect(Self.count(server, "GET ") == 2)
        #expect(try !Bucket.transfers(server).delete(Self.folder))
    }

    @Test func `what a store could not remove for now is asked for again, alone`() throws {
        let bucket = Self.bucket(20)
        let tries = Mutex(0)
        let busy = ["many/10003", "many/10004"]
        let server = try LoopbackServer { request in
            guard request.head.hasPrefix(Self.together),
                tries.withLock({
                    $0 += 1
                    return $0 == 1
                })
            else {
                return bucket.answer(request)
            }
            let (a, b) = (bucket.objects[busy[0]], bucket.objects[busy[1]])
            _ = bucket.answer(request)
            bucket.put(a?.bytes ?? [], as: busy[0])
            bucket.put(b?.bytes ?? [], as: busy[1])
            return Self.result([(busy[0], "InternalError"), (busy[1], "SlowDown"), ("many/10005", "NoSuchKey")])
        }
        defer { server.close() }
        #expect(try Bucket.transfers(server).delete(Self.folder))
        #expect(bucket.keys == ["manyother"])
        #expect(server.requests.filter { $0.head.hasPrefix(Self.together) }.map(Self.named).last == busy)
    }

    @Test func `an object that may not be removed is named, at once; one that never can be after some tries`() throws {
        for (codes, told, tries) in [
            (["SlowDown", "AccessDenied"], "many/10002 cannot be deleted: AccessDenied (of the test), and 1 more", 1),
            (["SlowDown"], "many/10001 cannot be deleted: SlowDown (of the test) (tried 3 times)", 3),
        ] {
            let bucket = Self.bucket(20)
            let refused = codes.enumerated().map { number, code in (key: "many/1000\(number + 1)", code: code) }
            let server = try LoopbackServer { request in
                request.head.hasPrefix(Self.together) ? Self.result(refused) : bucket.answer(request)
            }
            defer { server.close() }
            let failure = #expect(throws: TransferFailure.self) { try Bucket.transfers(server).delete(Self.folder) }
            #expect(failure?.description.contains(told) == true, "\(failure as Any)")
            #expect(Self.count(server, Self.together) == tries)
        }
    }

    @Test func `an answer about objects that nobody named is not believed`() throws {
        let bucket = Self.bucket(20)
        let server = try LoopbackServer { request in
            request.head.hasPrefix(Self.together)
                ? Self.result([("manyother", "SlowDown")]) : bucket.answer(request)
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) { try Bucket.transfers(server).delete(Self.folder) }
        #expect(failure?.description.contains("does not speak S3's protocol") == true, "\(failure as Any)")
        #expect(Self.count(server, Self.together) == 1)
    }

    @Test(arguments: [
        ("501 Not Implemented", "NotImplemented"), ("405 Method Not Allowed", "MethodNotAllowed"),
        ("400 Bad Request", "MalformedXML"),
    ]) func `a store that knows no such request is asked once, and then object by object`(status: String, code: String)
        throws
    {
        let bucket = Self.bucket(1_010)
        let server = try LoopbackServer { request in
            request.head.hasPrefix("POST ") ? Bucket.refusal(status, code) : bucket.answer(request)
        }
        defer { server.close() }
        #expect(try Bucket.transfers(server).delete(Self.folder))
        #expect(bucket.keys == ["manyother"])
        #expect(Self.count(server, "POST ") == 1)
        #expect(Self.count(server, "DELETE ") == 1_010)
    }

    @Test func `a bucket whose configuration says so is never asked to remove many`() throws {
        let bucket = Self.bucket(30)
        let server = try LoopbackServer { bucket.answer($0) }
        defer { server.close() }
        let transfers = Bucket.transfers(server) {
            var own = $0.common
            own.removesMany = false
            $0.buckets["jobs"] = own
        }
        #expect(try transfers.delete(Self.folder))
        #expect(bucket.keys == ["manyother"])
        #expect(Self.count(server, "POST ") == 0)
        #expect(Self.count(server, "DELETE ") == 30)
    }

    @Test func `a folder is moved with a copy for each object and a removal for each thousand`() throws {
        let bucket = Self.bucket(1_200)
        bucket.put([7], as: "many/\u{301}x")
        let server = try LoopbackServer { bucket.answer($0) }
        defer { server.close() }
        try Bucket.transfers(server).rename(Self.folder, to: Self.target)
        #expect(bucket.objects.count == 1_202)
        #expect(bucket.keys.allSatisfy { $0 == "manyother" || $0.utf8.starts(with: "moved/".utf8) })
        #expect(bucket.objects["moved/\u{301}x"]?.bytes == [7])
        #expect(Self.count(server, "PUT ") == 1_201)
        #expect(Self.count(server, "POST ") == 2)
        #expect(Self.count(server, "DELETE ") == 0)
    }

    @Test func `a folder that cannot be copied whole stays where it was, and can be moved later`() throws {
        let bucket = Self.bucket(1_200)
        let before = bucket.objects.mapValues(\.bytes)
        let isBroken = Mutex(true)
        let server = try LoopbackServer { request in
            let fails = request.head.hasPrefix("PUT /jobs/moved/11150 ") && isBroken.withLock { $0 }
            return fails ? Bucket.refusal("403 Forbidden", "AccessDenied") : bucket.answer(request)
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Self.folder, to: Self.target)
        }
        #expect(failure?.description.contains("cannot be copied") == true, "\(failure as Any)")
        #expect(bucket.objects.mapValues(\.bytes) == before)
        isBroken.withLock { $0 = false }
        try Bucket.transfers(server).rename(Self.folder, to: Self.target)
        #expect(bucket.keys.count { $0.hasPrefix("moved/") } == 1_200)
    }

    @Test func `a move that is cancelled takes its copies back`() throws {
        let bucket = Self.bucket(30)
        let before = bucket.keys
        let cancellation = Cancellation()
        let server = try LoopbackServer { request in
            if request.head.hasPrefix("PUT /jobs/moved/10009 ") { cancellation.cancel() }
            return bucket.answer(request)
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Self.folder, to: Self.target, cancellation: cancellation)
        }
        #expect(failure == .cancelled)
        #expect(bucket.keys == before)
    }

    @Test func `what was written while a folder was moved is not removed`() throws {
        let bucket = Self.bucket(30)
        let server = try LoopbackServer { request in
            // Behind the copies, before the removals.
            if request.head.hasPrefix("PUT /jobs/moved/10009 ") { bucket.put([9], as: "many/0late") }
            return bucket.answer(request)
        }
        defer { server.close() }
        try Bucket.transfers(server).rename(Self.folder, to: Self.target)
        #expect(bucket.keys.filter { $0.hasPrefix("many/") } == ["many/0late"])
    }

    @Test func `a move whose removal fails says that the copy is whole`() throws {
        let bucket = Self.bucket(30)
        let server = try LoopbackServer { request in
            request.head.hasPrefix("POST ") ? Bucket.refusal("403 Forbidden", "AccessDenied") : bucket.answer(request)
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Self.folder, to: Self.target)
        }
        #expect(
            failure?.description.hasSuffix("AccessDenied (of the test); its copy s3a://jobs/moved is whole") == true,
            "\(failure as Any)"
        )
        #expect(bucket.keys.count { $0.hasPrefix("moved/") } == 30)
    }

    @Test func `a folder is not moved into itself`() throws {
        let bucket = Self.bucket(3)
        let before = bucket.keys
        let server = try LoopbackServer { bucket.answer($0) }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Self.folder, to: Bucket.location("many/below"))
        }
        #expect(failure?.description.hasSuffix("s3a://jobs/many/below is below it") == true, "\(failure as Any)")
        #expect(bucket.keys == before)
    }

    @Test func `a list that does not come to its end is refused`() throws {
        let rows = "<Contents><Key>many/x</Key><Size>1</Size></Contents>"
        for (more, told) in [
            ("", "where the next page is"), ("<NextContinuationToken>t</NextContinuationToken>", "same page"),
        ] {
            let text = "<ListBucketResult><IsTruncated>true</IsTruncated>\(more)\(rows)</ListBucketResult>"
            let server = try LoopbackServer { _ in LoopbackServer.ok(Array(text.utf8)) }
            defer { server.close() }
            let failure = #expect(throws: TransferFailure.self) { try Bucket.transfers(server).list(Self.folder) }
            #expect(failure?.description.contains(told) == true, "\(failure as Any)")
        }
    }
}
