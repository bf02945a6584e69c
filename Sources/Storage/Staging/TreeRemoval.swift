import CLinux
import Glibc

/// Deletes files and whole folders that a user's programs filled.
///
/// It goes by descriptors and never through a link, so that a link planted in the folder cannot lead to other files; it
/// stays on the folder's file system; and folders nested deeper than any path or descriptor limit go as well.
package struct TreeRemoval {
    /// What could not be removed, the first few.
    package private(set) var failures: [SystemError] = []
    /// How many things were removed.
    package private(set) var removed = 0

    private let cancellation: Cancellation?
    private var device: dev_t = 0
    private var hoisted = 0
    private var lastName = 0

    private static let failuresMaximum = 20
    /// Folders open at once. What lies deeper is moved up to the top first.
    private static let depthMaximum = 32

    private init(_ cancellation: Cancellation?) {
        self.cancellation = cancellation
    }

    /// Removes the file, link or folder at `path`; what is not there is no failure.
    /// - Parameter cancellation: leaves the rest of a folder where it is, which is no failure either.
    @discardableResult
    package static func remove(_ path: String, cancellation: Cancellation? = nil) -> TreeRemoval {
        var removal = TreeRemoval(cancellation)
        removal.removeTop(path)
        return removal
    }

    private var isCancelled: Bool { self.cancellation?.isCancelled ?? false }

    private mutating func removeTop(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno != ENOENT { self.fail("remove", path) }
            return
        }
        self.device = status.st_dev
        if status.st_mode & S_IFMT == S_IFDIR {
            let number = unsafe self.openDirectory(AT_FDCWD, path)
            guard number >= 0 else { return self.fail("open", path) }
            let top = OwnedDescriptor(owning: number)
            self.removeContents(of: top, top: top, path: path, depth: 0)
        }
        if self.isCancelled { return }
        let flags = status.st_mode & S_IFMT == S_IFDIR ? Int32(AT_REMOVEDIR) : 0
        if unsafe unlinkat(AT_FDCWD, path, flags) == 0 {
            self.removed += 1
        } else if errno != ENOENT {
            self.fail("remove", path)
        }
    }

    private mutating func removeContents(
        of directory: borrowing OwnedDescriptor,
        top: borrowing OwnedDescriptor,
        path: String,
        depth: Int
    ) {
        // Moving deep folders up adds names to the top, so it is read until nothing new comes.
        var before: Int
        repeat {
            before = self.hoisted
            for name in self.names(in: directory, path: path) {
                self.removeEntry(name, in: directory, top: top, path: path, depth: depth)
            }
        } while depth == 0 && self.hoisted != before
    }

    private mutating func removeEntry(
        _ name: [CChar],
        in directory: borrowing OwnedDescriptor,
        top: borrowing OwnedDescriptor,
        path: String,
        depth: Int
    ) {
        if self.isCancelled { return }
        if self.unlink(name, in: directory, 0) { return }
        let entry = "\(path)/\(Self.text(name))"
        // Linux answers EISDIR for a folder; anything else is a real refusal.
        guard errno == EISDIR else {
            if errno != ENOENT { self.fail("remove", entry) }
            return
        }
        let number = unsafe self.openDirectory(directory.number, name)
        guard number >= 0 else { return self.fail("remove", entry) }
        let child = OwnedDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(child.number, &status) == 0, status.st_dev == self.device else {
            return self.fail("remove another file system mounted at", entry, EXDEV)
        }
        if depth >= Self.depthMaximum {
            if !self.hoist(name, from: directory, to: top) { self.fail("remove", entry) }
            return
        }
        self.removeContents(of: child, top: top, path: entry, depth: depth + 1)
        if self.isCancelled { return }
        if !self.unlink(name, in: directory, Int32(AT_REMOVEDIR)), errno != ENOENT { self.fail("remove", entry) }
    }

    /// Moves a folder up to the top, under a name that nothing has yet.
    private mutating func hoist(
        _ name: [CChar],
        from directory: borrowing OwnedDescriptor,
        to top: borrowing OwnedDescriptor
    ) -> Bool {
        // Names could be taken, even on purpose, but not a thousand in a row by accident.
        for _ in 0..<1000 {
            self.lastName += 1
            let moved = Array(".heddle-deleted-\(self.lastName)".utf8CString)
            if unsafe renameat(directory.number, name, top.number, moved) == 0 {
                self.hoisted += 1
                return true
            }
            guard [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) else { return false }
        }
        return false
    }

    private mutating func unlink(_ name: [CChar], in directory: borrowing OwnedDescriptor, _ flags: Int32) -> Bool {
        guard unsafe unlinkat(directory.number, name, flags) == 0 else { return false }
        self.removed += 1
        return true
    }

    /// Opens a folder that may be without rights for its owner; we are the owner or root, which needs none.
    private func openDirectory(_ holder: Int32, _ name: UnsafePointer<CChar>) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        let number = unsafe heddle_openat(holder, name, flags, 0)
        if number >= 0, geteuid() == 0 { return number }
        if number < 0, errno != EACCES || geteuid() == 0 { return number }
        if number >= 0 {
            // Readable, but perhaps not to be written: entries could not be removed.
            _ = fchmod(number, 0o700)
            return number
        }
        guard unsafe fchmodat(holder, name, 0o700, 0) == 0 else { return -1 }
        return unsafe heddle_openat(holder, name, flags, 0)
    }

    private mutating func names(in directory: borrowing OwnedDescriptor, path: String) -> [[CChar]] {
        // readdir closes what it reads from.
        let copy = reopened(directory.number)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else {
            self.fail("list", path)
            return []
        }
        defer { unsafe _ = closedir(stream) }
        var names: [[CChar]] = []
        while let entry = unsafe readdir(stream) {
            let name: [CChar] = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            let dot = CChar(bitPattern: UInt8(ascii: "."))
            if name != [dot, 0], name != [dot, dot, 0] { names.append(name) }
        }
        return names
    }

    private mutating func fail(_ operation: String, _ path: String, _ number: Int32 = errno) {
        guard self.failures.count < Self.failuresMaximum else { return }
        self.failures.append(SystemError(operation, path, number: number))
    }

    private static func text(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Opens a folder once more from its descriptor, with a position of its own.
private func reopened(_ directory: Int32) -> Int32 {
    unsafe heddle_openat(directory, ".", O_RDONLY | O_DIRECTORY, 0)
}
