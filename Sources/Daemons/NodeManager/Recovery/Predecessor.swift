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

    /// Ends every container that is left, then deletes what they worked with. For a NodeManager that recovers nothing.
    func end(with launcher: ContainerProcessLauncher) async {
        for folder in self.localDirectories {
            let applications = directoryEntries("\(folder)/nmPrivate")
            for application in applications where ApplicationID(application) != nil {
                for name in directoryEntries("\(folder)/nmPrivate/\(application)") {
                    guard let container = ContainerID(name) else { continue }
                    let directory = "\(folder)/nmPrivate/\(application)/\(name)"
                    let remaining = await launcher.endLeftovers(of: container, stateDirectory: directory)
                    if !remaining.isEmpty {
                        self.logger.warning(
                            "Processes of \(container), which an earlier NodeManager started, do not end: \(remaining)"
                        )
                    }
                }
            }
            let deletion = TreeDeletion(tree: self.tree)
            for name in Self.contents {
                for failure in deletion.delete("\(folder)/\(name)") { self.logger.warning("\(failure)") }
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
