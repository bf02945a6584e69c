import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Requests that S3 answers with 200 before it knows how they end, and copies in parts.
@Suite(.timeLimit(.minutes(1))) struct S3CopyTests {
    private let folder: TestFolder
    private static let moved = Bucket.location("moved/object")
    private static let large = (0..<(11 << 20) + 5).map { UInt8(truncatingIfNeeded: $0 &* 13) }

    init() throws {
        self.folder = try TestFolder()
    }

    /// A bucket that answers some requests otherwise, and may have done what was asked.
    private final class Store: Sendable {
        let bucket = Bucket()
        private let answers: Mutex<[(start: String, does: Bool, answer: [UInt8])]>

        /// - Parameter answers: to the first requests that begin so, one after the other.
        init(_ answers: [(start: String, does: Bool, answer: [UInt8])] = []) {
            self.answers = Mutex(answers)
        }

        func answer(_ request: LoopbackServer.Request) -> [UInt8] {
            let other = self.answers.withLock { answers in
                answers.firstIndex { request.head.hasPrefix($0.start) }.map { answers.remove(at: $0) }
            }
            guard let other else { return self.bucket.answer(request) }
            if other.does { _ = self.bucket.answer(request) }
            return other.answer
        }
    }

    private static let complete = "POST /jobs/in/object?uploadId="
    private static let copy = "PUT /jobs/moved/object "

    private static func late(_ code: String) -> [UInt8] {
        // What S3 sends to keep a connection open stands before the document.
        let text = "\n  \n<Error><Code>\(code)</Code><Message>of the test</Message></Error>"
        return LoopbackServer.ok(Array(text.utf8))
    }

    /// Not compared by `#expect` itself, which would write millions of numbers.
    private static func isLarge(_ bytes: [UInt8]?) -> Bool { bytes == Self.large }

    private func count(_ server: LoopbackServer, _ start: String) -> Int {
        server.requests.count { $0.head.hasPrefix(start) }
    }

    @Test(arguments: ["InternalError", "SlowDown", "ServiceUnavailable"])
    func `an upload whose end fails after a 200 is completed again`(code: String) throws {
        let source = try self.folder.write("source", Self.large)
        let store = Store([(Self.complete, false, Self.late(code))])
        let server = try LoopbackServer { store.answer($0) }
        defer { server.close() }
        try Bucket.transfers(server).upload(source, to: Bucket.location())
        #expect(Self.isLarge(store.bucket.object))
        #expect(self.count(server, Self.complete) == 2)
        #expect(store.bucket.pendingUploads == 0)
    }

    /// The later answer, with its own status or after a 200, says that there is no such upload any more.
    @Test(arguments: [nil, "NoSuchUpload"])
    func `an upload that took effect although its end was a failure is there`(late: String?) throws {
        let source = try self.folder.write("source", Self.large)
        let second = late.map { [(Self.complete, false, Self.late($0))] } ?? []
        let store = Store([(Self.complete, true, Self.late("InternalError"))] + second)
        let server = try LoopbackServer { store.answer($0) }
        defer { server.close() }
        try Bucket.transfers(server).upload(source, to: Bucket.location())
        #expect(Self.isLarge(store.bucket.object))
        #expect(self.count(server, Self.complete) == 2)
    }

    @Test func `what does not pass is told at once, and what goes on is given up with its number of tries`() throws {
        let source = try self.folder.write("source", Self.large)
        for (code, tries) in [("AccessDenied", 1), ("InternalError", 3)] {
            let store = Store(Array(repeating: (Self.complete, false, Self.late(code)), count: 3))
            let server = try LoopbackServer { store.answer($0) }
            defer { server.close() }
            let failure = #expect(throws: TransferFailure.self) {
                try Bucket.transfers(server).upload(source, to: Bucket.location())
            }
            #expect(failure?.description.contains("cannot be written") == true, "\(failure as Any)")
            #expect(failure?.description.contains("\(code) (of the test)") == true, "\(failure as Any)")
            #expect(failure?.description.contains("(tried 3 times)") == (tries == 3), "\(failure as Any)")
            #expect(self.count(server, Self.complete) == tries)
            #expect(store.bucket.pendingUploads == 0)
        }
    }

    /// An answer without a body is one that was cut off, too.
    @Test(arguments: ["InternalError", "SlowDown", nil])
    func `a copy that fails after a 200 is made again`(code: String?) throws {
        let store = Store([(Self.copy, false, code.map(Self.late) ?? LoopbackServer.ok([]))])
        store.bucket.put([1, 2, 3])
        let server = try LoopbackServer { store.answer($0) }
        defer { server.close() }
        try Bucket.transfers(server).rename(Bucket.location(), to: Self.moved)
        #expect(store.bucket.objects.mapValues(\.bytes) == ["moved/object": [1, 2, 3]])
        #expect(self.count(server, Self.copy) == 2)
    }

    @Test func `a copy that is refused after a 200 fails, and the object stays`() throws {
        let store = Store([(Self.copy, false, Self.late("AccessDenied"))])
        store.bucket.put([1, 2, 3])
        let server = try LoopbackServer { store.answer($0) }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Bucket.location(), to: Self.moved)
        }
        #expect(failure?.description.contains("cannot be copied") == true, "\(failure as Any)")
        #expect(failure?.description.contains("AccessDenied (of the test)") == true, "\(failure as Any)")
        #expect(self.count(server, Self.copy) == 1)
        #expect(store.bucket.keys == [Bucket.key])
    }

    @Test func `a large object is copied in parts, with what it says of itself`() throws {
        let metadata = ["content-type": "text/csv", "content-encoding": "gzip", "x-amz-meta-owner": "ann lee"]
        let part = "PUT /jobs/moved/object?partNumber=2"
        let store = Store([(part, false, Self.late("InternalError"))])
        store.bucket.put(Self.large, metadata: metadata)
        let server = try LoopbackServer { store.answer($0) }
        defer { server.close() }
        try Bucket.transfers(server).rename(Bucket.location(), to: Self.moved)
        #expect(store.bucket.keys == ["moved/object"])
        let found = try #require(store.bucket.objects["moved/object"])
        #expect(Self.isLarge(found.bytes))
        #expect(found.metadata == metadata)
        #expect(found.tag.hasSuffix("-3"))
        #expect(self.count(server, part) == 2)
        #expect(store.bucket.pendingUploads == 0)
        #expect(self.count(server, Self.copy) == 0)
    }

    @Test func `an object that is not larger than the threshold is copied with one request`() throws {
        let store = Store()
        store.bucket.put(Self.large)
        let server = try LoopbackServer { store.answer($0) }
        defer { server.close() }
        let transfers = Bucket.transfers(server) { $0.multipartThreshold = Int64(Self.large.count) }
        try transfers.rename(Bucket.location(), to: Self.moved)
        #expect(store.bucket.keys == ["moved/object"])
        #expect(Self.isLarge(store.bucket.objects["moved/object"]?.bytes))
        #expect(self.count(server, Self.copy) == 1)
    }

    @Test func `parts of two objects are never put together`() throws {
        let bucket = Bucket()
        bucket.put(Self.large)
        let server = try LoopbackServer { request in
            if request.head.hasPrefix("PUT /jobs/moved/object?partNumber=2") { bucket.put(Self.large + [1]) }
            return bucket.answer(request)
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Bucket.location(), to: Self.moved)
        }
        #expect(failure?.description.contains("it was changed while it was copied") == true, "\(failure as Any)")
        #expect(bucket.keys == [Bucket.key] && bucket.object?.count == Self.large.count + 1)
        #expect(bucket.pendingUploads == 0)
    }

    @Test func `a copy in parts that is cancelled takes back what it began`() throws {
        let bucket = Bucket()
        bucket.put(Self.large)
        let cancellation = Cancellation()
        let server = try LoopbackServer { request in
            if request.head.hasPrefix("PUT /jobs/moved/object?partNumber=2") { cancellation.cancel() }
            return bucket.answer(request)
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try Bucket.transfers(server).rename(Bucket.location(), to: Self.moved, cancellation: cancellation)
        }
        #expect(failure == .cancelled)
        #expect(bucket.keys == [Bucket.key])
        #expect(bucket.pendingUploads == 0)
    }
}
