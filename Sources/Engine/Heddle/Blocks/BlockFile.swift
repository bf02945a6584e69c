internal import Glibc

/// A file of frames that is written once, from front to back, and then read by many. It is gone when nobody holds it.
final class BlockFile: Sendable {
    let folder: String
    private let descriptor: Int32

    init(_ descriptor: Int32, in folder: String) {
        self.descriptor = descriptor
        self.folder = folder
    }

    deinit { close(self.descriptor) }

    /// Calls a closure with the open file.
    func withDescriptor<Result>(_ body: (Int32) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(self.descriptor)
    }

    /// The frame that begins at a place of the file, and where the next one begins.
    /// - Parameter end: where the frames end that belong together.
    /// - Throws: `FrameDamage` or `FileFailure`.
    func frame(at offset: Int64, before end: Int64) throws -> (bytes: TextBuffer, next: Int64) {
        let (head, next) = try self.head(at: offset, before: end)
        let stored = try self.read(head.storedBytes, at: offset + Int64(FrameHead.bytes))
        return (try head.open(stored), next)
    }

    private func head(at offset: Int64, before end: Int64) throws -> (head: FrameHead, next: Int64) {
        var reader = ByteReader(try self.read(FrameHead.bytes, at: offset))
        let head = try FrameHead(&reader)
        let next = offset + Int64(FrameHead.bytes + head.storedBytes)
        guard next <= end else { throw FrameDamage.changed }
        return (head, next)
    }

    /// - Throws: `FrameDamage` where the file ends before, or `FileFailure`.
    func bytes(_ count: Int, at offset: Int64) throws -> [UInt8] {
        let read = try self.read(count, at: offset)
        return unsafe read.withUnsafeBytes { unsafe Array($0) }
    }

    /// - Throws: as `bytes`.
    func read(_ count: Int, at offset: Int64) throws -> TextBuffer {
        unsafe try TextBuffer(capacity: count) { memory in
            var done = 0
            while done < count {
                let got = unsafe pread(
                    self.descriptor,
                    memory.baseAddress.map { unsafe $0 + done },
                    count - done,
                    off_t(offset) + done
                )
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw FileFailure("a file of blocks in \(self.folder)", "cannot be read", errno) }
                guard got > 0 else { throw FrameDamage.cut }
                done += got
            }
            return count
        }
    }
}

/// Writes frames one behind the other.
///
/// Where one place has no room the file is begun anew in the next, with what was written so far.
final class BlockFileWriter {
    private var descriptor: Int32 = -1
    private var folder = ""
    private var rest: [String]
    private var buffer = ByteWriter(capacity: 4096)
    private let packer: FramePacker
    private var written: Int64 = 0

    /// Collected before they are written: a shuffle of many partitions has small frames.
    private static let bufferBytes = 1 << 20

    /// - Throws: `FileFailure` where no place can be written.
    init(_ places: BlockPlaces, compresses: Bool) throws {
        self.packer = FramePacker(compresses: compresses)
        self.rest = places.candidates()
        try self.openNext()
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    /// Where the next frame begins.
    var position: Int64 { self.written + Int64(self.buffer.count) }

    func append(_ raw: TextBuffer) throws {
        guard raw.count > 0 else { return }
        unsafe raw.withUnsafeBytes { unsafe self.packer.pack($0, to: &self.buffer) }
        if self.buffer.count >= Self.bufferBytes { try self.flush() }
    }

    /// The finished file; the writer is of no use afterwards.
    func finish() throws -> BlockFile {
        try self.flush()
        defer { self.descriptor = -1 }
        return BlockFile(self.descriptor, in: self.folder)
    }

    private func openNext() throws {
        while true {
            self.folder = self.rest.removeFirst()
            do {
                self.descriptor = try BlockPlaces.open(in: self.folder)
                return
            } catch {
                if self.rest.isEmpty { throw error }
            }
        }
    }

    /// Writes what has gathered.
    func flush() throws {
        var done = 0
        while done < self.buffer.count {
            let count = unsafe self.buffer.withUnsafeBytes { bytes in
                unsafe write(self.descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count > 0 {
                done += count
                continue
            }
            if count < 0 && errno == EINTR { continue }
            let failure = BlockPlaces.failure(self.folder, "has no room", count < 0 ? errno : ENOSPC)
            guard !self.rest.isEmpty else { throw failure }
            try self.move(after: failure, partly: done)
        }
        self.written += Int64(self.buffer.count)
        self.buffer.removeAll()
    }

    /// Goes on in the next place, with what is in the file before the buffer, and with as much of that as was written.
    private func move(after failure: FileFailure, partly: Int) throws {
        let old = self.descriptor
        defer { close(old) }
        // If none can be opened this writer has no file any more.
        self.descriptor = -1
        try self.openNext()
        var (from, left) = (off_t(0), Int(self.written) + partly)
        while left > 0 {
            let count = unsafe sendfile(self.descriptor, old, &from, left)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure }
            left -= count
        }
    }
}
