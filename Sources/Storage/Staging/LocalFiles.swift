import CLinux
import Glibc

/// The files of this machine, with the rights of this process.
struct LocalFiles: RemoteFiles {
    let transfers: Transfers
    let cancellation: Cancellation

    /// Files of this machine are copied, not downloaded (`Transfers.fetch`).
    func source(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation
    ) throws(TransferFailure) -> any DownloadSource {
        throw Self.unsupported("cannot download", location)
    }

    private static func check(_ location: ResourceLocation) throws(TransferFailure) {
        guard location.host.isEmpty || location.host.lowercased() == "localhost", location.path.hasPrefix("/"),
            !location.path.utf8.contains(0)
        else {
            throw TransferFailure("Resource \(location) is not an absolute path of this machine")
        }
    }

    private static func failure(_ what: String, _ location: ResourceLocation) -> TransferFailure {
        let number = errno
        return TransferFailure(
            "Resource \(location) cannot be \(what): \(SystemError.text(of: number))",
            status: number == ENOENT ? 404 : nil
        )
    }

    func status(_ location: ResourceLocation) throws(TransferFailure) -> FileStatus {
        try Self.check(location)
        var found = stat()
        guard unsafe stat(location.path, &found) == 0 else { throw Self.failure("looked at", location) }
        return Self.status(found, location)
    }

    private static func status(_ found: stat, _ location: ResourceLocation) -> FileStatus {
        let isDirectory = found.st_mode & S_IFMT == S_IFDIR
        return FileStatus(
            location: location,
            kind: isDirectory ? .directory : .file,
            length: isDirectory ? nil : Int64(found.st_size),
            modificationTime: milliseconds(found.st_mtim),
            permission: UInt16(found.st_mode & 0o7777),
            owner: (try? OperatingSystemAccount.numbered(found.st_uid))?.name ?? "\(found.st_uid)",
            group: "\(found.st_gid)"
        )
    }

    func list(_ location: ResourceLocation) throws(TransferFailure) -> [FileStatus] {
        let own = try self.status(location)
        guard own.kind == .directory else { return [own] }
        guard let folder = unsafe opendir(location.path) else { throw Self.failure("listed", location) }
        defer { unsafe _ = closedir(folder) }
        var found: [FileStatus] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            var place = location
            place.path += (place.path.hasSuffix("/") ? "" : "/") + name
            var status = stat()
            // A name that is gone by now is not there.
            if unsafe lstat(place.path, &status) == 0 { found.append(Self.status(status, place)) }
        }
        return found.sorted { $0.location.path < $1.location.path }
    }

    func upload(
        _ file: UploadedFile,
        to location: ResourceLocation,
        _ progress: TransferProgress?
    ) throws(TransferFailure) {
        try Self.check(location)
        progress?.start(of: file.length)
        try WholeFile.write(location.path, isFlushed: true) { (target, path) throws(TransferFailure) in
            var copied: Int64 = 0
            var source: off_t = 0
            while copied < file.length {
                if self.cancellation.isCancelled { throw .cancelled }
                let count = unsafe sendfile(
                    target.number,
                    file.descriptor,
                    &source,
                    Int(min(file.length - copied, 8 << 20))
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    throw TransferFailure("Resource \(location): \(SystemError("write", path))")
                }
                copied += Int64(count)
                progress?.add(Int64(count))
            }
        }
    }

    func makeDirectory(_ location: ResourceLocation) throws(TransferFailure) {
        try Self.check(location)
        var path = ""
        for part in location.path.split(separator: "/") {
            path += "/\(part)"
            if unsafe mkdir(path, 0o755) != 0, errno != EEXIST { throw Self.failure("made", location) }
        }
        guard try self.status(location).kind == .directory else {
            throw TransferFailure("Resource \(location) cannot be made: there is a file")
        }
    }

    func rename(_ location: ResourceLocation, to destination: ResourceLocation) throws(TransferFailure) {
        try Self.check(location)
        try Self.check(destination)
        // A link to the file fails where something is, which rename would replace; folders cannot be linked, but rename
        // replaces nothing but an empty one.
        let status = try self.status(location)
        if status.kind == .directory {
            var found = stat()
            guard unsafe lstat(destination.path, &found) != 0 else {
                throw TransferFailure("Resource \(location) cannot be renamed: \(destination) is there")
            }
            guard unsafe Glibc.rename(location.path, destination.path) == 0 else {
                throw Self.failure("renamed to \(destination)", location)
            }
            return
        }
        guard unsafe link(location.path, destination.path) == 0 else {
            throw Self.failure("renamed to \(destination)", location)
        }
        guard unsafe unlink(location.path) == 0 else { throw Self.failure("renamed to \(destination)", location) }
    }

    func delete(_ location: ResourceLocation) throws(TransferFailure) -> Bool {
        try Self.check(location)
        var status = stat()
        guard unsafe lstat(location.path, &status) == 0 else { return false }
        TreeRemoval.remove(location.path)
        guard unsafe lstat(location.path, &status) != 0 else {
            throw TransferFailure("Resource \(location) cannot be deleted")
        }
        return true
    }
}
