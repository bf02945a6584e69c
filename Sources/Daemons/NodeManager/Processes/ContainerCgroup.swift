import Glibc
import Staging

/// What a container may use, as the kernel enforces it. Nothing is limited that is nil.
package struct CgroupLimits: Sendable, Hashable {
    /// Memory of all processes together, in bytes: the kernel kills one of them when it is not enough.
    package var memoryBytes: UInt64?
    /// The share of processor time when processors are scarce, in virtual cores.
    package var virtualCores: Int?
    /// The hard limit of processor time: microseconds of it in each tenth of a second.
    package var processorMicroseconds: Int?
    /// Processes and threads.
    package var processes: Int?

    package init(
        memoryBytes: UInt64? = nil,
        virtualCores: Int? = nil,
        processorMicroseconds: Int? = nil,
        processes: Int? = nil
    ) {
        self.memoryBytes = memoryBytes
        self.virtualCores = virtualCores
        self.processorMicroseconds = processorMicroseconds
        self.processes = processes
    }
}

/// One container's control groups: a directory in each hierarchy that is mounted.
///
/// Control groups are a help, never a condition: what cannot be read or written is left out.
package struct ContainerCgroup: Sendable, Hashable {
    package var directories: [String]

    package init(directories: [String]) {
        self.directories = directories
    }

    /// The most memory that all processes held at once, in bytes; nil where the kernel does not count it.
    package var memoryPeak: UInt64? {
        // The names in version 2 and version 1.
        self.firstNumber(in: ["memory.peak", "memory.max_usage_in_bytes"])
    }

    /// Whether the kernel killed a process of the container because the group's memory was used up.
    package var wasKilledForMemory: Bool {
        for directory in self.directories {
            for file in ["memory.events", "memory.oom_control"] {
                guard let text = readSmallFile("\(directory)/\(file)", maximum: 4096) else { continue }
                let kills = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
                if let kills, let count = UInt64(kills.dropFirst("oom_kill ".count)) { return count > 0 }
            }
        }
        return false
    }

    /// The processes in the groups now.
    package var processes: [Int32] {
        var found: Set<Int32> = []
        for directory in self.directories {
            guard let text = readSmallFile("\(directory)/cgroup.procs", maximum: 1 << 20) else { continue }
            found.formUnion(text.split(separator: "\n").compactMap { Int32($0) })
        }
        return found.sorted()
    }

    /// Removes the groups, and with the last of them the NodeManager's own. One that still holds a process stays, and is
    /// removed at the NodeManager's next start.
    package func remove() {
        for directory in self.directories {
            _ = unsafe rmdir(directory)
            guard let slash = directory.lastIndex(of: "/") else { continue }
            // Refused while another container is in it.
            _ = unsafe rmdir(String(directory[..<slash]))
        }
    }

    func apply(_ limits: CgroupLimits) {
        if let bytes = limits.memoryBytes { self.write("\(bytes)", to: ["memory.max", "memory.limit_in_bytes"]) }
        if let cores = limits.virtualCores, cores > 0 {
            // Version 1 counts 1024 for one core, version 2 counts 100, up to 10,000.
            self.write("\(min(cores, 256) * 1024)", to: ["cpu.shares"])
            self.write("\(min(cores * 100, 10_000))", to: ["cpu.weight"])
        }
        if let microseconds = limits.processorMicroseconds, microseconds > 0 {
            self.write("\(microseconds) 100000", to: ["cpu.max"])
            self.write("\(microseconds)", to: ["cpu.cfs_quota_us"])
        }
        if let processes = limits.processes { self.write("\(processes)", to: ["pids.max"]) }
    }

    private func firstNumber(in files: [String]) -> UInt64? {
        for directory in self.directories {
            for file in files {
                guard let text = readSmallFile("\(directory)/\(file)", maximum: 128) else { continue }
                if let number = UInt64(text.prefix { $0 != "\n" }) { return number }
            }
        }
        return nil
    }

    /// Writes to whichever of the files exist: each hierarchy has the names of its own version.
    private func write(_ text: String, to files: [String]) {
        for directory in self.directories {
            for file in files {
                CgroupHierarchy.write(text, to: "\(directory)/\(file)")
            }
        }
    }
}
