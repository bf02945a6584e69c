import HadoopHTTP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Staging
import StagingCore

/// CREATE and APPEND. The first step reserves the file and answers where to send its bytes, which is here; the second
/// receives them. With `data=true` the bytes come with the first step, as they do to HttpFS.
extension StagingCall {
    enum Purpose: Sendable {
        case create
        case append
    }

    func write(_ purpose: Purpose) async throws -> WebAnswer {
        if let text = self.parameters.text(OwnParameters.stream) {
            guard let number = UInt64(text, radix: 16) else {
                throw RESTFailure.parameter(OwnParameters.stream, "it is not what the first step answered")
            }
            let write = WriteID(number)
            try await self.driver.stepAhead { namespace, _ in
                try namespace.begin(write, at: self.path, by: self.caller)
            }
            return try await self.receive(write, purpose)
        }
        let hasData = try self.parameters.flag(OwnParameters.data, default: false)
        let wantsAddress = try self.parameters.flag("noredirect", default: false)
        if hasData, !wantsAddress { return try await self.receiveAtOnce(purpose) }
        let write = WriteID(UInt64.random(in: 1...UInt64.max))
        let request = try self.request(write, purpose)
        // A restart ends every stream: what is answered here is good for this process only.
        try await self.driver.stepAhead { namespace, now in try namespace.reserve(request, at: now) }
        // A parameter of that name in the request itself has no place in the answer.
        let address =
            self.address(without: "noredirect=")
            + "&\(OwnParameters.stream)=\(String(write.number, radix: 16))"
        guard wantsAddress else {
            return WebAnswer.redirect(to: address, status: 307).adding("Content-Type", "application/octet-stream")
        }
        return Self.json("Location", .string(address))
    }

    private func request(_ write: WriteID, _ purpose: Purpose) throws -> WriteRequest {
        WriteRequest(
            path: self.path,
            purpose: purpose == .create ? .create(try self.parameters.creation()) : .append,
            write: write,
            writer: self.parameters.text(OwnParameters.writer),
            caller: self.caller
        )
    }

    /// Both steps in one request.
    private func receiveAtOnce(_ purpose: Purpose) async throws -> WebAnswer {
        let write = WriteID(UInt64.random(in: 1...UInt64.max))
        let request = try self.request(write, purpose)
        var call = self
        if let length = self.statedLength, length <= IndexedContent.pieceBytesMaximum {
            // All of it is here in a moment: one step of the index, and one flush, are enough.
            let (body, isWhole) = await self.request.body.arrived()
            call.request.body = body
            if isWhole {
                try await self.driver.store(request, try await call.request.collectBody(upTo: length))
                return self.stored(purpose)
            }
            // What came is kept or not as of any broken stream.
        }
        try await self.driver.stepAhead { namespace, now in try namespace.begin(request, at: now) }
        return try await call.receive(write, purpose)
    }

    private var statedLength: Int? { self.request.header("content-length").flatMap { Int($0) } }

    /// - Parameter write: has begun. The stream is this call's to end, however it ends.
    private func receive(_ write: WriteID, _ purpose: Purpose) async throws -> WebAnswer {
        let progress = UploadProgress()
        do {
            try await self.store(write, progress)
        } catch {
            // Who is told of a failure has no use for a part; whose connection broke may have.
            let isTold = error is StagingRefusal || error is StorageError || error is StagingDown
            await withTaskExecutorPreference(self.service.files) {
                await self.driver.abandon(write, length: isTold ? 0 : progress.length)
            }
            throw error
        }
        return self.stored(purpose)
    }

    private func stored(_ purpose: Purpose) -> WebAnswer {
        guard purpose == .create else { return Self.empty }
        return WebAnswer(
            status: 201,
            headers: WebAnswer.hadoopHeaders + [
                WebHeader(
                    "Location",
                    "\(self.request.isSecure ? "swebhdfs" : "webhdfs")://\(self.request.authority ?? "localhost")\(self.request.rawPath.dropFirst(11))"
                ),
                WebHeader("Content-Type", "application/octet-stream"),
            ]
        )
    }

    private func store(_ write: WriteID, _ progress: UploadProgress) async throws {
        let length = self.statedLength
        let stream = self.driver.stream(of: write, length: length)
        // What fits into memory needs no thread for files.
        guard let length, length <= IndexedContent.pieceBytesMaximum else {
            return try await withTaskExecutorPreference(self.service.files) { try await self.receive(stream, progress) }
        }
        try await self.receive(stream, progress)
    }

    private func receive(_ stream: UploadStream, _ progress: UploadProgress) async throws {
        let (driver, write) = (self.driver, stream.write)
        try await self.request.body.forEachPiece { piece in
            let total = progress.length + Int64(piece.readableBytes)
            // First, so that a quota is never passed on the disk either. Readers see the prefix when it has its place.
            try driver.note { try $0.checkSpace(write, total: total) }
            try stream.append(piece)
            progress.length = total
            try driver.note { try $0.received(write, total: total) }
        }
        let (segment, bytes) = stream.finish() ?? (nil, nil)
        if let segment {
            if bytes == nil {
                try stream.sync()
                try driver.install(write, as: segment.hash)
            } else {
                try driver.blobs.checkRoom()
            }
        }
        try await driver.finish(stream, segment, bytes)
    }
}

/// How many bytes of an upload are in its file.
private final class UploadProgress: Sendable {
    private let box = NIOLockedValueBox<Int64>(0)

    var length: Int64 {
        get { self.box.withLockedValue { $0 } }
        set { self.box.withLockedValue { $0 = newValue } }
    }
}
