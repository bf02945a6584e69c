import Glibc

/// What can be done with files wherever they are. All calls block; `user` is whom WebHDFS knows the caller as, nil for
/// this process's account.
extension Transfers {
    private func files(
        _ location: ResourceLocation,
        _ user: String?,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> (any RemoteFiles, ResourceLocation) {
        try self.files(location, as: nil, user: user, cancellation)
    }

    /// - Throws: with status 404 when there is nothing.
    package func status(
        of location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> FileStatus {
        let (files, mapped) = try self.files(location, user, cancellation)
        return try files.status(mapped)
    }

    /// What a folder holds, by name.
    package func list(
        _ location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> [FileStatus] {
        let (files, mapped) = try self.files(location, user, cancellation)
        return try files.list(mapped)
    }

    /// Where the parts of a file lie; empty where its file system knows no such places.
    /// - Parameter length: of the file, in bytes.
    package func blocks(
        of location: ResourceLocation,
        length: Int64,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> [FileBlock] {
        let (files, mapped) = try self.files(location, user, cancellation)
        return try files.blocks(of: mapped, length: length)
    }

    /// Brings a file to a path of this machine, which names it only when it is whole. As with other programs that copy
    /// files, the system writes it to the disk in its own time: the file can be had again.
    /// - Returns: its size in bytes.
    @discardableResult
    package func download(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation = ResourceExpectation(),
        to path: String,
        user: String? = nil,
        progress: TransferProgress? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> Int64 {
        var size: Int64 = 0
        try WholeFile.write(path, isFlushed: false) { (target, temporary) throws(TransferFailure) in
            size = try self.fetch(
                location,
                expecting: expectation,
                as: nil,
                user: user,
                into: target,
                path: temporary,
                progress: progress,
                cancellation: cancellation
            )
        }
        return size
    }

    /// Sends a file of this machine, in place of one that is there.
    /// - Returns: its size in bytes.
    @discardableResult
    package func upload(
        _ path: String,
        to location: ResourceLocation,
        user: String? = nil,
        progress: TransferProgress? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> Int64 {
        let (files, mapped) = try self.files(location, user, cancellation)
        let source = try LocalSource(
            ResourceLocation(scheme: "file", path: path),
            expecting: ResourceExpectation(),
            as: nil
        )
        let file = UploadedFile(descriptor: source.descriptor.number, length: source.size)
        try files.upload(file, to: mapped, progress)
        try source.checkUnchanged()
        return source.size
    }

    /// Whether a file there is seen only when all of it has come, so that it needs no other name until then.
    package func showsWholeFilesOnly(_ location: ResourceLocation) -> Bool {
        ["s3", "s3a", "s3n"].contains(location.scheme)
    }

    /// Makes a folder and those above it; done if it is there.
    package func makeDirectory(
        _ location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) {
        let (files, mapped) = try self.files(location, user, cancellation)
        try files.makeDirectory(mapped)
    }

    /// Moves a file or folder within its file system; on S3 this is a copy and a removal.
    /// - Throws: if the source is not there or the destination is.
    package func rename(
        _ location: ResourceLocation,
        to destination: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) {
        guard location.scheme == destination.scheme, location.host == destination.host,
            location.port == destination.port
        else {
            throw TransferFailure("Resource \(location) cannot be renamed to \(destination): it is another file system")
        }
        let (files, mapped) = try self.files(location, user, cancellation)
        let (_, mappedDestination) = try self.files(destination, user, cancellation)
        try files.rename(mapped, to: mappedDestination)
    }

    /// Removes a file or a whole folder.
    /// - Returns: false if there was nothing.
    @discardableResult
    package func delete(
        _ location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> Bool {
        let (files, mapped) = try self.files(location, user, cancellation)
        return try files.delete(mapped)
    }
}
