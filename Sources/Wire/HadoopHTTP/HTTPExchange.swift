import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One request and its answer, between Hummingbird's types and ours.
struct HTTPExchange: Sendable {
    var limits: HTTPLimits
    var roster: ConnectionRoster
    /// Whether the connection is TLS.
    var isSecure: Bool
    var respond: HTTPServer.Respond

    @concurrent
    func run(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let answer: WebAnswer
        do throws(RESTFailure) {
            var question = try self.question(request, channel)
            if question.header("expect")?.lowercased() == "100-continue", self.wantsBody(request) {
                try? await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            // A client that is answered while it sends closes the connection (curl), and a new one costs more than these bytes.
            if self.hearsOut(request) { question.body = await question.body.arrived().body }
            answer = await self.respond(question)
        } catch {
            answer = .failure(error, as: .json)
        }
        try await self.write(answer, isHead: request.method == .head, to: writer, channel)
    }

    /// Where files are uploaded, other requests are answered before long bodies come: the answer may be to send the body to
    /// another address.
    private func wantsBody(_ request: Request) -> Bool {
        guard let isUpload = self.limits.isUpload else { return true }
        return self.hearsOut(request) || isUpload(request.method.rawValue, request.head.path ?? "")
    }

    /// Whether it has a body that may be meant for another address, and is short enough to wait for.
    private func hearsOut(_ request: Request) -> Bool {
        guard let isUpload = self.limits.isUpload, let length = Self.statedLength(of: request),
            (1...Self.heardBytesMaximum).contains(length)
        else { return false }
        return !isUpload(request.method.rawValue, request.head.path ?? "")
    }

    private static let heardBytesMaximum = 64 << 10

    private static func statedLength(of request: Request) -> Int? {
        request.headers[.contentLength].flatMap { Int($0) }
    }

    private func question(_ request: Request, _ channel: any Channel) throws(RESTFailure) -> WebRequest {
        guard let method = WebMethod(rawValue: request.method.rawValue) else {
            throw .http(501, "The method \(request.method.rawValue) is not known here.")
        }
        let target = try WebTarget(request.head.path ?? "")
        let length = Self.statedLength(of: request) ?? 0
        guard self.limits.isUpload != nil || length <= self.limits.bodyBytesMaximum else {
            throw .http(413, "The body is longer than the \(self.limits.bodyBytesMaximum) bytes that are accepted.")
        }
        let body = request.body
        let requests = self.roster.requests(of: channel)
        var question = WebRequest(
            method: method,
            target: target,
            headers: request.headers.map { WebHeader($0.name.rawName, $0.value) },
            authority: request.head.authority,
            peerAddress: channel.remoteAddress?.ipAddress ?? "",
            localAddress: channel.localAddress?.ipAddress ?? "",
            body: WebBody { piece in
                for try await buffer in body { try await piece(buffer) }
                // A connection that closes ends the body too, and nothing else tells the two apart.
                guard requests?.isCurrentWhole == true else { throw WebBodyCutOff() }
            }
        )
        question.isSecure = self.isSecure
        return question
    }

    @concurrent
    private func write(
        _ answer: WebAnswer,
        isHead: Bool,
        to writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        var head = HTTPResponse(status: HTTPResponse.Status(code: answer.status))
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) {
                head.headerFields.append(HTTPField(name: name, value: header.value))
            }
        }
        let now = CalendarTime(milliseconds: Self.millisecondsNow()).httpText
        head.headerFields[.date] = now
        if head.headerFields[.cacheControl] == "no-cache" { head.headerFields[.expires] = now }
        switch answer.body {
        case .bytes(let bytes):
            if answer.status != 204, answer.status != 304 {
                head.headerFields[.contentLength] = String(bytes.readableBytes)
            }
            try await writer.write(
                response: head,
                body: isHead ? ResponseBody() : ResponseBody(byteBuffer: bytes)
            )
        case .stream(let length, let produce):
            head.headerFields[.contentLength] = length.map(String.init)
            if isHead {
                try await writer.writeResponse(head)
                return
            }
            let isSecure = self.isSecure
            let body = ResponseBody { pieces in
                try await produce(PieceWriter(writer: pieces, channel: channel, isSecure: isSecure))
                try await pieces.finish(nil)
            }
            try await writer.write(response: head, body: body)
        }
    }

    private static func millisecondsNow() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}

