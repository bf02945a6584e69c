import CLinux
import Glibc

/// Modes and owner of what is unpacked or copied.
package struct FileOwnership: Sendable, Hashable {
    package var fileMode: UInt32
    package var directoryMode: UInt32
    /// nil: this process's own user.
    package var account: OperatingSystemAccount?

    package init(fileMode: UInt32, directoryMode: UInt32, account: OperatingSystemAccount? = nil) {
        self.fileMode = fileMode
        self.directoryMode = directoryMode
        self.account = account
    }

    /// Gives an open file its final owner and mode, in this order: a change of owner clears mode bits.
    package func apply(
        to descriptor: borrowing OwnedDescriptor,
        isDirectory: Bool,
        path: String
    ) throws(SystemError) {
        if let account, !account.isOwn {
            guard fchown(descriptor.number, account.user, account.group) == 0 else {
                throw SystemError("give to user \(account.name)", path)
            }
        }
        guard fchmod(descriptor.number, isDirectory ? self.directoryMode : self.fileMode) == 0 else {
            throw SystemError("set the mode of", path)
        }
    }
}

/// The folder an archive is unpacked to. Everything below it is reached from its descriptor, one name at a time and
/// never through a link; links are made only when all else is there.
final class UnpackTree {
    typealias Name = [UInt8]

    private let root: OwnedDescriptor
    private let ownership: FileOwnership
    /// In the order they were made: parents first.
    private var directories: [[Name]] = []
    private var links: [(path: [Name], target: Name)] = []
    /// Links to absolute paths, as packed virtual environments have them to the machine's interpreter.
    private var outerLinks: [(path: [Name], target: Name)] = []
    private var hardLinks: [(path: [Name], target: [Name])] = []
    /// The folder of the latest entry: archives list a folder's entries one after the other.
    private var parentPath: [Name]?
    private var parent: OwnedDescriptor?

    init(root: consuming OwnedDescriptor, ownership: FileOwnership) {
        self.root = root
        self.ownership = ownership
    }

    /// Creates an empty file; an earlier entry of the same name is replaced, as tar does it.
    func createFile(_ path: [Name]) throws(UnpackFailure) -> OwnedDescriptor {
        guard let name = path.last else { throw UnpackFailure("an entry without a name is a file") }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        return try self.withParent(of: path) { (parent) throws(UnpackFailure) in
            for _ in 0..<2 {
                let number = unsafe Self.withPath(name) { unsafe heddle_openat(parent, $0, flags, 0o600) }
                if number >= 0 { return OwnedDescriptor(owning: number) }
                guard errno == EEXIST else { break }
                guard unsafe Self.withPath(name, { unsafe unlinkat(parent, $0, 0) }) == 0 else { break }
            }
            throw UnpackFailure("\(SystemError("create", Self.text(path)))")
        }
    }

    /// Gives a finished file its owner and mode.
    func finish(_ file: borrowing OwnedDescriptor, _ path: [Name]) throws(UnpackFailure) {
        do {
            try self.ownership.apply(to: file, isDirectory: false, path: Self.text(path))
        } catch {
            throw UnpackFailure("\(error)")
        }
    }

    /// Makes a folder and those above it; one that is there already is fine.
    func createDirectory(_ path: [Name]) throws(UnpackFailure) {
        try self.withParent(of: path + [[]]) { (_) throws(UnpackFailure) in () }
    }

    /// Remembers a symbolic link for the end.
    func addLink(_ path: [Name], to target: Name) throws(UnpackFailure) {
        guard !path.isEmpty else { throw UnpackFailure("the archive's own folder is a link") }
        guard let first = target.first else { throw UnpackFailure("the link \(Self.text(path)) leads nowhere") }
        if first == UInt8(ascii: "/") {
            self.outerLinks.append((path, target))
            return
        }
        var depth = path.count - 1
        for part in target.split(separator: UInt8(ascii: "/")) where part != [UInt8(ascii: ".")] {
            depth += part == [UInt8(ascii: "."), UInt8(ascii: ".")] ? -1 : 1
            if depth < 0 {
                throw UnpackFailure("the link \(Self.text(path)) leads to \(Self.text([target])), outside the archive")
            }
        }
        self.links.append((path, target))
    }

    func addHardLink(_ path: [Name], to target: [Name]) throws(UnpackFailure) {
        guard !path.isEmpty, !target.isEmpty else { throw UnpackFailure("a hard link has no name or no target") }
        self.hardLinks.append((path, target))
    }

