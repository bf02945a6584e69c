import ClusterModel
import Glibc
import NodeManagerCore
import Staging

/// Looks at the log folders of all running containers every interval (yarn.nodemanager.container-log-monitor.interval-ms),
/// on a thread of its own: a folder with very many files holds nobody up but this.
struct LogSizeMonitor: Sendable {
    var containers: @Sendable () -> [ContainerID]
    var logs: ContainerLogs
    var interval: Duration
    var post: @Sendable (Input) -> Void
    private let threads = BlockingThreads(threadsMaximum: 1)

    init(
        containers: @escaping @Sendable () -> [ContainerID],
        logs: ContainerLogs,
        interval: Duration,
        post: @escaping @Sendable (Input) -> Void
    ) {
        self.containers = containers
        self.logs = logs
        self.interval = interval
        self.post = post
    }

    /// Runs until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: self.interval)
            guard !Task.isCancelled else { return }
            let containers = self.containers()
            guard !containers.isEmpty else { continue }
            let usages = await self.threads.run { _ in containers.map { self.logs.usage(of: $0) } }
            self.post(.logsMeasured(usages))
        }
    }
}

extension ContainerLogs {
    /// Folders within folders that are looked at, and entries of one container: no container can keep its watcher busy for
    /// ever. What lies beyond is aggregated by nobody either.
    private static let depthMaximum = 16
    private static let entriesMaximum = 200_000

    /// Bytes in the log folders of a container, those below them included. Blocks.
    func usage(of container: ContainerID) -> ContainerLogUsage {
        var usage = ContainerLogUsage(container: container, folders: [])
        var entries = Self.entriesMaximum
        for directory in self.directories {
            guard let folder = Self.folder(of: container, below: directory) else { continue }
            let path = "\(directory)/\(container.application)/\(container)"
            var bytes: Int64 = 0
            Self.measure(folder, path, depth: 0, &entries, &bytes, &usage.largest)
            usage.folders.append(ContainerLogUsage.Size(path: path, bytes: bytes))
        }
        return usage
    }

    private static func measure(
        _ folder: FileDescriptor,
        _ path: String,
        depth: Int,
        _ entries: inout Int,
        _ bytes: inout Int64,
        _ largest: inout ContainerLogUsage.Size?
    ) {
        for name in folder.entryNames(upTo: max(0, entries)) {
            entries -= 1
            guard let status = folder.status(of: name) else { continue }
            if status.isRegular {
                let (sum, overflow) = bytes.addingReportingOverflow(status.size)
                bytes = overflow ? .max : sum
                if status.size > largest?.bytes ?? -1 {
                    largest = ContainerLogUsage.Size(path: "\(path)/\(name)", bytes: status.size)
                }
            } else if depth < Self.depthMaximum,
                let inner = FileDescriptor.open(name, in: folder, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
            {
                Self.measure(inner, "\(path)/\(name)", depth: depth + 1, &entries, &bytes, &largest)
            }
        }
    }
}
