import Glibc
import NodeManagerCore
import Settings

/// Which of the configured folders can be used, by Hadoop's rules and words.
struct DiskCheck: Sendable {
    var settings: DiskHealthSettings
    /// Folders that were too full at the last check; they come back below the lower mark.
    private var fullFolders: Set<String> = []

    init(settings: DiskHealthSettings) {
        self.settings = settings
    }

    struct Result: Sendable, Equatable {
        var good: [String]
        /// Free bytes on the disks of the good folders.
        var freeBytes: [Int64]
        /// Folder and what is wrong with it.
        var problems: [String]
        var isHealthy: Bool
    }

    mutating func check(_ folders: [String]) -> Result {
        guard self.settings.isEnabled else {
            return Result(good: folders, freeBytes: [], problems: [], isHealthy: true)
        }
        var good: [String] = []
        var problems: [String] = []
        for folder in folders {
            if let problem = self.problem(folder) {
                problems.append("\(folder) : \(problem)")
            } else {
                good.append(folder)
            }
        }
        let share = folders.isEmpty ? 0 : Double(good.count) / Double(folders.count)
        return Result(
            good: good,
            freeBytes: good.map(Self.freeBytes),
            problems: problems,
            isHealthy: !good.isEmpty && share >= self.settings.healthyShareMinimum
        )
    }

    /// What the disk of a folder has left; nil for one that cannot be measured.
    static func room(_ folder: String) -> LocalRoom? {
        var space = statvfs()
        guard unsafe statvfs(folder, &space) == 0 else { return nil }
        return LocalRoom(folder: folder, freeBytes: Self.freeBytes(space), usedPercent: Self.usedPercent(space))
    }

    /// 0 for a folder that cannot be measured, which then comes last.
    private static func freeBytes(_ folder: String) -> Int64 {
        Self.room(folder)?.freeBytes ?? 0
    }

    private static func freeBytes(_ space: statvfs) -> Int64 {
        Int64(clamping: UInt64(space.f_bavail) * UInt64(space.f_frsize))
    }

    /// The share in use of what containers can use, as `df` prints it. Hadoop counts what a file system reserves for
    /// its administrator (5 % of an ext4, far more on some volumes) as used, and so calls a disk full that has room.
    static func usedPercent(_ space: statvfs) -> Double {
        let used = UInt64(space.f_blocks - min(space.f_bfree, space.f_blocks))
        let usable = used + UInt64(space.f_bavail)
        return usable == 0 ? 0 : Double(used) / Double(usable) * 100
    }

    private mutating func problem(_ folder: String) -> String? {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { return "Cannot be read" }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "Not a directory" }
        guard unsafe access(folder, R_OK | W_OK | X_OK) == 0 else { return "Directory is not writable" }
        var space = statvfs()
        guard unsafe statvfs(folder, &space) == 0 else { return "Cannot be measured" }
        let used = Self.usedPercent(space)
        let limit =
            self.fullFolders.contains(folder) ? self.settings.utilizationLow : self.settings.utilizationMaximum
        if used > limit {
            self.fullFolders.insert(folder)
            return "used space above threshold of \(limit)%"
        }
        self.fullFolders.remove(folder)
        if Int(clamping: Self.freeBytes(space) >> 20) < self.settings.freeMiBMinimum {
            return "free space below limit of \(self.settings.freeMiBMinimum)MB"
        }
        return nil
    }
}
