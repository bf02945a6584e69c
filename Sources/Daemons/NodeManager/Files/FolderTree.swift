import CLinux
import Glibc
import NodeManagerCore
import Staging

/// The folders that containers live in, below roots that are configured.
///
/// Parts of them belong to users, who may put symbolic links anywhere there. Every step below a root is taken by file
/// descriptor and refuses links, so that nothing is ever made, written or deleted elsewhere, whatever a user does
/// meanwhile.
struct FolderTree: Sendable {
    /// Absolute, without a slash at the end.
    let roots: [String]

    /// A path split at the root that it is below.
    struct Place: Sendable {
        var root: String
        /// Never empty, without `.`, `..` and empty parts.
        var parts: [String]
        var path: String { "\(self.root)/\(self.parts.joined(separator: "/"))" }
        var relativePath: String { self.parts.joined(separator: "/") }
    }

    /// - Throws: when the path is below no root or has a part that leads elsewhere.
    func place(_ path: String) throws(SystemError) -> Place {
        for root in self.roots where path.hasPrefix("\(root)/") {
            let parts = path.dropFirst(root.count + 1).split(separator: "/", omittingEmptySubsequences: false)
            guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." || $0.contains("\0") }) else { break }
            return Place(root: root, parts: parts.map(String.init))
        }
        throw SystemError("use (it is below no folder of this NodeManager)", path, number: EINVAL)
    }

    /// Opens a folder below a root.
    func open(_ path: String) throws(SystemError) -> OwnedDescriptor {
        let place = try self.place(path)
        let root = try OwnedDescriptor.open(place.root, O_RDONLY | O_DIRECTORY)
        do throws(SystemError) {
            return try OwnedDescriptor.open(place.relativePath, beneath: root, O_RDONLY | O_DIRECTORY)
        } catch {
            throw error.below(place.root)
        }
    }

    /// A path's last part, and the folder that holds it.
    struct Entry: ~Copyable {
        var parent: OwnedDescriptor
        var name: String
    }

    /// Opens the folder that holds a path.
    func entry(_ path: String) throws(SystemError) -> Entry {
        let place = try self.place(path)
        let root = try OwnedDescriptor.open(place.root, O_RDONLY | O_DIRECTORY)
        let name = place.parts[place.parts.count - 1]
        guard place.parts.count > 1 else { return Entry(parent: root, name: name) }
        let parents = place.parts.dropLast().joined(separator: "/")
        return Entry(parent: try OwnedDescriptor.open(parents, beneath: root, O_RDONLY | O_DIRECTORY), name: name)
    }

    /// Makes a folder unless it is there. Its parent must exist. An existing one must be a folder, not a link.
    func make(_ order: DirectoryOrder, account: OperatingSystemAccount?) throws(SystemError) {
        let entry = try self.entry(order.path)
        try Self.make(entry.name, in: entry.parent, order, account)
    }

    private static func make(
        _ name: String,
        in parent: borrowing OwnedDescriptor,
        _ order: DirectoryOrder,
        _ account: OperatingSystemAccount?
    ) throws(SystemError) {
        guard unsafe mkdirat(parent.number, name, 0o700) == 0 else {
            guard errno == EEXIST else { throw SystemError("create folder", order.path) }
            // Somebody else's folder or a link in its place would be found out when it is opened.
            return
        }
        let folder = try OwnedDescriptor.open(name, beneath: parent, O_RDONLY | O_DIRECTORY)
        if order.owner == .user, let account, !account.isOwn {
            guard fchown(folder.number, account.user, account.group) == 0 else {
                throw SystemError("give to \(account.name)", order.path)
            }
        }
        // After the owner, who must not find it open before; and regardless of the umask.
        guard fchmod(folder.number, mode_t(order.mode)) == 0 else { throw SystemError("set mode of", order.path) }
    }
}

/// Files of a folder that may be a user's.
enum FolderFiles {
    /// Writes a new file. A file, link or anything else of that name is replaced, never written through.
    static func write(
        _ bytes: [UInt8],
        to name: String,
        in folder: borrowing OwnedDescriptor,
        mode: mode_t,
        account: OperatingSystemAccount?
    ) throws(SystemError) {
        if unsafe unlinkat(folder.number, name, 0) != 0, errno != ENOENT { throw SystemError("replace", name) }
        let file = try OwnedDescriptor.open(
            name,
            beneath: folder,
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
            mode: 0o600
        )
        // The span of an array is valid for the call.
        var failure: SystemError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(SystemError) { try unsafe file.write(buffer, path: name) } catch { failure = error }
        }
        if let failure { throw failure }
        if let account, !account.isOwn, fchown(file.number, account.user, account.group) != 0 {
            throw SystemError("give to \(account.name)", name)
        }
        guard fchmod(file.number, mode) == 0 else { throw SystemError("set mode of", name) }
    }

    /// Makes a symbolic link, and the folders above it.
    static func link(
        _ name: String,
        to target: String,
        in folder: borrowing OwnedDescriptor,
        account: OperatingSystemAccount?
    ) throws(SystemError) {
        let parts = name.split(separator: "/").map(String.init)
        var parent = ""
        for part in parts.dropLast() {
            parent += parent.isEmpty ? part : "/\(part)"
            try Self.makeFolder(parent, in: folder, account)
        }
        // The checks of the request have seen that no link lies on the way.
        guard unsafe symlinkat(target, folder.number, name) == 0 else { throw SystemError("link", name) }
    }

    private static func makeFolder(
        _ path: String,
        in folder: borrowing OwnedDescriptor,
        _ account: OperatingSystemAccount?
    ) throws(SystemError) {
        guard unsafe mkdirat(folder.number, path, 0o750) == 0 else {
            guard errno == EEXIST else { throw SystemError("create folder", path) }
            return
        }
        guard let account, !account.isOwn else { return }
        let made = try OwnedDescriptor.open(path, beneath: folder, O_RDONLY | O_DIRECTORY)
        guard fchown(made.number, account.user, account.group) == 0 else {
            throw SystemError("give to \(account.name)", path)
        }
    }

    /// The last bytes of a plain file; nil if it is none or cannot be read.
    static func tail(_ name: String, in folder: borrowing OwnedDescriptor, bytes limit: Int) -> [UInt8]? {
        // Nonblocking: a fifo in its place must not hold us up.
        guard let file = try? OwnedDescriptor.open(name, beneath: folder, O_RDONLY | O_NONBLOCK | O_NOCTTY),
            let status = try? file.status(path: name), status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        let start = max(0, Int(status.st_size) - limit)
        guard lseek(file.number, start, SEEK_SET) >= 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(limit, Int(status.st_size)))
        var count = 0
        while count < bytes.count {
            let read = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                return (try? unsafe file.read(into: rest, path: name)) ?? 0
            }
            guard read > 0 else { break }
            count += read
        }
        return Array(bytes[..<count])
    }

    /// The names in an open folder, sorted.
    static func names(in folder: borrowing OwnedDescriptor) -> [String] {
        // A copy, since closedir closes what it reads from; from the start, since they share their position.
        let copy = unsafe openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else {
            if copy >= 0 { _ = close(copy) }
            return []
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
