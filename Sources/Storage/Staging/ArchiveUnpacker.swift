import CLibArchive
import Glibc

/// Why an archive was not unpacked.
package struct UnpackFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The kinds of archives that are unpacked, known by the end of their names.
package enum ArchiveKind: Sendable, Hashable {
    /// .zip and .jar
    case zip
    /// .tar, .tar.gz and .tgz
    case tar

    /// nil for names of other kinds, which are not archives to YARN whatever they hold.
    package init?(name: String) {
        let name = name.lowercased()
        if name.hasSuffix(".zip") || name.hasSuffix(".jar") {
            self = .zip
        } else if name.hasSuffix(".tar") || name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz") {
            self = .tar
        } else {
            return nil
        }
    }
}

/// Unpacks one archive that a stranger made: nothing of it can land outside the folder, be anything but a file, a
/// folder or a link, or take more room than the limits give it.
package struct ArchiveUnpacker: Sendable {
    package var limits: UnpackLimits

    package init(limits: UnpackLimits = UnpackLimits()) {
        self.limits = limits
    }

    /// - Parameters:
    ///   - archive: a regular file, read from its beginning.
    ///   - directory: empty, and nobody else's meanwhile.
    ///   - pattern: only matching entries are unpacked; nil: all.
    /// - Returns: the bytes of all files together.
    /// - Throws: at the first entry that must not be; what was unpacked until then stays for the caller to remove.
    package func unpack(
        _ archive: borrowing OwnedDescriptor,
        bytes: Int64,
        kind: ArchiveKind,
        into directory: consuming OwnedDescriptor,
        ownership: FileOwnership,
        matching pattern: EntryPattern? = nil,
        cancellation: Cancellation
    ) throws(UnpackFailure) -> Int64 {
        let reader = try ArchiveReader(archive, kind: kind)
        let tree = UnpackTree(root: directory, ownership: ownership)
        var room = UnpackRoom(limits: self.limits, archiveBytes: bytes)
        while let entry = try reader.next() {
            if cancellation.isCancelled { throw UnpackFailure("unpacking was cancelled") }
            try room.countEntry()
            let path = try self.path(entry.name)
            if let pattern, !pattern.matches(String(decoding: entry.name, as: UTF8.self)) { continue }
            switch entry.kind {
            case .file:
                let file = try tree.createFile(path)
                try reader.copyData(to: file, UnpackTree.text(path), &room, cancellation)
                try tree.finish(file, path)
            case .directory:
                try tree.createDirectory(path)
            case .link(let target):
                try tree.addLink(path, to: target)
            case .hardLink(let target):
                try tree.addHardLink(path, to: try self.path(target))
            case .other(let what):
                throw UnpackFailure("the entry \(UnpackTree.text(path)) is \(what), which an archive must not hold")
            }
        }
        try tree.finish()
        return room.bytes
    }

    /// An entry's name as steps from the archive's folder; empty for the folder itself.
    private func path(_ name: [UInt8]) throws(UnpackFailure) -> [[UInt8]] {
        let slash = UInt8(ascii: "/")
        let backslash = UInt8(ascii: "\\")
        let text = UnpackTree.text([name])
        guard name.count <= self.limits.pathBytesMaximum else {
            throw UnpackFailure("an entry's name is longer than \(self.limits.pathBytesMaximum) bytes: \(text)")
        }
        // Archives made on Windows may mean their backslashes as separators: a harmless name has none that matter.
        let isDrive = name.count > 2 && name[1] == UInt8(ascii: ":") && (name[2] == slash || name[2] == backslash)
        guard name.first != slash, name.first != backslash, !isDrive else {
            throw UnpackFailure("the entry \(text) has an absolute path")
        }
        let dots = [UInt8(ascii: "."), UInt8(ascii: ".")]
        guard
            !name.split(whereSeparator: { $0 == slash || $0 == backslash }).contains(where: { $0.elementsEqual(dots) })
        else {
            throw UnpackFailure("the entry \(text) leads out of the archive")
        }
        let path = name.split(separator: slash).filter { $0 != [UInt8(ascii: ".")] }.map(Array.init)
        guard path.count <= self.limits.depthMaximum else {
            throw UnpackFailure("the entry \(text) lies more than \(self.limits.depthMaximum) folders deep")
        }
        return path
    }
}

/// Counts what an archive has taken, against its limits.
struct UnpackRoom {
    let limits: UnpackLimits
    private let bytesMaximum: Int64
    private(set) var bytes: Int64 = 0
    private var entries = 0

    init(limits: UnpackLimits, archiveBytes: Int64) {
        self.limits = limits
        let (byRatio, overflow) = archiveBytes.multipliedReportingOverflow(by: limits.ratioMaximum)
        self.bytesMaximum = min(limits.totalBytesMaximum, max(limits.ratioExemptBytes, overflow ? .max : byRatio))
    }

    mutating func countEntry() throws(UnpackFailure) {
        self.entries += 1
        if self.entries > self.limits.entriesMaximum {
            throw UnpackFailure(
                "the archive has more than \(self.limits.entriesMaximum) entries, the limit that "
                    + "heddle.nodemanager.archive.entries-maximum sets"
            )
        }
    }

    /// Counts bytes before they are written.
    mutating func count(_ count: Int64) throws(UnpackFailure) {
        let (sum, overflow) = self.bytes.addingReportingOverflow(count)
        guard !overflow, count >= 0, sum <= self.bytesMaximum else {
            throw UnpackFailure(
                "the archive unpacks to more than the \(self.bytesMaximum) bytes it may take: "
                    + "heddle.nodemanager.archive.bytes-maximum and .ratio-maximum set the limit"
            )
        }
        self.bytes = sum
    }
}
