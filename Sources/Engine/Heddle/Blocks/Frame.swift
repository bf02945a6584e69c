internal import BlockExchange
internal import CLZ4
internal import Glibc

/// Elements in their binary form, whole ones only, as they lie in files and travel: a head of 16 bytes, then the bytes,
/// compressed where that makes them smaller. The checksum is of the bytes as they follow.
struct FrameHead: Hashable {
    static let bytes = Int(FrameSelection.headBytes)
    /// How large a frame is made where nothing speaks for another size, in bytes of elements.
    static let usualBytes = 1 << 20
    /// No frame is larger; a head that says so is damaged.
    static let bytesMaximum = Int(FrameSelection.frameBytesMaximum)

    var storedBytes: Int
    var rawBytes: Int
    var checksum: UInt32
    var isCompressed: Bool

    init(_ stored: UnsafeRawBufferPointer, rawBytes: Int, isCompressed: Bool) {
        var checksum = Checksum()
        unsafe checksum.add(stored)
        self.checksum = checksum.value
        self.storedBytes = stored.count
        self.rawBytes = rawBytes
        self.isCompressed = isCompressed
    }

    /// Reads a head.
    /// - Throws: `FrameDamage` where the bytes are none.
    init(_ reader: inout ByteReader) throws(FrameDamage) {
        guard let stored = try? reader.readFixed(UInt32.self), let raw = try? reader.readFixed(UInt32.self),
            let checksum = try? reader.readFixed(UInt32.self), let form = try? reader.readFixed(UInt32.self)
        else { throw .cut }
        self.storedBytes = Int(stored)
        self.rawBytes = Int(raw)
        self.checksum = checksum
        self.isCompressed = form == 1
        guard form <= 1, self.storedBytes <= Self.bytesMaximum, self.rawBytes <= Self.bytesMaximum,
            self.isCompressed || stored == raw
        else { throw .changed }
    }

    func write(to writer: inout ByteWriter) {
        writer.write(fixed: UInt32(self.storedBytes))
        writer.write(fixed: UInt32(self.rawBytes))
        writer.write(fixed: self.checksum)
        writer.write(fixed: UInt32(self.isCompressed ? 1 : 0))
    }

    /// The elements' bytes, of what follows the head.
    /// - Throws: `FrameDamage` where the bytes are not those that were written.
    func open(_ stored: TextBuffer) throws(FrameDamage) -> TextBuffer {
        guard stored.count == self.storedBytes else { throw FrameDamage.cut }
        var checksum = Checksum()
        unsafe stored.withUnsafeBytes { unsafe checksum.add($0) }
        guard checksum.value == self.checksum else { throw FrameDamage.changed }
        if !self.isCompressed { return stored }
        var made = 0
        let buffer = unsafe TextBuffer(capacity: self.rawBytes) { memory in
            unsafe made = stored.withUnsafeBytes { bytes in
                unsafe Int(
                    LZ4_decompress_safe(
                        bytes.baseAddress,
                        memory.baseAddress,
                        Int32(bytes.count),
                        Int32(memory.count)
                    )
                )
            }
            return max(0, made)
        }
        guard made == self.rawBytes else { throw FrameDamage.changed }
        return buffer
    }
}

/// Why a frame cannot be read.
enum FrameDamage: Error, Hashable {
    /// It ends too early.
    case cut
    /// Its bytes are not those that were written.
    case changed
}

extension FrameDamage: CustomStringConvertible {
    var description: String {
        switch self {
        case .cut: "it ends too early"
        case .changed: "its checksum is not that of what was written"
        }
    }
}

/// Makes frames.
struct FramePacker {
    /// `spark.shuffle.compress` and `spark.rdd.compress`.
    var compresses: Bool

    /// What is smaller than this by compression is written so: a little is not worth the time that reading takes then.
    private static let worthwhile = 16

    /// Appends a frame.
    func pack(_ raw: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        if self.compresses, raw.count > 64, unsafe self.compress(raw, &writer) { return }
        unsafe FrameHead(raw, rawBytes: raw.count, isCompressed: false).write(to: &writer)
        unsafe writer.write(bytes: raw)
    }

    private func compress(_ raw: UnsafeRawBufferPointer, _ writer: inout ByteWriter) -> Bool {
        let most = raw.count - raw.count / Self.worthwhile
        return unsafe withUnsafeTemporaryAllocation(byteCount: most, alignment: 16) { scratch in
            let count = unsafe LZ4_compress_default(raw.baseAddress, scratch.baseAddress, Int32(raw.count), Int32(most))
            guard count > 0 else { return false }
            let stored = unsafe UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)])
            unsafe FrameHead(stored, rawBytes: raw.count, isCompressed: true).write(to: &writer)
            unsafe writer.write(bytes: stored)
            return true
        }
    }
}
