internal import CLinux
internal import Glibc
internal import Synchronization

/// Where an executor keeps what does not fit in memory: in the folders of `spark.local.dir`, in a container the NodeManager's
/// `LOCAL_DIRS`. Files there have no names, so they go with the process, however it ends.
final class BlockPlaces: Sendable {
    private let folders: [String]
    private let begun = Atomic(0)

    /// - Parameter folders: files go to them in turn.
    init(folders: [String]) { self.folders = folders.isEmpty ? ["/tmp"] : folders }

    /// The places for this process, by what `spark.local.dir` or the surroundings say.
    convenience init(_ setting: String?) {
        let named = ["LOCAL_DIRS", "SPARK_LOCAL_DIRS"].lazy.compactMap { ExecutorEnvironment.variable($0) }.first
        let folders = named ?? setting ?? ExecutorEnvironment.variable("TMPDIR") ?? ""
        self.init(folders: folders.split(separator: ",").map { String($0.drop { $0 == " " }) })
    }

    /// The folders for a new file, the best first: where one has no room or cannot be written, the next may.
    func candidates() -> [String] {
        let first = self.begun.wrappingAdd(1, ordering: .relaxed).newValue % self.folders.count
        return Array(self.folders[first...] + self.folders[..<first])
    }

    /// How many files were begun.
    var fileCount: Int { self.begun.load(ordering: .relaxed) }

    /// A new file that has no name.
    /// - Throws: `FileFailure`, which says what to do.
    static func open(in folder: String) throws(FileFailure) -> Int32 {
        let descriptor = unsafe heddle_open_unnamed(folder)
        guard descriptor >= 0 else { throw self.failure(folder, "can hold no file", errno) }
        return descriptor
    }

    static func failure(_ folder: String, _ problem: String, _ number: Int32) -> FileFailure {
        FileFailure(
            folder,
            "\(problem) for blocks that memory has no room for (spark.local.dir names other folders)",
            number
        )
    }
}
