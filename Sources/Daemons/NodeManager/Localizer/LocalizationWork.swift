import CLinux
import Crypto
import Glibc
import Staging

/// The steps of one localization, on a thread that may block.
struct LocalizationWork {
    let request: LocalizationRequest
    let directory: String
    let roots: [String]
    let transfers: Transfers
    let limits: UnpackLimits
    let cancellation: Cancellation

    private var temporary: String { "\(self.directory)_tmp" }

    func run() throws(LocalizationFailure) -> LocalizedResource {
        let location = self.request.source
        guard let name = location.name else {
            throw LocalizationFailure("Resource \(location) has no name: its path ends in no file")
        }
        if self.cancellation.isCancelled { throw LocalizationFailure("localization of \(location) was cancelled") }
        do {
            let size = try self.work(name)
            return LocalizedResource(path: "\(self.directory)/\(name)", size: size)
        } catch {
            throw self.failure(error)
        }
    }

    /// Fills the temporary folder and moves it to its place, both by the descriptor of the folder that holds them.
    private func work(_ name: String) throws -> Int64 {
        let parent = try self.openParent()
        guard let number = self.directory.split(separator: "/").last.map(String.init) else {
            throw SystemError("use", self.directory, number: EINVAL)
        }
        let temporaryName = "\(number)_tmp"
        // The same folder by a path that no link can turn elsewhere.
        let temporaryPath = "/proc/self/fd/\(parent.number)/\(temporaryName)"
        // What a crash left under this number belongs to nobody.
        TreeRemoval.remove(temporaryPath)
        do {
            guard unsafe mkdirat(parent.number, temporaryName, 0o700) == 0 else {
                throw SystemError("make", self.temporary)
            }
            let folder = try OwnedDescriptor.open(temporaryName, beneath: parent, O_RDONLY | O_DIRECTORY)
            let size = try self.fill(folder, name)
            guard unsafe renameat(parent.number, temporaryName, parent.number, number) == 0 else {
                throw SystemError("rename \(self.temporary) to", self.directory)
            }
            return size
        } catch {
            TreeRemoval.remove(temporaryPath)
            throw error
        }
    }

    private func openParent() throws(SystemError) -> OwnedDescriptor {
        let parent = self.directory.split(separator: "/").dropLast()
        for root in self.roots where self.directory.hasPrefix("\(root)/") {
            let top = try OwnedDescriptor.open(root, O_RDONLY | O_DIRECTORY)
            let below = parent.dropFirst(root.split(separator: "/").count).joined(separator: "/")
            return below.isEmpty ? top : try OwnedDescriptor.open(below, beneath: top, O_RDONLY | O_DIRECTORY)
        }
        return try OwnedDescriptor.open("/\(parent.joined(separator: "/"))", O_RDONLY | O_DIRECTORY)
    }

    /// Modes of the copy: readable and no longer writable, for everybody or for the owner alone.
    private var ownership: FileOwnership {
        switch self.request.visibility {
        case .public: FileOwnership(fileMode: 0o555, directoryMode: 0o755)
        case .private, .application:
            FileOwnership(fileMode: 0o500, directoryMode: 0o700, account: self.request.account)
        }
    }

    var expectation: ResourceExpectation {
        // For http nobody knows a time: clients state 0 or -1. For files every time counts, also a wrong 0.
        let isFile = self.request.source.scheme == "file"
        let knowsTime = isFile || self.request.timestamp > 0
        return ResourceExpectation(
            timestamp: knowsTime ? self.request.timestamp : nil,
            size: self.request.kind == .file && self.request.size >= 0 ? self.request.size : nil,
            isPublic: self.request.visibility == .public,
            isClosed: true
        )
    }

    private func fill(_ folder: borrowing OwnedDescriptor, _ name: String) throws -> Int64 {
        let size: Int64
        switch self.request.kind {
        case .file:
            size = try self.copy(name, into: folder)
        case .archive:
            size = try self.unpack(name, into: folder)
        case .pattern(let expression):
            // Hadoop's rule: only jars know patterns.
            if name.lowercased().hasSuffix(".jar") {
                size = try self.unpackMatching(expression, name, into: folder)
            } else {
                size = try self.unpack(name, into: folder)
            }
        }
        try self.ownership.apply(to: folder, isDirectory: true, path: self.temporary)
        return size
    }

    private func copy(_ name: String, into folder: borrowing OwnedDescriptor) throws -> Int64 {
        let target = try self.create(name, in: folder)
        let size = try self.transfers.fetch(
            self.request.source,
            expecting: self.expectation,
            as: self.request.account,
            user: self.request.user,
            into: target,
            path: "\(self.temporary)/\(name)",
            cancellation: self.cancellation
        )
        try self.checkContent(of: target, name)
        try self.ownership.apply(to: target, isDirectory: false, path: name)
        return size
    }

