import ClusterModel
import Glibc
import HadoopWire
import NodeManagerCore
import Staging

/// Puts the logs of an application on this node into a file of the remote log folder, in the layout that Hadoop's own tools
/// read.
///
/// The file is written to a local disk first, since its length must be known and an attempt may be repeated; it is
/// uploaded under a name ending in `.tmp`, which readers pass over, and then renamed; on S3, where nobody sees a part of an
/// object and a rename is a copy, under its own.
final class LogAggregator: Sendable {
    private let node: String
    private let logs: ContainerLogs
    private let spoolDirectories: [String]
    private let folders: RemoteLogFolders
    private let transfers: Transfers
    private let options: Options
    /// Uploads at one time.
    private let threads = BlockingThreads(threadsMaximum: 4)

    /// Where files are written before they are uploaded, in a local folder.
    static let spoolFolder = "nmPrivate"
    static let spoolSuffix = ".logs"

    struct Options: Sendable {
        /// Files of a node and an application that are kept where logs are rolled
        /// (`yarn.nodemanager.log-aggregation.num-log-files-per-app`).
        var rolledFilesMaximum = 30
        /// `yarn.nodemanager.log-aggregation.compression-type` is gz.
        var compresses = false
    }

    /// What is not uploaded is lost when the local logs go: all of it, whatever one folder can hold.
    private static let entriesMaximum = Int.max

    /// Bytes that are read and written at once.
    private static let step: Int64 = 1 << 20

    /// - Parameters:
    ///   - node: `host:port`.
    ///   - spoolDirectories: local folders, of which one takes the file until it is uploaded.
    init(
        node: String,
        logDirectories: [String],
        spoolDirectories: [String],
        folders: RemoteLogFolders,
        transfers: Transfers,
        options: Options = Options()
    ) {
        self.options = options
        self.node = node
        self.logs = ContainerLogs(directories: logDirectories)
        self.spoolDirectories = spoolDirectories
        self.folders = folders
        self.transfers = transfers
    }

    func aggregate(_ order: LogAggregationOrder) async -> Input {
        let outcome: LogAggregationOutcome
        do {
            outcome = try await self.threads.run { _ in try self.upload(order) }
        } catch {
            outcome = LogAggregationOutcome(problem: "\(error)", uploaded: order.uploaded)
        }
        return .logsAggregated(order.application, outcome)
    }

    /// Deletes files that were uploaded, unless somebody has written to them since.
    func delete(_ files: [LogFileVersion]) async {
        await self.threads.run { _ in for file in files { self.logs.delete(file) } }
    }

    private func upload(_ order: LogAggregationOrder) throws -> LogAggregationOutcome {
        let selection = LogFileSelection(order)
        var outcome = LogAggregationOutcome(
            remark: selection.remark,
            uploaded: order.uploaded.filter { self.logs.holds($0) }
        )
        let path = try self.spoolPath(order.application)
        defer { _ = unsafe unlink(path) }
        let files = try self.write(order, selection, to: path)
        // Hadoop leaves no file either where there was nothing.
        guard !files.isEmpty else { return outcome }
        outcome.uploaded += files
        try self.send(path, order)
        return outcome
    }

    /// Shows the application's own token where it has one for that server. When the server takes it no longer (an
    /// application may outlive its token), this node's word for the user is what is left; the server knows what it is worth.
    private func send(_ path: String, _ order: LogAggregationOrder) throws {
        var transfers = self.transfers
        transfers.tokens = DelegationTokens(order.tokens)
        guard transfers.tokens.text(for: self.folders.root) != nil else {
            return try self.send(path, order, with: transfers)
        }
        do {
            try self.send(path, order, with: transfers)
        } catch let refusal as TransferFailure where refusal.status == 401 || refusal.status == 403 {
            do {
                try self.send(path, order, with: self.transfers)
            } catch {
                throw TransferFailure(
                    "\(refusal) (shown the application's token; without it, as \(order.user): \(error))"
                )
            }
        }
    }

    private func send(_ path: String, _ order: LogAggregationOrder, with transfers: Transfers) throws {
        let parts = self.folders.parts(
            user: order.user,
            application: order.application.description,
            number: order.application.number
        )
        try self.makeFolders(parts, user: order.user, with: transfers)
        let node = RemoteLogFolders.fileName(ofNode: self.node)
        let final = self.folders.child(parts + [RolledFileNames.name(node: node, stamp: order.stamp)])
        if transfers.showsWholeFilesOnly(final) {
            try transfers.upload(path, to: final, user: order.user)
        } else {
            try self.send(path, to: final, by: self.folders.child(parts + [node + ".tmp"]), order.user, transfers)
        }
        if order.stamp != nil { self.deleteOldest(in: parts, node: node, user: order.user, with: transfers) }
    }

    /// Under another name until all of it is there.
    private func send(
        _ path: String,
        to final: ResourceLocation,
        by temporary: ResourceLocation,
        _ user: String,
        _ transfers: Transfers
    ) throws {
        do {
            try transfers.upload(path, to: temporary, user: user)
            try transfers.setPermission(0o640, of: temporary, user: user)
            // An earlier attempt may have come this far without hearing of it.
            try transfers.delete(final, user: user)
            try transfers.rename(temporary, to: final, user: user)
        } catch {
            // It may hold as much as a disk; the next attempt begins anew.
            _ = try? transfers.delete(temporary, user: user)
            throw error
        }
    }

