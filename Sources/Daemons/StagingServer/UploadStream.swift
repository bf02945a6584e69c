import ClusterModel
import Crypto
import Glibc
import NIOCore
import StagingCore
import Synchronization

/// The bytes of one upload, hashed on the way: in memory while they are few and may be all, else in a file. Calls block; `append` and
/// `finish` come one after the other, `spill` whenever somebody wants to read what is there.
final class UploadStream: @unchecked Sendable {
    let write: WriteID
    /// May be, as far as is known.
    private let isSmall: Bool
    private let blobs: BlobFolder
    private var hasher = SHA256()
    private(set) var length: Int64 = 0
    /// How far the disk has been asked to write.
    private var begun: Int64 = 0

    private struct Place {
        /// All bytes, where there is no file.
        var bytes: [UInt8] = []
        var file: OpenFile?
        /// Nobody needs a file any more.
        var isEnded = false
    }

    private let place = Mutex(Place())

    /// While more bytes come the disk writes those that are there, so that little is left for the flush in the end.
    private static let writtenAtOnce: Int64 = 8 << 20

    /// - Parameter length: how long its sender says that it is; nil if it does not.
    init(_ write: WriteID, length: Int?, in blobs: BlobFolder) {
        self.write = write
        self.isSmall = length.map { $0 <= IndexedContent.pieceBytesMaximum } ?? true
        self.blobs = blobs
    }

    func append(_ piece: ByteBuffer) throws {
        let file = try self.place.withLock { place -> OpenFile? in
            let total = place.bytes.count + piece.readableBytes
            if self.isSmall, place.file == nil, total <= IndexedContent.pieceBytesMaximum {
                place.bytes += piece.readableBytesView
                return nil
            }
            return try self.file(of: &place)
        }
        unsafe piece.withUnsafeReadableBytes { unsafe self.hasher.update(bufferPointer: $0) }
        self.length += Int64(piece.readableBytes)
        guard let file else { return }
        try unsafe piece.withUnsafeReadableBytes { try unsafe file.write($0) }
        if self.length - self.begun >= Self.writtenAtOnce {
            file.beginWriting(from: self.begun, count: self.length - self.begun)
            self.begun = self.length
        }
    }

    /// Puts what is in memory into the stream's file, for readers and for what would come after the process's end. Does
    /// nothing when the stream has ended.
    func spill() throws {
        try self.place.withLock { place in
            if !place.isEnded { _ = try self.file(of: &place) }
        }
    }

    /// Removes the stream's file, unless that was moved: its bytes have another place, or none. A file that is open keeps its
    /// room on the disk, so this closes it, too.
    func end() {
        let file = self.place.withLock { place in
            defer { place = Place(isEnded: true) }
            return place.file
        }
        if file != nil { self.blobs.discard(self.write) }
    }

    /// Whether there is a file.
    var isSpilled: Bool { self.place.withLock { $0.file != nil } }

    private func file(of place: inout Place) throws -> OpenFile {
        if let file = place.file { return file }
        let file = try OpenFile(self.blobs.path(of: self.write), flags: O_WRONLY | O_CREAT | O_EXCL)
        do {
            let bytes = place.bytes
            try unsafe bytes.withUnsafeBytes { try unsafe file.write($0) }
        } catch {
            // They stay where they are.
            self.blobs.discard(self.write)
            throw error
        }
        place = Place(file: file)
        return file
    }

    /// What the stream was, and its bytes if they are in no file; nil if it was empty.
    func finish() -> (segment: Segment, bytes: [UInt8]?)? {
        guard self.length > 0, let hash = ContentHash(self.hasher.finalize()) else { return nil }
        let bytes = self.place.withLock { $0.file == nil ? $0.bytes : nil }
        return (Segment(hash: hash, length: self.length), bytes)
    }

    /// Brings all bytes to the disk.
    func sync() throws { try self.place.withLock { $0.file }?.sync() }
}
