import Foundation
import Glibc
import NodeManagerCore
import Settings

/// Whether containers that run as other users than the NodeManager can reach the folders that are made for them.
enum FolderReach {
    /// What is closed on the way to the local and log folders; nothing where containers run as the NodeManager does.
    static func warnings(_ settings: NodeManagerDaemonSettings, accounts: ContainerAccounts) -> [String] {
        guard accounts.areOthers else { return [] }
        return (settings.core.localDirectories + settings.core.logDirectories).compactMap { path in
            self.closedFolder(onTheWayTo: path).map { closed in
                "\(closed) is closed to other users, so containers, which run as their submitters, cannot enter \(path): "
                    + "run chmod o+x \(closed), or set yarn.nodemanager.local-dirs and yarn.nodemanager.log-dirs to folders "
                    + "that others can reach"
            }
        }
    }

    /// The first folder from the root to `path`, itself included, that others may not pass through.
    static func closedFolder(onTheWayTo path: String) -> String? {
        var way = ""
        for name in URL(fileURLWithPath: path).standardizedFileURL.pathComponents where name != "/" {
            way += "/" + name
            var status = stat()
            // What is missing is the disk check's to report.
            guard unsafe stat(way, &status) == 0 else { return nil }
            guard status.st_mode & S_IXOTH != 0 else { return way }
        }
        return nil
    }
}
