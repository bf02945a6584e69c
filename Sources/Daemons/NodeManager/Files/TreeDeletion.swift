import Glibc
import Staging

/// Deletes files and folders below the NodeManager's roots, whatever a user has put in their place or above them.
struct TreeDeletion: Sendable {
    let tree: FolderTree

    /// Deletes a path; what does not exist is fine.
    /// - Returns: what could not be deleted.
    func delete(_ path: String) -> [SystemError] {
        do throws(SystemError) {
            let place = try self.tree.place(path)
            guard let name = place.parts.last else { return [] }
            let root = try OwnedDescriptor.open(place.root, O_RDONLY | O_DIRECTORY)
            guard place.parts.count > 1 else { return Self.remove(name, in: root) }
            let parent = place.parts.dropLast().joined(separator: "/")
            return Self.remove(name, in: try OwnedDescriptor.open(parent, beneath: root, O_RDONLY | O_DIRECTORY))
        } catch {
            return error.number == ENOENT ? [] : [error]
        }
    }

    /// By the descriptor of the folder above, so that no link there can lead elsewhere.
    private static func remove(_ name: String, in parent: borrowing OwnedDescriptor) -> [SystemError] {
        TreeRemoval.remove("/proc/self/fd/\(parent.number)/\(name)").failures
    }
}
