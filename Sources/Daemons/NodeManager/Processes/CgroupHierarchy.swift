package import ClusterModel
import Glibc
import Staging

/// Where this NodeManager keeps its containers' control groups: a folder of its own in each mounted hierarchy, which is
/// there as long as a container is.
package struct CgroupHierarchy: Sendable, Hashable {
    private let hierarchies: [Hierarchy]
    private let name: String

    /// The controllers that containers get; others stay as the machine has them.
    private static let controllers = ["memory", "cpu", "pids"]

    /// Finds the hierarchies that let this process make groups.
    /// - Parameters:
    ///   - name: tells NodeManagers on one machine apart; letters, digits, `-`, `_` and `.` only.
    ///   - mounts: the content of /proc/self/mounts.
    /// - Returns: nil if no hierarchy can be written: containers then run without control groups.
    package init?(name: String, mounts: String? = readSmallFile("/proc/self/mounts", maximum: 1 << 20)) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isPlain, !name.isEmpty, let mounts else { return nil }
        self.name = "heddle-\(name)"
        let folderName = self.name
        self.hierarchies = Self.hierarchies(in: mounts).filter { hierarchy in
            let folder = "\(hierarchy.path)/\(folderName)"
            defer { _ = unsafe rmdir(folder) }
            return hierarchy.makeFolder(folder)
        }
        if self.hierarchies.isEmpty { return nil }
    }

    struct Hierarchy: Hashable {
        var path: String
        /// Version 2: one tree for all controllers.
        var isUnified: Bool

        func makeFolder(_ folder: String) -> Bool {
            if unsafe mkdir(folder, 0o755) != 0 { return errno == EEXIST }
            if self.isUnified {
                CgroupHierarchy.enableControllers(in: self.path)
                CgroupHierarchy.enableControllers(in: folder)
            }
            return true
        }
    }

    /// The NodeManager's folders, for example `/sys/fs/cgroup/memory/heddle-nm-45454`.
    private var folders: [String] { self.hierarchies.map { "\($0.path)/\(self.name)" } }

    /// The hierarchies that can hold containers: version 1 for each controller that is mounted so, and version 2.
    static func hierarchies(in mounts: String) -> [Hierarchy] {
        var found: [Hierarchy] = []
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            let options = fields[3].split(separator: ",").map(String.init)
            let isUnified = fields[2] == "cgroup2"
            let isWanted = isUnified || fields[2] == "cgroup" && self.controllers.contains { options.contains($0) }
            guard isWanted, !options.contains("ro") else { continue }
            let hierarchy = Hierarchy(path: String(fields[1]), isUnified: isUnified)
            // The same hierarchy may be mounted twice; controllers may share one.
            if !found.contains(hierarchy) { found.append(hierarchy) }
        }
        return found
    }

    /// Makes a container's groups and sets their limits.
    /// - Returns: nil if none could be made.
    package func create(for container: ContainerID, limits: CgroupLimits) -> ContainerCgroup? {
        let directories: [String] = self.hierarchies.compactMap { hierarchy in
            let folder = "\(hierarchy.path)/\(self.name)"
            let directory = "\(folder)/\(container)"
            // Twice: the end of another container can take the folder away in between.
            for _ in 0..<2 where hierarchy.makeFolder(folder) {
                if unsafe mkdir(directory, 0o755) == 0 || errno == EEXIST { return directory }
            }
            return nil
        }
        guard !directories.isEmpty else { return nil }
        let group = ContainerCgroup(directories: directories)
        group.apply(limits)
        return group
    }

    /// The groups that a container has from an earlier run of the NodeManager; nil if there are none.
    package func existing(for container: ContainerID) -> ContainerCgroup? {
        let candidates: [String] = self.folders.map { "\($0)/\(container)" }
        let directories = candidates.filter { unsafe access($0, F_OK) == 0 }
        return directories.isEmpty ? nil : ContainerCgroup(directories: directories)
    }

    /// Removes groups without processes that an earlier run left, all but those of containers that are `kept`.
    package func removeLeftovers(keeping kept: Set<ContainerID>) {
        for folder in self.folders {
            for name in directoryEntries(folder) {
                guard let container = ContainerID(name), !kept.contains(container) else { continue }
                _ = unsafe rmdir("\(folder)/\(name)")
            }
        }
    }

    /// Removes the NodeManager's own folders, if no container is left in them.
    package func remove() {
        self.removeLeftovers(keeping: [])
        for folder in self.folders {
            _ = unsafe rmdir(folder)
        }
    }

    private static func enableControllers(in directory: String) {
        // One by one: a machine that lacks one still gives the others.
        for controller in self.controllers {
            self.write("+\(controller)", to: "\(directory)/cgroup.subtree_control")
        }
    }

    static func write(_ text: String, to path: String) {
        guard let file = try? OwnedDescriptor.open(path, O_WRONLY) else { return }
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { try? unsafe file.write($0, path: path) }
    }
}

/// The names in a directory, without `.` and `..`; empty if it cannot be read.
func directoryEntries(_ path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe _ = closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
