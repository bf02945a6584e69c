internal import ApplicationMaster
internal import Glibc
internal import Staging

/// The files of an application whose tasks run on this machine, in a folder as containers have it: files of this machine as
/// links, others as copies, archives unpacked.
final class ShippedFiles: Sendable {
    let folder: String
    private let names: [String]

    /// - Returns: nil where the application has none.
    /// - Throws: `Submission.Failure` for what is named wrongly or is not there, and what reading it throws.
    init?(_ properties: EngineProperties) throws {
        let files = try GivenFiles(program: ProgramFile.path, properties, copies: false).files.dropFirst()
        if files.isEmpty { return nil }
        self.folder = try FileBytes.makeTemporaryFolder("heddle-files")
        self.names = files.map(\.name)
        for file in files { try self.place(file) }
        // A program may end without having stopped its context.
        ProcessEnd.atExit { [weak self] _ in self?.remove() }
    }

    deinit { self.remove() }

    private func place(_ file: GivenFiles.File) throws {
        let path = "\(self.folder)/\(file.name)"
        guard file.kind == .archive, let kind = ArchiveKind(name: file.source.name ?? "") else {
            return try self.bring(file.source, to: path)
        }
        let packed = "\(self.folder)/.archive"
        try self.bring(file.source, to: packed)
        defer { _ = unsafe unlink(packed) }
        guard unsafe mkdir(path, 0o700) == 0 else { throw FileFailure(path, "cannot be made", errno) }
        let archive = try OwnedDescriptor.open(packed, O_RDONLY)
        do {
            _ = try ArchiveUnpacker().unpack(
                archive,
                bytes: Int64(archive.status(path: packed).st_size),
                kind: kind,
                into: OwnedDescriptor.open(path, O_RDONLY | O_DIRECTORY),
                ownership: FileOwnership(fileMode: 0o600, directoryMode: 0o700),
                cancellation: Cancellation()
            )
        } catch {
            throw Submission.Failure("the archive \(file.source) cannot be unpacked to \(path): \(error)")
        }
    }

    private func bring(_ source: ResourceLocation, to path: String) throws {
        if source.scheme == "file" {
            try Self.link(source.path, as: path)
        } else {
            let access = try FileAccess.current
            try access.transfers.download(source, to: path, user: access.user)
        }
    }

    private static func link(_ target: String, as path: String) throws {
        guard unsafe symlink(target, path) == 0 else { throw FileFailure(path, "cannot be linked", errno) }
    }

    /// Puts all of them into an executor's working folder.
    func link(into working: String) throws {
        for name in self.names { try Self.link("\(self.folder)/\(name)", as: "\(working)/\(name)") }
    }

    func remove() { TreeRemoval.remove(self.folder) }
}
