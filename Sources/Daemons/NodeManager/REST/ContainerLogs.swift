package import ClusterModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The log files of containers on this node's disks.
///
/// A container writes its own log folder, so nothing in it is trusted: folders and files are opened one below the other
/// without following links, and only regular files are read.
package struct ContainerLogs: Sendable {
    /// `yarn.nodemanager.log-dirs`
    let directories: [String]

    package init(directories: [String]) {
        self.directories = directories
    }

    package struct File: Sendable, Hashable {
        package var name: String
        /// Bytes.
        package var size: Int64
        /// Milliseconds since the epoch.
        package var modified: Int64

        package init(name: String, size: Int64, modified: Int64) {
            self.name = name
            self.size = size
            self.modified = modified
        }
    }

    /// The regular files of a container's log folders, sorted by name; nil when no disk has such a folder. Blocks.
    /// - Parameter maximum: more names than a person looks through; a container that makes more does not fill an answer.
    package func files(of container: ContainerID, upTo maximum: Int = 1_000) -> [File]? {
        var files: [File]?
        for directory in self.directories {
            guard let folder = Self.folder(of: container, below: directory) else { continue }
            files = (files ?? []) + Self.list(folder, upTo: maximum)
        }
        return files?.sorted { $0.name < $1.name }
    }

    /// Opens one file. Blocks.
    /// - Returns: nil when there is none of that name, or it is no regular file.
    package func open(_ name: String, of container: ContainerID) -> LogFile? {
        guard Self.isPlainName(name) else { return nil }
        for directory in self.directories {
            guard let folder = Self.folder(of: container, below: directory),
                let file = FileDescriptor.open(name, in: folder, flags: O_RDONLY | O_NONBLOCK)
            else { continue }
            guard let status = file.status, status.isRegular else { return nil }
            return LogFile(descriptor: file, size: status.size, modified: status.modified)
        }
        return nil
    }

    /// A folder entry's name, not a path.
    static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    static func folder(of container: ContainerID, below directory: String) -> FileDescriptor? {
        // The configured folder itself may well be a link of the administrator's.
        guard let root = FileDescriptor.openRoot(directory),
            let application = FileDescriptor.open(
                container.application.description,
                in: root,
                flags: O_RDONLY | O_DIRECTORY
            )
        else { return nil }
        return FileDescriptor.open(container.description, in: application, flags: O_RDONLY | O_DIRECTORY)
    }

    private static func list(_ folder: FileDescriptor, upTo maximum: Int) -> [File] {
        folder.entryNames(upTo: maximum)
            .compactMap { name in
                guard let status = folder.status(of: name), status.isRegular else { return nil }
                return File(name: name, size: status.size, modified: status.modified)
            }
    }
}

/// An open log file. It may grow while it is read; what is read ends where the file ended when it was opened.
package struct LogFile: Sendable {
    private let descriptor: FileDescriptor
    package let size: Int64
    /// Milliseconds since the epoch.
    package let modified: Int64

    init(descriptor: FileDescriptor, size: Int64, modified: Int64) {
        self.descriptor = descriptor
        self.size = size
        self.modified = modified
    }

    /// Reads at most `count` bytes from `offset`; empty at the end or when the disk fails. Blocks.
    package func read(at offset: Int64, count: Int) -> [UInt8] {
        self.descriptor.read(at: offset, count: count)
    }

    /// Which bytes a caller means.
    /// - Parameters:
    ///   - start: from the beginning, or if negative from the end; out of range is cut.
    ///   - end: first byte not wanted, counted likewise; nil for the end.
    package func range(start: Int64, end: Int64? = nil) -> Range<Int64> {
        let first = self.position(start)
        let last = end.map(self.position) ?? self.size
        return first..<max(first, last)
    }

    private func position(_ value: Int64) -> Int64 {
        value < 0 ? max(0, self.size &+ value) : min(value, self.size)
    }
}