    /// Best effort: what cannot be deleted is found again by the next upload.
    private func deleteOldest(in parts: [String], node: String, user: String, with transfers: Transfers) {
        guard let found = try? transfers.list(self.folders.child(parts), user: user) else { return }
        let names = found.filter { $0.kind == .file }.compactMap(\.location.name)
        for name in RolledFileNames.surplus(of: names, node: node, keeping: self.options.rolledFilesMaximum) {
            _ = try? transfers.delete(self.folders.child(parts + [name]), user: user)
        }
    }

    private func spoolPath(_ application: ApplicationID) throws -> String {
        var problem: SystemError?
        for directory in self.spoolDirectories {
            let folder = "\(directory)/\(Self.spoolFolder)"
            if unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST {
                return "\(folder)/\(application)\(Self.spoolSuffix)"
            }
            problem = SystemError("make", folder)
        }
        throw problem ?? SystemError("find", "a local folder")
    }

    /// - Returns: the files that were written, in the versions that they had.
    private func write(
        _ order: LogAggregationOrder,
        _ selection: LogFileSelection,
        to path: String
    ) throws -> [LogFileVersion] {
        _ = unsafe unlink(path)
        let target = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        var writer = AggregatedLogWriter(
            owner: order.user,
            accessLists: order.accessLists.map { (name: $0.name, list: $0.list) },
            compresses: self.options.compresses
        )
        func flush() throws {
            let bytes = writer.takeOutput()
            try unsafe bytes.withUnsafeBytes { unsafe try target.write($0, path: path) }
        }
        var written: [LogFileVersion] = []
        for container in self.logs.containers(of: order.application) where selection.takes(container) {
            var isBegun = false
            for file in self.logs.files(of: container, upTo: Self.entriesMaximum) ?? [] {
                guard let (log, version) = self.logs.openVersion(file.name, of: container), selection.takes(version)
                else { continue }
                if !isBegun { writer.beginContainer(container.description) }
                isBegun = true
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
                written.append(version)
            }
            if isBegun { writer.endContainer() }
        }
        writer.finish()
        try flush()
        return written
    }

    /// Hadoop's folders with Hadoop's modes: everybody makes a folder in the root, below it only the user and the group.
    private func makeFolders(_ parts: [String], user: String, with transfers: Transfers) throws {
        if try !Self.exists(self.folders.root, user, transfers) { try self.makeRoot() }
        for count in 1...parts.count {
            let folder = self.folders.child(Array(parts.prefix(count)))
            if try !Self.exists(folder, user, transfers) { try Self.make(folder, mode: 0o770, user, transfers) }
        }
    }

    /// In this node's own name: whoever owned it could delete what others have there.
    private func makeRoot() throws {
        let root = self.folders.root
        do throws(TransferFailure) {
            try Self.make(root, mode: 0o1777, nil, self.transfers)
        } catch {
            guard error.status == 401 || error.status == 403 else { throw error }
            throw TransferFailure(
                "The folder for all logs, \(root), is not there, and this node may not make it; make it once with "
                    + "permission 1777: hdfs dfs -mkdir -p \(root) && hdfs dfs -chmod 1777 \(root). What the server said: "
                    + "\(error)"
            )
        }
    }

    private static func exists(
        _ folder: ResourceLocation,
        _ user: String,
        _ transfers: Transfers
    ) throws(TransferFailure) -> Bool {
        do throws(TransferFailure) {
            return try transfers.status(of: folder, user: user).kind == .directory
        } catch {
            guard error.status == 404 else { throw error }
            return false
        }
    }

    private static func make(
        _ folder: ResourceLocation,
        mode: UInt16,
        _ user: String?,
        _ transfers: Transfers
    ) throws(TransferFailure) {
        try transfers.makeDirectory(folder, user: user)
        try transfers.setPermission(mode, of: folder, user: user)
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

    /// An open file and what it is known by.
    func openVersion(_ name: String, of container: ContainerID) -> (LogFile, LogFileVersion)? {
        guard let log = self.open(name, of: container) else { return nil }
        let version = LogFileVersion(container: container, name: name, sizeBytes: log.size, modified: log.modified)
        return (log, version)
    }

    /// Whether a file is there and nobody has written to it since.
    func holds(_ version: LogFileVersion) -> Bool {
        self.openVersion(version.name, of: version.container)?.1 == version
    }

    /// Deletes a file unless somebody has written to it since.
    func delete(_ version: LogFileVersion) {
        guard Self.isPlainName(version.name) else { return }
        for directory in self.directories {
            guard let folder = Self.folder(of: version.container, below: directory),
                let status = folder.status(of: version.name), status.isRegular,
                status.size == version.sizeBytes, status.modified == version.modified
            else { continue }
            _ = folder.remove(version.name)
        }
    }
}