    /// Makes the links, checks where relative ones lead, and gives folders their owner and mode.
    ///
    /// A link to an absolute path gives its reader no right that the container could not use anyway. Those are made last:
    /// while anything is written or checked, no path in the tree leads out of it.
    func finish() throws(UnpackFailure) {
        for (path, target) in self.hardLinks { try self.makeHardLink(path, to: target) }
        for (path, target) in self.links { try self.makeLink(path, to: target) }
        for (path, target) in self.links {
            // Links may lead through other links: only the kernel can say where they end.
            let joined = Self.joined(path)
            let problem = unsafe Self.withPath(joined) { unsafe heddle_check_beneath(self.root.number, $0) }
            guard problem == 0 else {
                let reason = problem == EXDEV ? "outside the archive" : SystemError.text(of: problem)
                throw UnpackFailure("the link \(Self.text(path)) leads to \(Self.text([target])): \(reason)")
            }
        }
        for (path, target) in self.outerLinks { try self.makeLink(path, to: target) }
        self.parent = nil
        self.parentPath = nil
        for path in self.directories.reversed() {
            let joined = Self.joined(path)
            let number = unsafe Self.withPath(joined) {
                unsafe heddle_open_beneath(self.root.number, $0, O_RDONLY | O_DIRECTORY, 0, 1, 1)
            }
            guard number >= 0 else { throw UnpackFailure("\(SystemError("open", Self.text(path)))") }
            try self.finishDirectory(OwnedDescriptor(owning: number), Self.text(path))
        }
        try self.finishDirectory(self.root, "the archive's folder")
    }

    private func finishDirectory(
        _ descriptor: borrowing OwnedDescriptor,
        _ path: String
    ) throws(UnpackFailure) {
        do {
            try self.ownership.apply(to: descriptor, isDirectory: true, path: path)
        } catch {
            throw UnpackFailure("\(error)")
        }
    }

    private func makeHardLink(_ path: [Name], to target: [Name]) throws(UnpackFailure) {
        // While these are made there is no symbolic link in the tree that either path could pass.
        let from = Self.joined(target)
        let name = path.last ?? []
        let root = self.root.number
        try self.withParent(of: path) { (parent) throws(UnpackFailure) in
            let result = unsafe Self.withPath(from) { from in
                unsafe Self.withPath(name) { unsafe linkat(root, from, parent, $0, 0) }
            }
            guard result == 0 else {
                let reason = SystemError.text(of: errno)
                throw UnpackFailure("cannot link \(Self.text(path)) to \(Self.text(target)): \(reason)")
            }
        }
    }

    private func makeLink(_ path: [Name], to target: Name) throws(UnpackFailure) {
        let name = path.last ?? []
        let owner = self.ownership.account.flatMap { $0.isOwn ? nil : $0 }
        try self.withParent(of: path) { (parent) throws(UnpackFailure) in
            let result = unsafe Self.withPath(target) { target in
                unsafe Self.withPath(name) { unsafe symlinkat(target, parent, $0) }
            }
            guard result == 0 else {
                throw UnpackFailure("cannot make the link \(Self.text(path)): \(SystemError.text(of: errno))")
            }
            guard let owner else { return }
            let flags = Int32(AT_SYMLINK_NOFOLLOW)
            guard unsafe Self.withPath(name, { unsafe fchownat(parent, $0, owner.user, owner.group, flags) }) == 0
            else {
                throw UnpackFailure("\(SystemError("give to user \(owner.name)", Self.text(path)))")
            }
        }
    }

    // MARK: - Folders

    /// Opens, and makes where needed, the folder that holds a path's last name.
    private func withParent<Result: ~Copyable>(
        of path: [Name],
        _ body: (_ parent: Int32) throws(UnpackFailure) -> Result
    ) throws(UnpackFailure) -> Result {
        let folder = Array(path.dropLast())
        if folder.isEmpty { return try body(self.root.number) }
        if self.parentPath != folder {
            self.parentPath = nil
            self.parent = nil
            self.parent = try self.openDirectory(folder)
            self.parentPath = folder
        }
        guard let number = self.parent?.number else { return try body(self.root.number) }
        return try body(number)
    }

    private func openDirectory(_ path: [Name]) throws(UnpackFailure) -> OwnedDescriptor {
        var current: OwnedDescriptor?
        for depth in path.indices {
            let holder = current?.number ?? self.root.number
            let made = unsafe Self.withPath(path[depth]) { unsafe mkdirat(holder, $0, 0o700) }
            if made == 0 {
                self.directories.append(Array(path[...depth]))
            } else if errno != EEXIST {
                throw UnpackFailure("\(SystemError("make", Self.text(Array(path[...depth]))))")
            }
            let number = unsafe Self.withPath(path[depth]) {
                unsafe heddle_openat(holder, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
            }
            guard number >= 0 else {
                throw UnpackFailure("\(SystemError("open the folder", Self.text(Array(path[...depth]))))")
            }
            current = OwnedDescriptor(owning: number)
        }
        guard let current else { throw UnpackFailure("a folder without a name") }
        return current
    }

    // MARK: - Names

    static func joined(_ path: [Name]) -> Name { Array(path.joined(separator: [UInt8(ascii: "/")])) }

    /// A path for an error: printable, and not longer than a line.
    static func text(_ path: [Name]) -> String {
        let text = String(decoding: self.joined(path).prefix(200), as: UTF8.self)
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
    }

    private static func withPath(_ name: Name, _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        return unsafe terminated.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return unsafe body(base)
        }
    }
}
