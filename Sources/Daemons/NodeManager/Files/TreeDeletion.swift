import Glibc
import NodeManagerCore
import Staging

/// Deletes files and folders below the NodeManager's roots, whatever a user has put in their place or above them.
struct TreeDeletion: Sendable {
    let tree: FolderTree

    /// Of each root, for what was set aside; open to nobody but the NodeManager.
    private static let folderSetAside = "deleted"
    /// Names are drawn at random: that so many in a row are taken is no accident.
    private static let namesMaximum = 16

    /// Deletes a path; what does not exist is fine.
    /// - Parameter cancellation: leaves the rest of a folder where it is.
    /// - Returns: what could not be deleted.
    func delete(_ path: String, cancellation: Cancellation? = nil) -> [SystemError] {
        do throws(SystemError) {
            let entry = try self.tree.entry(path)
            // By the descriptor of the folder above, so that no link there can lead elsewhere.
            let place = "/proc/self/fd/\(entry.parent.number)/\(entry.name)"
            return TreeRemoval.remove(place, cancellation: cancellation).failures
        } catch {
            return error.number == ENOENT ? [] : [error]
        }
    }

    /// Takes a path away at once, however much is below it, for `deleteSetAside` to delete; what does not exist is fine.
    /// Where it cannot be moved it is deleted in its place.
    /// - Returns: what could not be deleted.
    func setAside(_ path: String) -> [SystemError] {
        do throws(SystemError) {
            let entry = try self.tree.entry(path)
            let root = try self.tree.place(path).root
            let order = DirectoryOrder("\(root)/\(Self.folderSetAside)", mode: 0o700, owner: .daemon)
            try self.tree.make(order, account: nil)
            let target = try self.tree.open(order.path)
            for _ in 0..<Self.namesMaximum {
                let name = String(UInt64.random(in: .min ... .max), radix: 16)
                if unsafe renameat(entry.parent.number, entry.name, target.number, name) == 0 || errno == ENOENT {
                    return []
                }
                guard [EEXIST, ENOTEMPTY, ENOTDIR, EISDIR].contains(errno) else { break }
            }
        } catch {
            if error.number == ENOENT { return [] }
        }
        return self.delete(path)
    }

    /// Deletes what was set aside, by this NodeManager or one before it.
    /// - Returns: what could not be deleted.
    func deleteSetAside(_ cancellation: Cancellation) -> [SystemError] {
        self.tree.roots.flatMap { self.delete("\($0)/\(Self.folderSetAside)", cancellation: cancellation) }
    }
}
