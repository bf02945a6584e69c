import CLibArchive
import Glibc

/// Reads one archive with libarchive, entry by entry.
@safe final class ArchiveReader {
    struct Entry {
        enum Kind {
            case file
            case directory
            case link(to: [UInt8])
            case hardLink(to: [UInt8])
            case other(String)
        }

        var name: [UInt8]
        var kind: Kind
    }

    private let functions: heddle_archive
    private let archive: OpaquePointer

    private static let blockBytes = 1 << 16

    init(_ descriptor: borrowing OwnedDescriptor, kind: ArchiveKind) throws(UnpackFailure) {
        do {
            self.functions = try LibraryArchive.loaded.get()
        } catch {
            throw UnpackFailure("\(error)")
        }
        guard let archive = self.functions.read_new() else { throw UnpackFailure("libarchive cannot be started") }
        unsafe self.archive = unsafe archive
        // Only what the name promised: libarchive knows formats whose readers nobody here needs.
        switch kind {
        case .zip:
            // By its directory at the end, as Java reads it: one that was cut off must not pass for a smaller one.
            _ = unsafe self.functions.read_support_format_zip_seekable(archive)
        case .tar:
            _ = unsafe self.functions.read_support_format_tar(archive)
            _ = unsafe self.functions.read_support_filter_gzip(archive)
            // An empty file is an empty tar.
            _ = unsafe self.functions.read_support_format_empty(archive)
        }
        guard lseek(descriptor.number, 0, SEEK_SET) == 0,
            unsafe self.functions.read_open_fd(archive, descriptor.number, Self.blockBytes) == ARCHIVE_OK
        else { throw self.failure("it cannot be read") }
    }

    deinit {
        _ = unsafe self.functions.read_free(self.archive)
    }

    /// The next entry; nil at the end.
    func next() throws(UnpackFailure) -> Entry? {
        while true {
            var entry: OpaquePointer?
            let code = unsafe self.functions.read_next_header(self.archive, &entry)
            switch code {
            case ARCHIVE_EOF: return nil
            case ARCHIVE_RETRY: continue
            // A warning is about what we do not keep: owners, times, names in another character set.
            case ARCHIVE_OK, ARCHIVE_WARN:
                guard let entry = unsafe entry else { throw UnpackFailure("the archive is damaged") }
                return try unsafe Self.entry(entry, self.functions)
            default: throw self.failure("the archive is damaged")
            }
        }
    }

    /// Copies the current entry's data into an empty file, holes as holes.
    func copyData(
        to file: borrowing OwnedDescriptor,
        _ path: String,
        _ room: inout UnpackRoom,
        _ cancellation: Cancellation
    ) throws(UnpackFailure) {
        var end: Int64 = 0
        while true {
            if cancellation.isCancelled { throw UnpackFailure("unpacking was cancelled") }
            var block: UnsafeRawPointer?
            var size = 0
            var offset: Int64 = 0
            let code = unsafe self.functions.read_data_block(self.archive, &block, &size, &offset)
            if code == ARCHIVE_RETRY { continue }
            // At the end there is no block, but the place is that of the file's end: it may close with a hole.
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN || code == ARCHIVE_EOF else {
                throw self.failure("the entry \(path) is damaged")
            }
            if code == ARCHIVE_EOF { size = 0 }
            let (blockEnd, overflow) = offset.addingReportingOverflow(Int64(size))
            guard offset >= 0, !overflow else { throw UnpackFailure("the entry \(path) is damaged") }
            // Holes count as if they were full: their readers see them so.
            try room.count(max(0, blockEnd - end))
            end = max(end, blockEnd)
            if code == ARCHIVE_EOF { break }
            try unsafe Self.write(UnsafeRawBufferPointer(start: block, count: size), at: offset, to: file, path)
        }
        guard ftruncate(file.number, off_t(end)) == 0 else { throw UnpackFailure("\(SystemError("write", path))") }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        to file: borrowing OwnedDescriptor,
        _ path: String
    ) throws(UnpackFailure) {
        var done = 0
        while done < bytes.count {
            let start = unsafe bytes.baseAddress.map { unsafe $0 + done }
            let count = unsafe pwrite(file.number, start, bytes.count - done, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw UnpackFailure("\(SystemError("write", path))") }
            done += count
        }
    }

    private static func entry(
        _ entry: OpaquePointer,
        _ functions: heddle_archive
    ) throws(UnpackFailure) -> Entry {
        guard let name = unsafe self.bytes(functions.entry_pathname_utf8(entry) ?? functions.entry_pathname(entry))
        else {
            throw UnpackFailure("an entry has no readable name")
        }
        if let target = unsafe self.bytes(functions.entry_hardlink_utf8(entry) ?? functions.entry_hardlink(entry)) {
            return Entry(name: name, kind: .hardLink(to: target))
        }
        let kind: Entry.Kind
        switch unsafe functions.entry_filetype(entry) & S_IFMT {
        case S_IFREG, 0: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK:
            let target = unsafe self.bytes(functions.entry_symlink_utf8(entry) ?? functions.entry_symlink(entry))
            kind = target.map { .link(to: $0) } ?? .other("a link without a target")
        case S_IFCHR, S_IFBLK: kind = .other("a device")
        case S_IFIFO: kind = .other("a pipe")
        default: kind = .other("a socket or worse")
        }
        return Entry(name: name, kind: kind)
    }

    private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
        guard let text = unsafe text else { return nil }
        let count = unsafe strlen(text)
        return unsafe UnsafeBufferPointer(start: text, count: count).map { UInt8(bitPattern: $0) }
    }

    private func failure(_ what: String) -> UnpackFailure {
        guard let text = unsafe self.functions.error_string(self.archive) else { return UnpackFailure(what) }
        return UnpackFailure("\(what): \(unsafe String(cString: text))")
    }
}
