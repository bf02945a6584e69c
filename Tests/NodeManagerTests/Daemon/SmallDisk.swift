import Glibc
import Testing

@testable import NodeManager

/// A disk of a few MiB in memory, to fill and to empty. Only root can mount one, and not in every container.
struct SmallDisk {
    let path: String

    static let isAvailable: Bool = {
        guard geteuid() == 0, let folder = try? ContainerFixture.makeFolder() else { return false }
        defer { ContainerFixture.remove(folder) }
        guard let disk = try? SmallDisk(at: folder, mebibytes: 1) else { return false }
        disk.unmount()
        return true
    }()

    /// - Parameter path: of a folder, made if it is missing.
    init(at path: String, mebibytes: Int) throws {
        _ = unsafe mkdir(path, 0o755)
        let mounted = unsafe system("mount -t tmpfs -o size=\(mebibytes)m,mode=755 none '\(path)' 2> /dev/null")
        try #require(mounted == 0, "cannot mount a small disk at \(path)")
        self.path = path
    }

    private var filler: String { "\(self.path)/filler" }

    /// Takes room until only `mebibytes` are left.
    func fill(butFor mebibytes: Int = 0) throws {
        var space = statvfs()
        try #require(unsafe statvfs(self.path, &space) == 0)
        let bytes = Int(space.f_bavail) * Int(space.f_frsize) - mebibytes << 20
        _ = unsafe system("head -c \(bytes) /dev/zero >> '\(self.filler)' 2> /dev/null")
    }

    /// Gives the room back.
    func empty() { _ = unsafe unlink(self.filler) }

    /// As the kernel does with a disk that fails; root too can write no more then.
    func makeReadOnly() throws {
        try #require(unsafe system("mount -o remount,ro '\(self.path)'") == 0, "cannot remount \(self.path)")
    }

    func unmount() { _ = unsafe system("umount -l '\(self.path)'") }
}

/// Runs the test on a node whose folder `directory` (`local` or `logs`) is a small disk, and takes both down after it.
/// The node's other folders are on a disk with room, however full the machine's own is.
func withSmallDisk(
    _ directory: String,
    mebibytes: Int = 4,
    _ properties: [String: String] = [:],
    _ body: (TestNode, SmallDisk) async throws -> Void
) async throws {
    let folder = try ContainerFixture.makeFolder()
    let roomy = try SmallDisk(at: folder, mebibytes: 256)
    defer {
        roomy.unmount()
        ContainerFixture.remove(folder)
    }
    let disk = try SmallDisk(at: "\(folder)/\(directory)", mebibytes: mebibytes)
    defer { disk.unmount() }
    let node = try await TestNode(properties, folder: folder)
    do {
        try await body(node, disk)
    } catch {
        try await node.stop(keepsFolder: true)
        throw error
    }
    try await node.stop(keepsFolder: true)
}
