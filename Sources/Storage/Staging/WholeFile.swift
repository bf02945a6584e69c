import CLinux
import Glibc

/// A file that appears whole or not at all. It has no name until it has all its bytes, so that nothing is left of it whenever
/// this process ends; where the file system has no such files it is written beside its place and renamed.
struct WholeFile: ~Copyable {
    private let path: String
    private let name: String
    private let folderPath: String
    private let folder: OwnedDescriptor
    private let file: OwnedDescriptor
    /// What it is called until it is whole; nil while it has no name.
    private var otherName: String?

    /// - Parameters:
    ///   - isFlushed: brings the file and its name to the disk first, for what must outlive the machine's power.
    ///   - isNamedLate: false for the way of file systems that have no files without a name.
    ///   - fill: writes the bytes; gets the open file and its name for errors.
    static func write(
        _ path: String,
        mode: UInt32 = 0o644,
        isFlushed: Bool,
        isNamedLate: Bool = true,
        _ fill: (_ target: borrowing OwnedDescriptor, _ path: String) throws(TransferFailure) -> Void
    ) throws(TransferFailure) {
        do {
            var file = try WholeFile(path, isNamedLate: isNamedLate)
            do {
                try fill(file.file, path)
                try file.finish(mode: mode, isFlushed: isFlushed)
            } catch {
                file.discard()
                throw error
            }
        } catch let error as TransferFailure {
            throw error
        } catch {
            throw TransferFailure("\(error)")
        }
    }

    private init(_ path: String, isNamedLate: Bool) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, name != ".", name != ".." else {
            throw TransferFailure("\(path) names no file")
        }
        let folderPath = parts.dropLast().joined(separator: "/")
        let folder = try OwnedDescriptor.open(folderPath.isEmpty ? "/" : folderPath, O_RDONLY | O_DIRECTORY)
        let nameless = isNamedLate ? heddle_open_nameable(folder.number) : -1
        let otherName = nameless < 0 ? Self.otherName(name) : nil
        // Others may not read a part, by either way.
        self.file =
            if let otherName {
                try OwnedDescriptor.open(otherName, beneath: folder, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
            } else {
                OwnedDescriptor(owning: nameless)
            }
        self.folder = folder
        self.path = path
        self.name = String(name)
        self.folderPath = folderPath
        self.otherName = otherName
    }

    /// Begins like the name, as far as file systems take it: they count bytes.
    private static func otherName(_ name: some StringProtocol) -> String {
        let beginning = String(decoding: name.utf8.prefix(200), as: UTF8.self)
        return ".\(beginning).\(UInt32.random(in: .min ... .max))._COPYING_"
    }

    private mutating func finish(mode: UInt32, isFlushed: Bool) throws(SystemError) {
        guard fchmod(self.file.number, mode) == 0 else { throw SystemError("set the mode of", self.path) }
        guard !isFlushed || fsync(self.file.number) == 0 else { throw SystemError("bring to the disk", self.path) }
        try self.appear()
        guard !isFlushed || fsync(self.folder.number) == 0 else {
            throw SystemError("bring to the disk", self.folderPath)
        }
    }

    /// Takes its place, and that of a file which is there.
    private mutating func appear() throws(SystemError) {
        if self.otherName == nil {
            if unsafe heddle_name(self.file.number, self.folder.number, self.name) == 0 { return }
            // A name takes no other's place; a second one can.
            guard errno == EEXIST else { throw SystemError("make", self.path) }
            let otherName = Self.otherName(self.name)
            guard unsafe heddle_name(self.file.number, self.folder.number, otherName) == 0 else {
                throw SystemError("make", "\(self.folderPath)/\(otherName)")
            }
            self.otherName = otherName
        }
        guard let otherName = self.otherName else { return }
        guard unsafe renameat(self.folder.number, otherName, self.folder.number, self.name) == 0 else {
            throw SystemError("rename \(self.folderPath)/\(otherName) to", self.path)
        }
        self.otherName = nil
    }

    private mutating func discard() {
        if let otherName = self.otherName { _ = unsafe unlinkat(self.folder.number, otherName, 0) }
        self.otherName = nil
    }
}
