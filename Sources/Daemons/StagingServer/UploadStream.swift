import ClusterModel
import Crypto
import Glibc
import NIOCore
import StagingCore

/// The file that one upload goes into, hashed on the way. Calls block; they run one after the other on a thread for that.
final class UploadStream: @unchecked Sendable {
    private let write: WriteID
    private let blobs: BlobFolder
    private var file: OpenFile?
    private var hasher = SHA256()
    private(set) var length: Int64 = 0
    /// All bytes, as long as they are few.
    private var small: [UInt8]? = []

    init(_ write: WriteID, in blobs: BlobFolder) {
        self.write = write
        self.blobs = blobs
    }

    func append(_ piece: ByteBuffer) throws {
        let file = try self.opened()
        try unsafe piece.withUnsafeReadableBytes { bytes in
            try unsafe file.write(bytes)
            unsafe self.hasher.update(bufferPointer: bytes)
            if let count = self.small?.count, count + bytes.count <= SettlingContent.pieceBytesMaximum {
                unsafe self.small?.append(contentsOf: bytes)
            } else {
                self.small = nil
            }
        }
        self.length += Int64(piece.readableBytes)
    }

    private func opened() throws -> OpenFile {
        if let file = self.file { return file }
        let file = try OpenFile(self.blobs.path(of: self.write), flags: O_WRONLY | O_CREAT | O_EXCL)
        self.file = file
        return file
    }

    /// What the stream was, and its bytes if they are few; nil if it was empty.
    func finish() -> (segment: Segment, small: [UInt8]?)? {
        guard self.length > 0, let hash = ContentHash(self.hasher.finalize()) else { return nil }
        return (Segment(hash: hash, length: self.length), self.small)
    }

    /// Brings all bytes to the disk.
    func sync() throws { try self.file?.sync() }
}
