import Glibc

/// All processes of one container at one moment.
package struct ProcessTree: Sendable, Hashable {
    /// Parents before children, each level by number.
    package var processes: [ProcessStatus]

    package static let pageBytes = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    package static let ticksPerSecond = UInt64(sysconf(Int32(_SC_CLK_TCK)))

    package init(processes: [ProcessStatus]) {
        self.processes = processes
    }

    /// Resident memory of all processes, in bytes. Pages that several share count for each, as in Hadoop.
    package var physicalBytes: UInt64 {
        self.processes.reduce(0) { $0 + $1.residentPages * Self.pageBytes }
    }

    /// Address space of all processes, in bytes.
    package var virtualBytes: UInt64 {
        self.processes.reduce(0) { $0 &+ $1.virtualBytes }
    }

    /// Time on processors of all processes that still run, in milliseconds.
    package var processorMilliseconds: UInt64 {
        self.processes.reduce(0) { $0 + $1.userMilliseconds + $1.systemMilliseconds }
    }

    /// Only the processes that ran already `age` ago: a JVM that is about to exec a child counts twice for a moment, so
    /// the memory check looks at the older ones.
    package func olderThan(_ age: Duration, now: UInt64 = ProcessTree.ticksSinceBoot()) -> ProcessTree {
        let ticks =
            UInt64(max(0, age.components.seconds)) * Self.ticksPerSecond
            + UInt64(max(0, age.components.attoseconds / (1_000_000_000_000_000_000 / Int64(Self.ticksPerSecond))))
        return ProcessTree(processes: self.processes.filter { $0.startTicks &+ ticks <= now })
    }

    /// The clock of `ProcessStatus.startTicks`, now.
    package static func ticksSinceBoot() -> UInt64 {
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return 0 }
        return UInt64(now.tv_sec) * self.ticksPerSecond + UInt64(now.tv_nsec) * self.ticksPerSecond / 1_000_000_000
    }

    /// The processes below `root`, without `root` itself: for a container, everything below its supervisor.
    /// - Returns: an empty tree if the root is gone.
    package static func usage(root: ProcessIdentity) -> ProcessTree {
        ProcessTable.read().tree(below: root)
    }

    /// The table of processes in the form and with the heading of Hadoop's memory diagnostics. Command lines are read
    /// now: call it before the processes are killed.
    package func dump(commandLine: (Int32) -> String = ProcessTable.commandLine) -> String {
        let heading =
            "\t|- PID PPID PGRPID SESSID CMD_NAME USER_MODE_TIME(MILLIS) SYSTEM_TIME(MILLIS) "
            + "VMEM_USAGE(BYTES) RSSMEM_USAGE(PAGES) FULL_CMD_LINE\n"
        return self.processes.reduce(into: heading) { text, process in
            text += "\t|- \(process.number) \(process.parent) \(process.group) \(process.session) (\(process.name)) "
            text += "\(process.userMilliseconds) \(process.systemMilliseconds) \(process.virtualBytes) "
            text += "\(process.residentPages) \(commandLine(process.number)) \n"
        }
    }
}

/// All processes of the machine, read once for however many containers are to be looked at.
package struct ProcessTable: Sendable {
    /// By number.
    private let processes: [ProcessStatus]
    private let children: [Int32: [Int]]

    /// A command line longer than this is cut in diagnostics: a JVM's class path alone can fill pages.
    static let commandLineMaximum = 4096

    package init(_ processes: [ProcessStatus]) {
        let sorted = processes.sorted { $0.number < $1.number }
        self.processes = sorted
        self.children = Dictionary(grouping: sorted.indices, by: { sorted[$0].parent })
    }

    /// Reads /proc. A process that ends meanwhile is simply absent.
    package static func read() -> ProcessTable {
        ProcessTable(processNumbers().compactMap(ProcessStatus.read))
    }

    package var all: [ProcessStatus] { self.processes }

    /// The processes below `root`, without `root` itself; empty if it is gone.
    package func tree(below root: ProcessIdentity) -> ProcessTree {
        guard self.processes.contains(where: { $0.identity == root }) else { return ProcessTree(processes: []) }
        var found: [Int] = []
        var level = self.children[root.number] ?? []
        // The table is not of one instant: numbers given away meanwhile could form a ring.
        while !level.isEmpty, found.count <= self.processes.count {
            found += level
            level = level.flatMap { self.children[self.processes[$0].number] ?? [] }
        }
        return ProcessTree(processes: found.map { self.processes[$0] }.filter { !$0.hasEnded })
    }

    /// A process's arguments separated by blanks; empty for kernel threads and processes that are gone.
    package static func commandLine(of number: Int32) -> String {
        guard let bytes = readSmallFileBytes("/proc/\(number)/cmdline", maximum: self.commandLineMaximum) else {
            return ""
        }
        return String(decoding: Array(bytes.split(separator: 0).joined(separator: [UInt8(ascii: " ")])), as: UTF8.self)
    }

    /// The numbers that /proc lists.
    static func processNumbers() -> [Int32] {
        directoryEntries("/proc").compactMap { Int32($0) }
    }
}
