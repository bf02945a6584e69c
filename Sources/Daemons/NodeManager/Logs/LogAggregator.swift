import ClusterModel
import Glibc
import HadoopWire
import NodeManagerCore
import Staging

/// Puts the logs that an ended application left on this node into one file of the remote log folder, in the layout that
/// Hadoop's own tools read.
///
/// The file is written to a local disk first, since its length must be known and an attempt may be repeated; it is
/// uploaded under a name ending in `.tmp`, which readers pass over, and then renamed.
final class LogAggregator: Sendable {
    private let node: String
    private let logs: ContainerLogs
    private let spoolDirectories: [String]
    private let folders: RemoteLogFolders
    private let transfers: Transfers
    /// Uploads at one time.
    private let threads = BlockingThreads(threadsMaximum: 4)

    /// What is not uploaded is lost when the local logs go: all of it, whatever one folder can hold.
    private static let entriesMaximum = Int.max

    /// Bytes that are read and written at once, and the length of a chunk in the file.
    private static let step: Int64 = 1 << 20

    /// - Parameters:
    ///   - node: `host:port`.
    ///   - spoolDirectories: local folders, of which one takes the file until it is uploaded.
    init(
        node: String,
        logDirectories: [String],
        spoolDirectories: [String],
        folders: RemoteLogFolders,
        transfers: Transfers
    ) {
        self.node = node
        self.logs = ContainerLogs(directories: logDirectories)
        self.spoolDirectories = spoolDirectories
        self.folders = folders
        self.transfers = transfers
    }

    func aggregate(_ order: LogAggregationOrder) async -> Input {
        do {
            try await self.threads.run { _ in try self.upload(order) }
            return .logsAggregated(order.application, problem: nil)
        } catch {
            return .logsAggregated(order.application, problem: "\(error)")
        }
    }

    private func upload(_ order: LogAggregationOrder) throws {
        let containers = self.logs.containers(of: order.application)
        // Hadoop leaves no file either where nothing was written.
        guard !containers.isEmpty else { return }
        let path = try self.spoolPath(order.application)
        defer { _ = unsafe unlink(path) }
        try self.write(order, containers, to: path)
        let parts = self.folders.parts(
            user: order.user,
            application: order.application.description,
            number: order.application.number
        )
        try self.makeFolders(parts, user: order.user)
        let name = RemoteLogFolders.fileName(ofNode: self.node)
        let temporary = self.folders.child(parts + [name + ".tmp"])
        let final = self.folders.child(parts + [name])
        try self.transfers.upload(path, to: temporary, user: order.user)
        try self.transfers.setPermission(0o640, of: temporary, user: order.user)
        // An earlier attempt may have come this far without hearing of it.
        try self.transfers.delete(final, user: order.user)
        try self.transfers.rename(temporary, to: final, user: order.user)
    }

    private func spoolPath(_ application: ApplicationID) throws -> String {
        var problem: SystemError?
        for directory in self.spoolDirectories {
            let folder = "\(directory)/nmPrivate"
            if unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST { return "\(folder)/\(application).logs" }
            problem = SystemError("make", folder)
        }
        throw problem ?? SystemError("find", "a local folder")
    }

    private func write(_ order: LogAggregationOrder, _ containers: [ContainerID], to path: String) throws {
        _ = unsafe unlink(path)
        let target = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        var writer = AggregatedLogWriter(
            owner: order.user,
            accessLists: order.accessLists.map { (name: $0.name, list: $0.list) }
        )
        func flush() throws {
            let bytes = writer.takeOutput()
            try unsafe bytes.withUnsafeBytes { unsafe try target.write($0, path: path) }
        }
        for container in containers {
            writer.beginContainer(container.description)
            for file in self.logs.files(of: container, upTo: Self.entriesMaximum) ?? [] {
                guard let log = self.logs.open(file.name, of: container) else { continue }
                writer.beginFile(file.name, length: log.size)
                var offset: Int64 = 0
                while offset < log.size {
                    let bytes = log.read(at: offset, count: Int(min(Self.step, log.size - offset)))
                    guard !bytes.isEmpty else {
                        throw TransferFailure("The log \(file.name) of \(container) became shorter while it was read")
                    }
                    writer.append(bytes)
                    offset += Int64(bytes.count)
                    try flush()
                }
            }
            writer.endContainer()
        }
        writer.finish()
        try flush()
    }

    /// Hadoop's folders with Hadoop's modes: everybody makes a folder in the root, below it only the user and the group.
    private func makeFolders(_ parts: [String], user: String) throws {
        try self.make(self.folders.root, mode: 0o1777, user: nil)
        for count in 1...parts.count {
            try self.make(self.folders.child(Array(parts.prefix(count))), mode: 0o770, user: user)
        }
    }

    private func make(_ folder: ResourceLocation, mode: UInt16, user: String?) throws {
        do throws(TransferFailure) {
            if try self.transfers.status(of: folder, user: user).kind == .directory { return }
        } catch {
            guard error.status == 404 else { throw error }
        }
        try self.transfers.makeDirectory(folder, user: user)
        try self.transfers.setPermission(mode, of: folder, user: user)
    }
}

extension ContainerLogs {
    /// The containers of an application that have a log folder on any disk, in the order of their ids. Blocks.
    func containers(of application: ApplicationID) -> [ContainerID] {
        var found: Set<ContainerID> = []
        for directory in self.directories {
            guard let root = FileDescriptor.openRoot(directory),
                let folder = FileDescriptor.open(application.description, in: root, flags: O_RDONLY | O_DIRECTORY)
            else { continue }
            for name in folder.entryNames(upTo: Self.containersMaximum) {
                if let id = ContainerID(name), id.application == application { found.insert(id) }
            }
        }
        return found.sorted()
    }

    /// More than one node runs of one application.
    private static let containersMaximum = 1_000_000
}
