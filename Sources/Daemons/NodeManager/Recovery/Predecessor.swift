import ClusterModel
import Glibc
import Logging
import NodeManagerCore
import Staging

/// What an earlier NodeManager left in the folders that this one now uses.
struct Predecessor: Sendable {
    var localDirectories: [String]
    var logDirectories: [String]
    var tree: FolderTree
    var logger: Logger

    /// Folders in a local folder that containers fill.
    private static let contents = ["filecache", "usercache", "nmPrivate"]

    /// Ends every container that is left, then takes away what they worked with. For a NodeManager that recovers nothing.
    func end(with launcher: ContainerProcessLauncher) async {
        _ = await self.endContainers(with: launcher) { _ in true }
        for folder in self.localDirectories {
            for name in Self.contents { self.setAside("\(folder)/\(name)") }
        }
    }

    /// Ends containers without a record, which could not be written or read: nothing else would ever end them.
    func endForgotten(keeping recovered: RecoveredState, with launcher: ContainerProcessLauncher) async {
        let kept = Set(recovered.containers.map(\.start.grant.container))
        for directory in await self.endContainers(with: launcher, where: { !kept.contains($0) }) {
            self.setAside(directory)
        }
    }

    /// - Returns: the private folders of those that have ended; the others are looked for there after the next start.
    private func endContainers(
        with launcher: ContainerProcessLauncher,
        where isWanted: (ContainerID) -> Bool
    ) async -> [String] {
        var ended: [String] = []
        for folder in self.localDirectories {
            let applications = directoryEntries("\(folder)/nmPrivate")
            for application in applications where ApplicationID(application) != nil {
                for name in directoryEntries("\(folder)/nmPrivate/\(application)") {
                    guard let container = ContainerID(name), isWanted(container) else { continue }
                    let directory = "\(folder)/nmPrivate/\(application)/\(name)"
                    let remaining = await launcher.endLeftovers(of: container, stateDirectory: directory)
                    if remaining.isEmpty {
                        ended.append(directory)
                    } else {
                        self.logger.warning(
                            "Processes of \(container), which an earlier NodeManager started, do not end: \(remaining)"
                        )
                    }
                }
            }
        }
        return ended
    }

    /// Takes away what no record knows: half a localization, one that a crash cut off before its record was written, and what
    /// an eviction or an application's end had forgotten already. The numbers of such folders are given again.
    /// - Parameter keepsApplications: whether folders of applications that are over are wanted a while longer
    ///   (yarn.nodemanager.delete.debug-delay-sec).
    func sweep(keeping recovered: RecoveredState, keepsApplications: Bool) {
        let kept = Set(recovered.resources.map(\.directory))
        let applications = Set(recovered.containers.map(\.start.grant.container.application))
            .union(recovered.shuffleSecrets.map(\.secret.application))
        for folder in self.localDirectories {
            self.sweep(cache: "\(folder)/filecache", kept)
            self.sweep(private: "\(folder)/nmPrivate", applications)
            for user in directoryEntries("\(folder)/usercache") {
                self.sweep(cache: "\(folder)/usercache/\(user)/filecache", kept)
                let own = "\(folder)/usercache/\(user)/appcache"
                for name in directoryEntries(own) {
                    if let id = ApplicationID(name), applications.contains(id) {
                        self.sweep(cache: "\(own)/\(name)/filecache", kept)
                    } else if !keepsApplications {
                        self.setAside("\(own)/\(name)")
                    }
                }
            }
        }
    }

    /// A container's folder that is still there has processes that do not end, who are found by it.
    private func sweep(private folder: String, _ applications: Set<ApplicationID>) {
        for name in directoryEntries(folder) {
            guard let id = ApplicationID(name), !applications.contains(id) else { continue }
            let path = "\(folder)/\(name)"
            if directoryEntries(path).allSatisfy({ ContainerID($0) == nil }) { self.setAside(path) }
        }
    }

    /// Entries lie in the cache's folder, or one deeper.
    private func sweep(cache: String, _ kept: Set<String>) {
        for name in directoryEntries(cache) where !kept.contains("\(cache)/\(name)") {
            let path = "\(cache)/\(name)"
            guard kept.contains(where: { $0.hasPrefix("\(path)/") }) else {
                self.setAside(path)
                continue
            }
            for name in directoryEntries(path) where !kept.contains("\(path)/\(name)") {
                self.setAside("\(path)/\(name)")
            }
        }
    }

    private func setAside(_ path: String) {
        for failure in TreeDeletion(tree: self.tree).setAside(path) { self.logger.warning("\(failure)") }
    }

    /// Deletes what was written for uploads that a kill cut off; they begin anew.
    func removeUnfinishedUploads() {
        for folder in self.localDirectories {
            for name in directoryEntries("\(folder)/\(LogAggregator.spoolFolder)")
            where name.hasSuffix(LogAggregator.spoolSuffix) {
                _ = unsafe unlink("\(folder)/\(LogAggregator.spoolFolder)/\(name)")
            }
        }
    }

    /// Logs of applications, to be deleted in their time.
    func logs() -> [LeftoverLogs] {
        var newest: [ApplicationID: Int64] = [:]
        for folder in self.logDirectories {
            for name in directoryEntries(folder) {
                guard let application = ApplicationID(name) else { continue }
                var status = stat()
                guard unsafe lstat("\(folder)/\(name)", &status) == 0 else { continue }
                let changed = Int64(status.st_mtim.tv_sec) * 1_000
                newest[application] = max(newest[application] ?? 0, changed)
            }
        }
        return newest.sorted { $0.key < $1.key }.map {
            LeftoverLogs(application: $0.key, lastChange: Timestamp(milliseconds: $0.value))
        }
    }
}
