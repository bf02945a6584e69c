/// The folders of all applications below the remote log folder. Calls block.
///
/// Users own what is below the root and may put links there: only what a listing says is a folder is entered.
package struct AggregatedLogFolders: Sendable {
    private let folders: RemoteLogFolders
    private let transfers: Transfers

    package init(folders: RemoteLogFolders, transfers: Transfers) {
        self.folders = folders
        self.transfers = transfers
    }

    /// Who has a folder there; nobody where there is no root yet.
    package func users(_ cancellation: Cancellation) throws(TransferFailure) -> [String] {
        try self.subfolders(of: self.folders.root, user: nil, cancellation).compactMap(\.location.name)
    }

    /// The folders of a user's applications, of every layout that Hadoop has had.
    package func applications(of user: String, _ cancellation: Cancellation) throws(TransferFailure) -> [FileStatus] {
        var found: [FileStatus] = []
        for folder in try self.subfolders(of: self.folders.child([user]), user: user, cancellation) {
            guard let name = folder.location.name else { continue }
            if self.folders.bucketNames.contains(name) {
                for bucket in try self.subfolders(of: folder.location, user: user, cancellation) {
                    found += try self.subfolders(of: bucket.location, user: user, cancellation)
                }
            } else if self.folders.plainNames.contains(name) {
                found += try self.subfolders(of: folder.location, user: user, cancellation)
            }
        }
        return found
    }

    /// When anything in an application's folder last changed, itself included; nil when nobody says.
    package func lastChange(
        of folder: FileStatus,
        user: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> Int64? {
        let files = try self.transfers.list(folder.location, user: user, cancellation: cancellation)
        return (files + [folder]).compactMap(\.modificationTime).max()
    }

    package func delete(_ folder: FileStatus, user: String, _ cancellation: Cancellation) throws(TransferFailure) {
        try self.transfers.delete(folder.location, user: user, cancellation: cancellation)
    }

    private func subfolders(
        of location: ResourceLocation,
        user: String?,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> [FileStatus] {
        do throws(TransferFailure) {
            return try self.transfers.list(location, user: user, cancellation: cancellation)
                .filter { $0.kind == .directory }
        } catch {
            guard error.status == 404 else { throw error }
            return []
        }
    }
}
