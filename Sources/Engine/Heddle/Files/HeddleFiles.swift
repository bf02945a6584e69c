internal import Glibc
internal import Synchronization

/// Files that came with the application (`--files`, `--archives` of `heddle submit`), wherever its tasks run. Spark's `SparkFiles`.
public enum HeddleFiles {
    /// Where they lie in a process that is no container; nil where its working folder has them.
    static let folder = Mutex<String?>(nil)

    /// The path of a file, or of an archive's folder, by the name that it was given: `name` of `--files path#name`, else the
    /// file's own.
    ///
    /// In tasks under every master, and in the driver where that runs in a container or on the same machine as its tasks.
    public static func get(_ name: String) -> String { "\(self.rootDirectory)/\(name)" }

    /// The folder that has all of them. Spark's `getRootDirectory`.
    public static var rootDirectory: String {
        if let folder = self.folder.withLock({ $0 }) { return folder }
        guard let path = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
