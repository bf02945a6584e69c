package import ClusterModel
import OrderedCollections

/// How large a container's logs may grow (yarn.nodemanager.container-log-monitor.*).
package struct LogSizeLimit: Sendable, Equatable {
    /// Bytes in one log folder (`...dir-size-limit-bytes`).
    package var folderBytes: Int64
    /// Bytes in all of them (`...total-size-limit-bytes`).
    package var totalBytes: Int64

    package init(folderBytes: Int64, totalBytes: Int64) {
        self.folderBytes = folderBytes
        self.totalBytes = totalBytes
    }

    /// Why a container is stopped; nil when it may go on.
    func stopReason(for container: Container, _ usage: ContainerLogUsage) -> StopReason? {
        let what: String
        let key: String
        let limit: Int64
        if let folder = usage.folders.first(where: { $0.bytes > self.folderBytes }) {
            what =
                "the container single log directory limit.\nLimit: \(self.folderBytes) Log Directory Size: \(folder.bytes)"
                + " Log Directory: \(folder.path)"
            (key, limit) = ("dir-size-limit-bytes", self.folderBytes)
        } else if usage.totalBytes > self.totalBytes {
            what = "the container total log limit.\nLimit: \(self.totalBytes) Total Size: >=\(usage.totalBytes)"
            (key, limit) = ("total-size-limit-bytes", self.totalBytes)
        } else {
            return nil
        }
        let largest = usage.largest.map { "Its largest file is \($0.name) with \(binarySize($0.bytes)). " } ?? ""
        let process = container.usage.map { "pid=\($0.process)," } ?? ""
        return StopReason(
            exitStatus: .killedForExcessLogs,
            text: "Container [\(process)containerID=\(container.id)] is logging beyond \(what)\nKilling container.\n"
                + largest
                + "Have it log less or roll its files over (log4j2's RollingFile with a DefaultRolloverStrategy), or"
                + " raise yarn.nodemanager.container-log-monitor.\(key) above \(binarySize(limit)) on the NodeManagers.\n"
        )
    }
}

/// One look at a container's log folders.
package struct ContainerLogUsage: Sendable, Equatable {
    package struct Size: Sendable, Equatable {
        package var path: String
        package var bytes: Int64

        package init(path: String, bytes: Int64) {
            self.path = path
            self.bytes = bytes
        }

        var name: String { self.path.split(separator: "/").last.map(String.init) ?? self.path }
    }

    package var container: ContainerID
    package var folders: [Size]
    package var largest: Size?

    package init(container: ContainerID, folders: [Size], largest: Size? = nil) {
        self.container = container
        self.folders = folders
        self.largest = largest
    }

    /// Stops at the largest number, since a sparse file may claim any size.
    var totalBytes: Int64 {
        self.folders.reduce(0) { sum, folder in
            let (result, overflow) = sum.addingReportingOverflow(folder.bytes)
            return overflow ? .max : result
        }
    }
}

extension NodeManagerCore {
    mutating func logsMeasured(_ usages: [ContainerLogUsage], at now: Timestamp, into effects: inout Effects) {
        guard let limit = self.settings.logSizeLimit else { return }
        for usage in usages {
            guard let container = self.containers[usage.container], !container.lifecycle.isCompleted,
                container.lifecycle.stopReason == nil, let reason = limit.stopReason(for: container, usage)
            else { continue }
            effects.actions.append(.note(reason.text))
            self.stop(usage.container, reason, at: now, into: &effects)
        }
    }
}
