import ClusterModel
import Foundation
import Glibc
import HadoopProtos
import HadoopWire
import Logging
import ModelConversion
import NodeManagerCore
import Staging
import SwiftProtobuf
import Synchronization

/// The core's records as files of yarn.nodemanager.recovery.dir. A container's gets a line for each thing that becomes of it,
/// since a file costs more than all else that is done for a record; the others are replaced as a whole.
///
/// Files are not flushed to the disk: they are for a NodeManager that was killed, not for a machine that lost power,
/// which has no containers left to adopt. Resources of the cache are not flushed either, so that one from before the machine's
/// last start may have lost bytes: it is not taken for whole any more.
final class NodeRecordFiles: Sendable {
    private let directory: String
    private let keys: MasterKeyRing
    private let logger: Logger
    private let machineStart = NodeManager.machineStart()
    private let node = Mutex(StoredNode())

    /// Opens the folder, makes it if it is missing.
    init(directory: String, keys: MasterKeyRing, logger: Logger) throws {
        self.directory = directory
        self.keys = keys
        self.logger = logger
        // Folders above it may be shared, and hold those of containers, which their users must be able to reach.
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: directory).deletingLastPathComponent().path,
            withIntermediateDirectories: true
        )
        for folder in ["", "/containers", "/resources", "/applications", "/shuffle"] {
            try FileManager.default.createDirectory(
                atPath: directory + folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
    }

    // MARK: - Writing

    func store(_ records: [Record]) {
        for record in records {
            do {
                try self.store(record)
            } catch {
                // Nothing that runs depends on it; only a restart would miss it.
                self.logger.error("Cannot store for recovery: \(error)")
            }
        }
    }

    private func store(_ record: Record) throws {
        switch record {
        case .containerAccepted(let id, let request, let directories, let acceptedAt):
            let stored = StoredContainer(
                request: Data(request.bytes),
                workDirectory: directories.work,
                logDirectory: directories.log,
                privateDirectory: directories.private,
                acceptedAt: acceptedAt.milliseconds
            )
            do {
                // Not by way of another name: what a kill cuts off here was not launched, and is ended as one without a record.
                try Self.write(stored, to: self.path(of: id), O_CREAT | O_TRUNC)
            } catch {
                // Half a record would make the later lines unreadable as well.
                self.remove("containers/\(id).json")
                throw error
            }
        case .containerStopping(let id, let reason):
            try self.append(.stopping(exitStatus: reason.exitStatus.code, text: reason.text), to: id)
        case .containerCompleted(let id, let status):
            try self.append(.completed(exitStatus: status.exitStatus.code, diagnostics: status.diagnostics), to: id)
        case .containerRemoved(let id): self.remove("containers/\(id).json")
        case .resourceLocalized(let resource):
            let stored = StoredResource(resource, machineStart: self.machineStart)
            try self.replace("resources/\(resource.ticket.number).json", by: stored)
        case .resourceRemoved(let ticket):
            self.remove("resources/\(ticket.number).json")
        case .applicationLogs(let id, let record):
            try self.replace("applications/\(id).json", by: StoredApplicationLogs(record))
        case .applicationLogsRemoved(let id): self.remove("applications/\(id).json")
        case .shuffleSecret(let secret, let user):
            try self.replace("shuffle/\(secret.application).json", by: StoredShuffleSecret(secret, user: user))
        case .shuffleSecretRemoved(let id): self.remove("shuffle/\(id).json")
        case .resourceManagerIdentified(let identifier):
            self.node.withLock { $0.resourceManagerIdentifier = identifier }
            try self.storeNode()
        }
    }

    /// Stores the keys that tokens are checked with, now and whenever they change.
    func followKeys() {
        self.keys.whenChanged {
            do {
                try self.storeNode()
            } catch {
                self.logger.error("Cannot store keys for recovery: \(error)")
            }
        }
    }

    private func storeNode() throws {
        // Under the lock, since two threads may store: the file must be that of the later state.
        try self.node.withLock { node in
            let stored = self.keys.stored
            node.containerKeys = stored.container.map(StoredNode.Key.init)
            node.nodeKeys = stored.node.map(StoredNode.Key.init)
            try self.replace("node.json", by: node)
        }
    }

    private func path(of id: ContainerID) -> String { "\(self.directory)/containers/\(id).json" }

    private func append(_ event: StoredContainerEvent, to id: ContainerID) throws {
        do {
            // The line's end comes first: it also ends a line of which a full disk took only half.
            try Self.write(event, after: "\n", to: self.path(of: id), O_APPEND)
        } catch let error as SystemError where error.number == ENOENT {
            // Its record could not be written, which was said then.
        }
    }

    private func replace(_ name: String, by value: some Encodable) throws {
        let path = "\(self.directory)/\(name)"
        let temporary = "\(path).tmp"
        try Self.write(value, to: temporary, O_CREAT | O_TRUNC)
        guard unsafe rename(temporary, path) == 0 else { throw SystemError("replace", path) }
    }

    /// With the system's own calls, since Foundation's flush what they write, and the core's thread waits for this.
    private static func write(_ value: some Encodable, after prefix: String = "", to path: String, _ mode: Int32) throws
    {
        let data = Data(prefix.utf8) + (try JSONEncoder().encode(value))
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_NOFOLLOW | mode, mode: 0o600)
        try unsafe data.withUnsafeBytes { buffer in unsafe try file.write(buffer, path: path) }
    }

    private func remove(_ name: String) {
        _ = unsafe unlink("\(self.directory)/\(name)")
    }

    // MARK: - Reading

    /// Those that are there, in the order of their tickets.
    private func loadResources() -> [CachedResource] {
        var resources: [CachedResource] = []
        var old = 0
        for name in self.names("resources") {
            guard let stored: StoredResource = self.read("resources/\(name)"), let resource = stored.resource,
                unsafe access(resource.path, F_OK) == 0
            else {
                self.remove("resources/\(name)")
                continue
            }
            guard stored.machineStart == self.machineStart else {
                self.remove("resources/\(name)")
                old += 1
                continue
            }
            resources.append(resource)
        }
        if old > 0 {
            self.logger.notice(
                "The machine was started again since \(old) resources of the cache were localized: they are localized anew when they are needed, since not all of their bytes may have come to the disk"
            )
        }
        return resources.sorted { $0.ticket < $1.ticket }
    }

    /// What an earlier NodeManager stored; files that cannot be read are left out, with a line in the log.
    func load() -> RecoveredState {
        var recovered = RecoveredState()
        if let node: StoredNode = self.read("node.json") {
            recovered.resourceManagerIdentifier = node.resourceManagerIdentifier
            self.node.withLock { $0 = node }
            for key in node.containerKeys { self.keys.restore(container: key.key.proto, node: nil) }
            for key in node.nodeKeys { self.keys.restore(container: nil, node: key.key.proto) }
        }
        recovered.resources = self.loadResources()
        for name in self.names("applications") {
            guard let id = ApplicationID(String(name.dropLast(".json".count))),
                let stored: StoredApplicationLogs = self.read("applications/\(name)"), let record = stored.record
            else {
                self.logger.warning(
                    "\(self.directory)/applications/\(name) cannot be read; its logs stay on this node."
                )
                self.remove("applications/\(name)")
                continue
            }
            recovered.applicationLogs.append(RecoveredLogs(id, record))
        }
        recovered.applicationLogs.sort { $0.application < $1.application }
        for name in self.names("shuffle") {
            guard let id = ApplicationID(String(name.dropLast(".json".count))),
                let stored: StoredShuffleSecret = self.read("shuffle/\(name)")
            else {
                self.logger.warning("\(self.directory)/shuffle/\(name) cannot be read; its application is forgotten.")
                self.remove("shuffle/\(name)")
                continue
            }
            recovered.shuffleSecrets.append(stored.recovered(id))
        }
        recovered.shuffleSecrets.sort { $0.secret.application < $1.secret.application }
        for name in self.names("containers") {
            guard let id = ContainerID(String(name.dropLast(".json".count))),
                let (stored, events) = self.readContainer(id),
                let container = Self.recovered(id, stored, events)
            else {
                self.logger.warning("\(self.directory)/containers/\(name) cannot be read; its container is forgotten.")
                self.remove("containers/\(name)")
                continue
            }
            recovered.containers.append(container)
        }
        recovered.containers.sort { $0.start.grant.container < $1.start.grant.container }
        return recovered
    }

    private func readContainer(_ id: ContainerID) -> (StoredContainer, [StoredContainerEvent])? {
        guard let data = FileManager.default.contents(atPath: self.path(of: id)) else { return nil }
        let lines = data.split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        guard let first = lines.first, let stored = try? decoder.decode(StoredContainer.self, from: first) else {
            return nil
        }
        return (stored, lines.dropFirst().compactMap { try? decoder.decode(StoredContainerEvent.self, from: $0) })
    }

    private static func recovered(
        _ id: ContainerID,
        _ stored: StoredContainer,
        _ events: [StoredContainerEvent]
    ) -> RecoveredContainer? {
        guard let request = try? StartContainerRequestProto(serializedBytes: stored.request),
            let identifier = try? ContainerTokenIdentifier(bytes: Array(request.containerToken.identifier)),
            let grant = try? ContainerGrant(validating: identifier.proto), grant.container == id,
            let context = try? LaunchContext(validating: request.containerLaunchContext)
        else { return nil }
        var stopping: StopReason?
        var completed: ContainerStatus?
        for event in events {
            switch event {
            case .stopping(let code, let text):
                stopping = StopReason(exitStatus: ContainerExitStatus(code: code), text: text)
            case .completed(let code, let diagnostics):
                completed = ContainerStatus(
                    container: id,
                    state: .complete,
                    diagnostics: diagnostics,
                    exitStatus: ContainerExitStatus(code: code),
                    resource: grant.resource,
                    executionType: grant.executionType,
                    isStarting: false
                )
            }
        }
        let state = ContainerStateFile(container: id, stateDirectory: stored.privateDirectory)
        return RecoveredContainer(
            start: ContainerStart(grant: grant, context: context, request: OpaqueBytes(Array(stored.request))),
            directories: ContainerDirectories(
                work: stored.workDirectory,
                log: stored.logDirectory,
                private: stored.privateDirectory
            ),
            acceptedAt: Timestamp(milliseconds: stored.acceptedAt),
            stopping: stopping,
            completed: completed,
            wasLaunched: state.exists
        )
    }

    private func names(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(self.directory)/\(folder)")) ?? []
        for name in names where name.hasSuffix(".tmp") { self.remove("\(folder)/\(name)") }
        return names.filter { $0.hasSuffix(".json") }.sorted()
    }

    private func read<Value: Decodable>(_ name: String) -> Value? {
        guard let data = FileManager.default.contents(atPath: "\(self.directory)/\(name)") else { return nil }
        return try? JSONDecoder().decode(Value.self, from: data)
    }
}