    private func unpack(_ name: String, into folder: borrowing OwnedDescriptor) throws -> Int64 {
        guard let kind = ArchiveKind(name: name) else { return try self.copy(name, into: folder) }
        if self.request.source.scheme == "file" {
            // Straight from the source: no copy of the archive is needed.
            let source = try LocalSource(
                self.request.source,
                expecting: self.expectation,
                as: self.request.account
            )
            try self.checkContent(of: source.descriptor, self.request.source.path)
            let size = try self.unpack(source.descriptor, source.size, kind, name, into: folder, matching: nil)
            try source.checkUnchanged()
            return size
        }
        let scratchName = ".\(name).part"
        let scratch = try self.create(scratchName, in: folder)
        // Without a name it needs no removing, whatever happens.
        _ = unsafe unlinkat(folder.number, scratchName, 0)
        let bytes = try self.download(into: scratch, "\(self.temporary)/\(scratchName)")
        return try self.unpack(scratch, bytes, kind, name, into: folder, matching: nil)
    }

    private func unpackMatching(
        _ expression: String,
        _ name: String,
        into folder: borrowing OwnedDescriptor
    ) throws -> Int64 {
        let pattern = try EntryPattern(expression)
        let jarPath = "\(self.temporary)/\(name)/\(name)"
        // The jar is kept, so it is fetched beside the entries' folder and moved in.
        let keptName = ".\(name).part"
        let kept = try self.create(keptName, in: folder)
        let bytes = try self.download(into: kept, jarPath)
        let unpacked = try self.unpack(kept, bytes, .zip, name, into: folder, matching: pattern)
        try self.ownership.apply(to: kept, isDirectory: false, path: jarPath)
        guard unsafe renameat(folder.number, keptName, folder.number, "\(name)/\(name)") == 0 else {
            throw SystemError("move the jar to", jarPath)
        }
        return bytes + unpacked
    }

    private func download(into target: borrowing OwnedDescriptor, _ path: String) throws -> Int64 {
        let size = try self.transfers.fetch(
            self.request.source,
            expecting: self.expectation,
            as: self.request.account,
            user: self.request.user,
            into: target,
            path: path,
            cancellation: self.cancellation
        )
        try self.checkContent(of: target, path)
        return size
    }

    /// What a server said its file holds is what other resources will be taken to be: it is proved here.
    private func checkContent(of file: borrowing OwnedDescriptor, _ path: String) throws {
        guard let expected = self.request.sha256 else { return }
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset: off_t = 0
        while true {
            if self.cancellation.isCancelled { throw LocalizationFailure("localization was cancelled") }
            let count = unsafe pread(file.number, &buffer, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read", path) }
            if count == 0 { break }
            unsafe buffer.withUnsafeBytes {
                unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            offset += off_t(count)
        }
        let digits = hash.finalize().flatMap { byte in
            [byte >> 4, byte & 15].map { Array("0123456789abcdef".unicodeScalars)[Int($0)] }
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: digits)
        guard text == expected else {
            throw LocalizationFailure(
                "Resource \(self.request.source): its server states SHA-256 \(expected), but what came has \(text)"
            )
        }
    }

    private func unpack(
        _ archive: borrowing OwnedDescriptor,
        _ bytes: Int64,
        _ kind: ArchiveKind,
        _ name: String,
        into folder: borrowing OwnedDescriptor,
        matching pattern: EntryPattern?
    ) throws -> Int64 {
        guard unsafe mkdirat(folder.number, name, 0o700) == 0 else { throw SystemError("make", name) }
        let tree = try OwnedDescriptor.open(name, beneath: folder, O_RDONLY | O_DIRECTORY)
        do {
            return try ArchiveUnpacker(limits: self.limits).unpack(
                archive,
                bytes: bytes,
                kind: kind,
                into: tree,
                ownership: self.ownership,
                matching: pattern,
                cancellation: self.cancellation
            )
        } catch {
            throw LocalizationFailure(
                "Resource \(self.request.source) cannot be unpacked to \(self.temporary)/\(name): \(error)"
            )
        }
    }

    private func create(_ name: String, in folder: borrowing OwnedDescriptor) throws(SystemError) -> OwnedDescriptor {
        try OwnedDescriptor.open(name, beneath: folder, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    }

    private func failure(_ error: any Error) -> LocalizationFailure {
        switch error {
        case let error as LocalizationFailure: error
        case let error as TransferFailure: LocalizationFailure(error.description)
        case let error as SystemError:
            LocalizationFailure(
                "Resource \(self.request.source) cannot be localized: \(error.below(self.temporary))"
            )
        default: LocalizationFailure("Resource \(self.request.source) cannot be localized: \(error)")
        }
    }
}
