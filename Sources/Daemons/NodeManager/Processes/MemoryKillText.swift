package import ClusterModel

/// The words with which a container that used too much memory is killed. Clients read them: Spark recognises the
/// sentence to advise on memory overhead.
package struct MemoryKillText: Sendable, Hashable {
    package enum Limit: String, Sendable, Hashable {
        case physical = "PHYSICAL"
        case virtual = "VIRTUAL"
    }

    package var container: ContainerID
    /// The script's process.
    package var process: Int32
    package var exceeded: Limit
    package var physicalBytes: UInt64
    package var physicalLimitBytes: UInt64
    package var virtualBytes: UInt64
    package var virtualLimitBytes: UInt64
    /// `ProcessTree.dump()`
    package var dump: String

    package init(
        container: ContainerID,
        process: Int32,
        exceeded: Limit,
        physicalBytes: UInt64,
        physicalLimitBytes: UInt64,
        virtualBytes: UInt64,
        virtualLimitBytes: UInt64,
        dump: String
    ) {
        self.container = container
        self.process = process
        self.exceeded = exceeded
        self.physicalBytes = physicalBytes
        self.physicalLimitBytes = physicalLimitBytes
        self.virtualBytes = virtualBytes
        self.virtualLimitBytes = virtualLimitBytes
        self.dump = dump
    }

    package var text: String {
        let (used, limit) =
            self.exceeded == .physical
            ? (self.physicalBytes, self.physicalLimitBytes) : (self.virtualBytes, self.virtualLimitBytes)
        let excess = used > limit ? used - limit : 0
        return "Container [pid=\(self.process),containerID=\(self.container)] is running \(excess)B beyond the "
            + "'\(self.exceeded.rawValue)' memory limit. Current usage: \(Self.short(self.physicalBytes)) of "
            + "\(Self.short(self.physicalLimitBytes)) physical memory used; \(Self.short(self.virtualBytes)) of "
            + "\(Self.short(self.virtualLimitBytes)) virtual memory used. Killing container.\n"
            + "Dump of the process-tree for \(self.container) :\n\(self.dump)"
    }

    /// A number of bytes as Hadoop shortens it: `512 B`, `1 GB` if exact, `1.5 GB` to one decimal otherwise.
    package static func short(_ bytes: UInt64) -> String {
        let units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"]
        var unit = 0
        var size: UInt64 = 1
        while unit + 1 < units.count, bytes / size >= 1024 {
            size *= 1024
            unit += 1
        }
        if bytes % size == 0 { return "\(bytes / size) \(units[unit])" }
        // In tenths, rounded half up, without floating point.
        let tenths = bytes / size * 10 + (bytes % size * 10 + size / 2) / size
        // 1023.96 MB rounds to 1024.0 MB, as it does there.
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
