import ClusterModel
import Crypto
import Glibc
import NIOCore
import StagingCore

/// The file that one upload goes into, hashed on the way. Calls block; they come one after the other.
final class UploadStream: @unchecked Sendable {
    private let write: WriteID
    private let blobs: BlobFolder
    private var file: OpenFile?
    private var hasher = SHA256()
    private(set) var length: Int64 = 0
    /// All bytes, as long as they are few.
    private var small: [UInt8]? = []
    /// How far the disk has been asked to write.
    private var begun: Int64 = 0

    /// While more bytes come the disk writes those that are there, so that little is left for the flush in the end.
    private static let writtenAtOnce: Int64 = 8 << 20

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
        if self.length - self.begun >= Self.writtenAtOnce {
            file.beginWriting(from: self.begun, count: self.length - self.begun)
            self.begun = self.length
        }
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
