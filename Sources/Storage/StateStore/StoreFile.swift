import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Makes the folder and the file of a store so that only their owner can read or change them.
enum StoreFile {
    static let folderMode: mode_t = 0o700
    static let fileMode: mode_t = 0o600

    /// Creates what is missing, with the modes above, and refuses a folder that others can write.
    static func prepare(_ path: String) throws(StateStoreError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            // Those above it are no secret, and may be shared: hadoop.tmp.dir also holds the folders of containers, which
            // their users must be able to reach.
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: folder).deletingLastPathComponent().path,
                withIntermediateDirectories: true
            )
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: Int(self.folderMode)]
            )
        } catch {
            throw .init(
                reason: .inaccessible,
                path: path,
                detail: "its folder \(folder) cannot be made (\(error.localizedDescription))"
            )
        }
        try self.checkFolder(folder, of: path)
        // SQLite gives its -wal and -shm files the mode of the database.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, self.fileMode)
        guard descriptor >= 0 else {
            throw .init(reason: .inaccessible, path: path, detail: "it cannot be opened (\(self.errorText()))")
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, self.fileMode) == 0 else {
            throw .init(
                reason: .inaccessible,
                path: path,
                detail: "its mode cannot be set to 600 (\(self.errorText())); another user owns it"
            )
        }
    }

    private static func checkFolder(_ folder: String, of path: String) throws(StateStoreError) {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else {
            throw .init(reason: .inaccessible, path: path, detail: "\(folder): \(self.errorText())")
        }
        let othersWrite = status.st_mode & (S_IWGRP | S_IWOTH) != 0
        guard !othersWrite else {
            throw .init(
                reason: .inaccessible,
                path: path,
                detail: "others can write its folder \(folder); run chmod go-w on it, or name another folder"
            )
        }
    }

    private static func errorText() -> String {
        unsafe String(cString: strerror(errno))
    }
}
