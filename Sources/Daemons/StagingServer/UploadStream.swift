import ClusterModel
import Crypto
import Glibc
import NIOCore
import StagingCore

/// The file that one upload goes into, hashed on the way. Calls block; they run one after the other on a thread for that.
final class UploadStream: @unchecked Sendable {
    private let file: OpenFile
    private var hasher = SHA256()
    private(set) var length: Int64 = 0

    init(_ write: WriteID, in blobs: BlobFolder) throws {
        self.file = try OpenFile(blobs.path(of: write), flags: O_WRONLY | O_CREAT | O_EXCL)
    }

    func append(_ piece: ByteBuffer) throws {
        try unsafe piece.withUnsafeReadableBytes { bytes in
            try unsafe self.file.write(bytes)
            unsafe self.hasher.update(bufferPointer: bytes)
        }
        self.length += Int64(piece.readableBytes)
    }

    /// Brings all bytes to the disk.
    /// - Returns: what the stream was; nil if it was empty.
    func finish() throws -> Segment? {
        guard self.length > 0 else { return nil }
        try self.file.sync()
        return ContentHash(self.hasher.finalize()).map { Segment(hash: $0, length: self.length) }
    }
}
