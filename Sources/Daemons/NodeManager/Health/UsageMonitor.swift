import ClusterModel
import NodeManagerCore
import Staging

/// Looks at all containers' processes every interval (yarn.nodemanager.resource-monitor.interval-ms).
struct UsageMonitor: Sendable {
    var launcher: ContainerLauncher
    var interval: Duration
    var threads: BlockingThreads
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
            let usages = trees.map { process, tree in
                let time = tree.processorMilliseconds
                times[process.container] = time
                let used = processorTimes[process.container].map { time >= $0 ? time - $0 : 0 } ?? 0
                return ContainerUsage(
                    process,
                    tree,
                    cpuCores: Double(used) / max(Double(interval.wholeMilliseconds), 1),
                    interval: interval
                )
            }
            processorTimes = times
            self.post(.usageMeasured(usages, node: machine.read()))
        }
    }
}

extension ContainerUsage {
    fileprivate init(_ process: ContainerProcess, _ tree: ProcessTree, cpuCores: Double, interval: Duration) {
        let aged = tree.olderThan(interval)
        // The heading is the core's own.
        let lines = tree.dump().split(separator: "\n").dropFirst()
        self.init(
            container: process.container,
            process: process.script.number,
            residentBytes: Int64(clamping: tree.physicalBytes),
            virtualBytes: Int64(clamping: tree.virtualBytes),
            agedResidentBytes: Int64(clamping: aged.physicalBytes),
            agedVirtualBytes: Int64(clamping: aged.virtualBytes),
            cpuCores: cpuCores,
            processes: lines.map { String($0.drop { $0 == "\t" }) }
        )
    }
}
