import ClusterModel
import NodeManagerCore
import Staging

/// Looks at all containers' processes every interval (yarn.nodemanager.resource-monitor.interval-ms).
struct UsageMonitor: Sendable {
    var launcher: ContainerLauncher
    var interval: Duration
    var threads: BlockingThreads
    /// A container's limit; nil when it is not known here.
    var limit: @Sendable (ContainerID) -> MemoryLimit?
    var post: @Sendable (Input) -> Void

    /// Runs until its task is cancelled.
    func run() async {
        var machine = MachineUsage()
        var processorTimes: [ContainerID: UInt64] = [:]
        while !Task.isCancelled {
            try? await Task.sleep(for: self.interval)
            guard !Task.isCancelled else { return }
            let processes = self.launcher.running
            let interval = self.interval
            let trees: [(ContainerProcess, ProcessTree)] = await self.threads.run { _ in
                guard !processes.isEmpty else { return [] }
                let table = ProcessTable.read()
                return processes.map { ($0, table.tree(below: $0.supervisor)) }
            }
            var times: [ContainerID: UInt64] = [:]
            var usages: [ContainerUsage] = []
            for (process, tree) in trees {
                let time = tree.processorMilliseconds
                times[process.container] = time
                let used = processorTimes[process.container].map { time >= $0 ? time - $0 : 0 } ?? 0
                var usage = ContainerUsage(
                    process,
                    tree,
                    cpuCores: Double(used) / max(Double(interval.wholeMilliseconds), 1),
                    interval: interval
                )
                if self.limit(process.container)?.isExceeded(by: usage) != false {
                    // Command lines cost a file each, so they are read for those alone whose diagnostics show them.
                    usage.processes = await self.threads.run { _ in tree.dumpLines }
                }
                usages.append(usage)
            }
            processorTimes = times
            self.post(.usageMeasured(usages, node: machine.read()))
        }
    }
}

extension ProcessTree {
    /// The dump without its heading, which is the core's own.
    fileprivate var dumpLines: [String] {
        self.dump().split(separator: "\n").dropFirst().map { String($0.drop { $0 == "\t" }) }
    }
}

extension ContainerUsage {
    fileprivate init(_ process: ContainerProcess, _ tree: ProcessTree, cpuCores: Double, interval: Duration) {
        let aged = tree.olderThan(interval)
        self.init(
            container: process.container,
            process: process.script.number,
            residentBytes: Int64(clamping: tree.physicalBytes),
            virtualBytes: Int64(clamping: tree.virtualBytes),
            agedResidentBytes: Int64(clamping: aged.physicalBytes),
            agedVirtualBytes: Int64(clamping: aged.virtualBytes),
            cpuCores: cpuCores
        )
    }
}
