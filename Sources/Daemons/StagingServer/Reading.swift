import ClusterModel
import Glibc
import NIOCore
import StagingCore

/// A file that is being read; its content stays until this goes.
final class Reading: Sendable {
    let plan: ReadPlan
    private let prefix: OpenFile?
    /// Content that is in the index; the rest is in files.
    private let rows: Set<ContentHash>
    private let driver: StagingDriver

    init(plan: ReadPlan, prefix: OpenFile?, rows: Set<ContentHash>, driver: StagingDriver) {
        self.plan = plan
        self.prefix = prefix
        self.rows = rows
        self.driver = driver
    }

    /// Who read last may be a connection on its event loop.
    deinit { self.driver.releaseSoon(self.plan.segments.map(\.hash)) }

    /// The files that hold the bytes from `offset` on, `length` of them, in order.
    func pieces(from offset: Int64, length: Int64) -> [Piece] {
        var pieces: [Piece] = []
        var start: Int64 = 0
        let end = offset + length
        func add(_ size: Int64, _ source: Piece.Source) {
            let from = max(offset, start)
            let to = min(end, start + size)
            if from < to { pieces.append(Piece(source: source, offset: from - start, length: to - from)) }
            start += size
        }
        for segment in self.plan.segments { add(segment.length, .content(segment.hash)) }
        if let prefix = self.plan.prefix { add(prefix.length, .stream) }
        return pieces
    }

    struct Piece: Sendable {
        enum Source: Sendable {
            case content(ContentHash)
            case stream
        }

        var source: Source
        var offset: Int64
        var length: Int64
    }

    /// Where the bytes of a piece are.
    enum Place {
        case file(OpenFile)
        case bytes(ByteBuffer)
    }

    /// Blocks while the index is read.
    /// - Throws: when there is not as much as the index says.
    func open(_ piece: Piece) throws -> Place {
        switch (piece.source, self.prefix) {
        case (.content(let hash), _) where self.rows.contains(hash):
            return .bytes(try Self.part(piece, of: try self.driver.indexedBytes(of: hash), hash))
        case (.content(let hash), _):
            let file = try OpenFile(self.driver.blobs.path(of: hash), flags: O_RDONLY)
            try Self.check(file, piece)
            return .file(file)
        case (.stream, .some(let file)):
            try Self.check(file, piece)
            return .file(file)
        case (.stream, nil): throw StorageError("open", "a stream that has ended", code: ENOENT)
        }
    }

    /// The bytes of a piece that is in the index, without blocking; nil for one that is in a file.
    func fetch(_ piece: Piece) async throws -> ByteBuffer? {
        guard case .content(let hash) = piece.source, self.rows.contains(hash) else { return nil }
        return try Self.part(piece, of: try await self.driver.fetchIndexedBytes(of: hash), hash)
    }

    private static func part(_ piece: Piece, of bytes: [UInt8], _ hash: ContentHash) throws -> ByteBuffer {
        let whole = ByteBuffer(bytes: bytes)
        guard let part = whole.getSlice(at: Int(piece.offset), length: Int(piece.length)) else {
            throw StorageError("read as much as the index says of", hash.description, code: EIO)
        }
        return part
    }

    private static func check(_ file: OpenFile, _ piece: Piece) throws {
        guard try file.size() >= piece.offset + piece.length else {
            throw StorageError("read as much as the index says from", file.path, code: EIO)
        }
    }

    /// Calls `body` with the bytes of a piece in order, at most `count` at a time. Blocks.
    func read(_ piece: Piece, upTo count: Int, _ body: (ByteBuffer) throws -> Void) throws {
        switch try self.open(piece) {
        case .bytes(let bytes): try body(bytes)
        case .file(let file):
            var buffer = ByteBuffer()
            var done: Int64 = 0
            while done < piece.length {
                buffer.clear()
                let size = Int(min(piece.length - done, Int64(count)))
                try file.read(at: piece.offset + done, count: size, into: &buffer)
                guard buffer.readableBytes == size else {
                    throw StorageError("read as much as the index says from", file.path, code: EIO)
                }
                try body(buffer)
                done += Int64(size)
            }
        }
    }
}
