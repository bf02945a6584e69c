import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Lines to a bucket that are cut: in the status line, in a header, in the body. What is there at the end is right.
@Suite(.timeLimit(.minutes(2))) struct S3LineTests {
    private let folder: TestFolder
    private let loop = TransferLoop()
    private static let body = Array("The quick brown fox jumps over the lazy dog, twice and again.".utf8)
    private static let object = ResourceLocation(scheme: "s3a", host: "jobs", path: "/\(Bucket.key)")

    init() throws {
        self.folder = try TestFolder()
    }

    private func transfers(_ server: LoopbackServer) -> Transfers { Bucket.transfers(server, self.loop) }

    /// Lets the first answer that `isMeant` through up to a byte, as the bucket has done what was asked.
    private final class Cut: Sendable {
        private let isOver = Mutex(false)
        let bucket = Bucket()
        let isMeant: @Sendable (LoopbackServer.Request) -> Bool
        let byte: @Sendable ([UInt8]) -> Int

        init(
            byte: @escaping @Sendable ([UInt8]) -> Int,
            isMeant: @escaping @Sendable (LoopbackServer.Request) -> Bool
        ) {
            self.isMeant = isMeant
            self.byte = byte
        }

        func answer(_ request: LoopbackServer.Request) -> [UInt8] {
            let answer = self.bucket.answer(request)
            guard self.isMeant(request) else { return answer }
            let cuts = self.isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            return cuts ? Array(answer.prefix(self.byte(answer))) : answer
        }
    }

    private static var answerLength: Int {
        let bucket = Bucket()
        bucket.put(self.body)
        return bucket.whole.count
    }

    @Test func `a download goes on with the same object wherever its line was cut`() throws {
        let length = Self.answerLength
        for byte in 0..<length {
            let cut = Cut(byte: { _ in byte }, isMeant: { _ in true })
            cut.bucket.put(Self.body)
            let server = try LoopbackServer { cut.answer($0) }
            defer { server.close() }
            #expect(try self.transfers(server).download(Self.object, to: "\(self.folder.path)/target") == 61)
            #expect(try self.folder.read("target") == Self.body, "cut at \(byte)")
            #expect(server.requests.count == 2, "cut at \(byte)")
        }
    }

    @Test func `an upload is sent again wherever the line of its answer was cut`() throws {
        let source = try self.folder.write("source", Self.body)
        for byte in 0..<60 {
            let cut = Cut(byte: { _ in byte }, isMeant: { _ in true })
            let server = try LoopbackServer { cut.answer($0) }
            defer { server.close() }
            try self.transfers(server).upload(source, to: Self.object)
            #expect(cut.bucket.object == Self.body, "cut at \(byte)")
        }
    }

    /// The calls of an upload in parts; what begins one, where its answer is lost, leaves one that nobody knows of.
    enum Call: String, CaseIterable {
        case begin = "POST /jobs/in/object?uploads="
        case firstPart = "PUT /jobs/in/object?partNumber=1"
        case lastPart = "PUT /jobs/in/object?partNumber=2"
        case complete = "POST /jobs/in/object?uploadId="
    }

    @Test(arguments: Call.allCases) func `an upload in parts comes to its end wherever a line was cut`(call: Call)
        throws
    {
        let body = (0..<(5 << 20) + 100).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let source = try self.folder.write("source", body)
        // Nothing, the middle of the status line, its end, a header, before the empty line, after it, most of it.
        let places: [@Sendable ([UInt8]) -> Int] = [
            { _ in 0 }, { _ in 9 }, { _ in 17 }, { _ in 30 }, { Self.headLength($0) - 2 }, { Self.headLength($0) },
            { max(Self.headLength($0), $0.count - 1) },
        ]
        for (number, place) in places.enumerated() {
            let cut = Cut(byte: place, isMeant: { $0.head.hasPrefix(call.rawValue) })
            let server = try LoopbackServer { cut.answer($0) }
            defer { server.close() }
            try self.transfers(server).upload(source, to: Self.object)
            #expect(cut.bucket.object == body, "\(call), place \(number)")
            #expect(cut.bucket.pendingUploads <= (call == .begin ? 1 : 0), "\(call), place \(number)")
        }
    }

    private static func headLength(_ answer: [UInt8]) -> Int {
        answer.indices.first { answer[$0...].starts(with: [13, 10, 13, 10]) }.map { $0 + 4 } ?? answer.count
    }

    /// Another object may be at its place, as from an upload that somebody gave up.
    @Test func `an upload that is not there any more fails where the object is another`() throws {
        let body = [UInt8](repeating: 1, count: (5 << 20) + 1)
        let source = try self.folder.write("source", body)
        let bucket = Bucket()
        bucket.put([UInt8](repeating: 2, count: body.count))
        let server = try LoopbackServer { request in
            guard request.head.hasPrefix(Call.complete.rawValue) else { return bucket.answer(request) }
            let text = "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>"
            return LoopbackServer.response("404 Not Found", body: Array(text.utf8))
        }
        defer { server.close() }
        let failure = #expect(throws: TransferFailure.self) {
            try self.transfers(server).upload(source, to: Self.object)
        }
        #expect(failure?.description.contains("NoSuchUpload") == true, "\(failure as Any)")
        #expect(bucket.pendingUploads == 0)
    }

    @Test func `the ETag of an object of several parts is made of theirs`() {
        // printf abc | md5sum; those bytes twice, hashed again.
        let part = "\"900150983cd24fb0d6963f7d28e17f72\""
        #expect(S3Files.tag(of: [part])?.hasSuffix("-1") == true)
        #expect(S3Files.tag(of: [part, part]) == "043a916d6cfeecedf5e04f0312ba762d-2")
        #expect(S3Files.tag(of: [part, "\"kms\""]) == nil)
    }
}
