import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes one answer to its connection, from whatever thread it is made on, and holds its maker up while too much of it is on
/// its way.
final class AnswerWriter: WebBodyWriter, Sendable {
    enum Part: Sendable {
        /// A status before the answer's own, as 100.
        case interim(HTTPResponseStatus)
        case head(HTTPResponseHead)
        case bytes(ByteBuffer)
        /// Goes to the socket by sendfile(2), and never into memory.
        case file(FileRegion)
        case end

        /// Of a body.
        var size: Int {
            switch self {
            case .interim, .head, .end: 0
            case .bytes(let bytes): bytes.readableBytes
            case .file(let region): region.readableBytes
            }
        }
    }

    private struct State {
        var parts: [Part] = []
        var isScheduled = false
        /// Bytes that were given to the connection and that the kernel has not taken yet.
        var ahead = 0
        /// All bytes of the body so far.
        var written: Int64 = 0
        var failure: (any Error)?
        var maker: CheckedContinuation<Void, any Error>?
    }

    private let connection: BoundConnection
    private let isSecure: Bool
    private let state = Mutex(State())

    init(connection: BoundConnection, isSecure: Bool) {
        self.connection = connection
        self.isSecure = isSecure
    }

    /// Bytes of the body that were written.
    var written: Int64 { self.state.withLock { $0.written } }

    // MARK: Parts

    /// Gives parts to the connection, in their order.
    /// - Throws: once the connection has ended.
    func put(_ parts: Part...) throws {
        let size = parts.reduce(0) { $0 + $1.size }
        let mustSchedule = try self.state.withLock { state in
            if let failure = state.failure { throw failure }
            state.parts += parts
            state.ahead += size
            state.written += Int64(size)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        // What another thread has left for the loop goes first, so it may not be passed by.
        guard mustSchedule || self.connection.loop.inEventLoop else { return }
        self.connection.run { self.pass(on: $0) }
    }

    private func pass(on connection: WebConnection) {
        let parts = self.state.withLock { state in
            state.isScheduled = false
            defer { state.parts = [] }
            return state.parts
        }
        guard let last = parts.last else { return }
        // Nobody waits for what goes out with an answer's end.
        let isAnswered = if case .end = last { true } else { false }
        for part in parts {
            let size = isAnswered ? 0 : part.size
            guard size > 0 else {
                connection.write(part, promise: nil)
                continue
            }
            let promise = self.connection.loop.makePromise(of: Void.self)
            promise.futureResult.whenComplete { self.taken(size, $0) }
            connection.write(part, promise: promise)
        }
        connection.flush()
        if isAnswered { connection.answered() }
    }

    private func taken(_ size: Int, _ result: Result<Void, any Error>) {
        let maker = self.state.withLock { state in
            state.ahead -= size
            if case .failure(let error) = result { state.failure = state.failure ?? error }
            guard state.ahead == 0 || state.failure != nil else { return nil as CheckedContinuation<Void, any Error>? }
            defer { state.maker = nil }
            return state.maker
        }
        maker?.resume(with: result)
    }

    /// Waits where more than `maximum` bytes are on their way, until none is: a connection that is never quite empty looks like
    /// one whose caller reads nothing (`HTTPLimits.writeStall`).
    private func settle(above maximum: Int) async throws {
        guard self.state.withLock({ $0.ahead > maximum }) else { return }
        try await withCheckedThrowingContinuation { continuation in
            let failure = self.state.withLock { state -> Result<Void, any Error>? in
                if let failure = state.failure { return .failure(failure) }
                guard state.ahead > 0 else { return .success(()) }
                state.maker = continuation
                return nil
            }
            if let failure { continuation.resume(with: failure) }
        }
    }

    /// Ends the connection, since nothing else says that an answer is not whole.
    func abort() { self.connection.run { $0.abort() } }

    // MARK: WebBodyWriter

    @concurrent
    func write(_ piece: ByteBuffer) async throws {
        guard piece.readableBytes > 0 else { return }
        try self.put(.bytes(piece))
        try await self.settle(above: Self.leadBytes)
    }

    @concurrent
    func send(_ descriptor: CInt, from offset: Int64, count: Int64) async throws {
        guard !self.isSecure else { return try await self.copy(descriptor, from: offset, count: count) }
        // The handle is one user's at a time, and never closes what it does not own.
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        defer { _ = try? handle.takeDescriptorOwnership() }
        var done: Int64 = 0
        while done < count {
            let start = Int(offset + done)
            let size = Int(min(count - done, Self.partBytes))
            try self.put(.file(FileRegion(fileHandle: handle, readerIndex: start, endIndex: start + size)))
            try await self.settle(above: 0)
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

    /// What is written without waiting for the connection's loop and the kernel: enough that the wait does not count.
    private static let leadBytes = 256 << 10

    /// What a slow reader must take before `HTTPLimits.writeStall` has passed.
    private static let partBytes: Int64 = 1 << 20
}
