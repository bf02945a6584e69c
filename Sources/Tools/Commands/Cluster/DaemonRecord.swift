import Foundation
import Glibc

/// A process as the cluster's folder remembers it. The start time tells it from another that got the same number.
package struct DaemonRecord: Sendable, Hashable {
    /// `resourcemanager`, or `nodemanager-1`.
    package var name: String
    package var process: Int32
    /// In clock ticks after the machine's boot, as in /proc/PID/stat.
    package var startTime: UInt64

    package init(name: String, process: Int32, startTime: UInt64) {
        self.name = name
        self.process = process
        self.startTime = startTime
    }

    package var text: String { "\(self.name) \(self.process) \(self.startTime)\n" }

    package init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let process = Int32(parts[1]), process > 1, let startTime = UInt64(parts[2]) else {
            return nil
        }
        self.init(name: String(parts[0]), process: process, startTime: startTime)
    }

    /// Runs, and is no zombie.
    package var isAlive: Bool {
        guard let status = ProcessStatus(self.process) else { return false }
        return status.startTime == self.startTime && !status.isZombie
    }

    /// - Returns: whether the signal reached the very process.
    @discardableResult
    package func signal(_ number: Int32) -> Bool { self.isAlive && kill(self.process, number) == 0 }
}

/// Two fields of /proc/PID/stat.
struct ProcessStatus: Sendable, Equatable {
    var isZombie: Bool
    var startTime: UInt64

    /// nil when there is no such process.
    init?(_ process: Int32) {
        guard let text = Self.read("/proc/\(process)/stat") else { return nil }
        self.init(text: text)
    }

    /// The name in brackets may hold spaces and brackets itself: fields count from the last bracket.
    init?(text: String) {
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        let startTimeField = 19
        guard fields.count > startTimeField, let startTime = UInt64(fields[startTimeField]) else { return nil }
        self.isZombie = fields[0] == "Z" || fields[0] == "X"
        self.startTime = startTime
    }

    /// A file of /proc, as far as this user may read it.
    static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Processes that a cluster's containers left behind.
enum ContainerProcesses {
    /// Processes that carry a container's environment with folders of this cluster, and supervisors that name one.
    static func belonging(to directory: ClusterDirectory) -> [DaemonRecord] {
        let nodes = directory.path + "/nodes/"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int32.init).sorted().compactMap { process in
            guard process != getpid(), let status = ProcessStatus(process), !status.isZombie else { return nil }
            let words = ProcessStatus.read("/proc/\(process)/cmdline")?.split(separator: "\0") ?? []
            let isSupervisor =
                words.first.map { $0.hasSuffix("heddle-supervisor") } == true
                && words.contains { $0.contains(nodes) }
            guard isSupervisor || Self.isContainer(process, nodes) else { return nil }
            return DaemonRecord(name: "container", process: process, startTime: status.startTime)
        }
    }

    private static func isContainer(_ process: Int32, _ nodes: String) -> Bool {
        guard let environment = ProcessStatus.read("/proc/\(process)/environ") else { return false }
        return environment.split(separator: "\0").contains { $0.hasPrefix("LOCAL_DIRS=\(nodes)") }
    }
}