private struct PieceWriter: WebBodyWriter {
    var writer: any ResponseBodyWriter
    var channel: any Channel
    var isSecure: Bool
    private let lead = BytesAhead()

    init(writer: any ResponseBodyWriter, channel: any Channel, isSecure: Bool) {
        self.writer = writer
        self.channel = channel
        self.isSecure = isSecure
    }

    @concurrent
    func write(_ piece: ByteBuffer) async throws {
        // An empty piece says nothing, and holds a file's place.
        guard piece.readableBytes > 0 else { return }
        var writer = self.writer
        try await writer.write(piece)
        // A connection says that it is full only once its loop has looked at what came. A loop that waits for a processor
        // looks late, and what is written meanwhile would be limited by nothing but memory.
        guard self.lead.exceeds(Self.leadBytes, after: piece.readableBytes) else { return }
        try await self.channel.eventLoop.submit {}.get()
    }

    @concurrent
    func send(_ descriptor: CInt, from offset: Int64, count: Int64) async throws {
        guard !self.isSecure else { return try await self.copy(descriptor, from: offset, count: count) }
        let channel = self.channel
        let files = try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: FileBodies.self).queue
        }.get()
        // The handle is one user's at a time, and never closes what it does not own.
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        defer { _ = try? handle.takeDescriptorOwnership() }
        var done: Int64 = 0
        while done < count {
            let start = Int(offset + done)
            let size = Int(min(count - done, Self.partBytes))
            let promise = channel.eventLoop.makePromise(of: Void.self)
            let region = FileRegion(fileHandle: handle, readerIndex: start, endIndex: start + size)
            try files.append(FileQueue.Entry(region: region, promise: promise))
            do {
                var writer = self.writer
                try await writer.write(ByteBuffer())
            } catch {
                // Nothing more is written on this connection.
                files.close()
                throw error
            }
            try await promise.futureResult.get()
            done += Int64(size)
        }
    }

    /// Through memory, piece by piece: what is encrypted the kernel cannot send by itself.
    @concurrent
    private func copy(_ descriptor: CInt, from offset: Int64, count: Int64) async throws {
        var done: Int64 = 0
        while done < count {
            let (start, size) = (offset + done, Int(min(count - done, Self.copyBytes)))
            let piece = try await NIOThreadPool.singleton.runIfActive {
                try Self.read(descriptor, at: start, count: size)
            }
            try await self.write(piece)
            done += Int64(piece.readableBytes)
        }
    }

    private static func read(_ descriptor: CInt, at offset: Int64, count: Int) throws -> ByteBuffer {
        var piece = ByteBuffer()
        var result = 0
        repeat {
            unsafe piece.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                result = unsafe pread(descriptor, space.baseAddress, count, off_t(offset))
                return max(0, result)
            }
        } while result < 0 && errno == EINTR
        guard result > 0 else { throw IOError(errnoCode: result < 0 ? errno : EIO, reason: "reading a file to send") }
        return piece
    }

    private static let copyBytes: Int64 = 256 << 10

    /// What is written without waiting for the connection's loop: enough that the wait does not count.
    private static let leadBytes = 256 << 10

    /// What a slow reader must take before `HTTPLimits.writeStall` has passed.
    private static let partBytes: Int64 = 1 << 20
}

/// How much was handed to a connection since its loop was last waited for.
private final class BytesAhead: Sendable {
    private let bytes = Mutex(0)

    /// Counts more, and begins again where that is too much.
    func exceeds(_ maximum: Int, after more: Int) -> Bool {
        self.bytes.withLock { bytes in
            bytes += more
            guard bytes >= maximum else { return false }
            bytes = 0
            return true
        }
    }
}
