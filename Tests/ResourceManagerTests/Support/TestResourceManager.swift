import Foundation
import HadoopConfig
import HadoopProtos
import HadoopRPC
import HadoopWire
import Logging
import NIOCore
import NIOPosix
import ResourceManager
import Settings
import SwiftProtobuf
import Synchronization
import Testing

/// A whole ResourceManager on free loopback ports, with a client to call it.
final class TestResourceManager: Sendable {
    let daemon: ResourceManagerDaemon
    let client: RPCClient
    /// Reasons for which it stepped down.
    let stepDowns: StepDowns
    private let configuration: Folder

    final class StepDowns: Sendable {
        private let reasons = Mutex<[String]>([])
        var all: [String] { self.reasons.withLock { $0 } }
        func add(_ reason: String) { self.reasons.withLock { $0.append(reason) } }
    }

    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// The properties that are read again, shared with the daemon that reads them.
    private final class Folder: Sendable {
        let properties: Mutex<[(String, String)]>
        init(_ properties: [(String, String)]) { self.properties = Mutex(properties) }
    }

    private init(daemon: ResourceManagerDaemon, client: RPCClient, stepDowns: StepDowns, configuration: Folder) {
        self.configuration = configuration
        self.daemon = daemon
        self.client = client
        self.stepDowns = stepDowns
    }

    /// - Parameters:
    ///   - folder: where the store is kept; nil: nothing is kept.
    ///   - properties: `key=value`, over the test's own.
    static func start(folder: String? = nil, properties: [(String, String)] = []) async throws -> TestResourceManager {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let stepDowns = StepDowns()
        let configuration = Folder(properties)
        let daemon = try await ResourceManagerDaemon.start(
            settings: try Self.settings(folder: folder, properties: properties),
            group: Self.group,
            logger: logger,
            reload: {
                try Self.settings(folder: folder, properties: configuration.properties.withLock { $0 })
            },
            stepDown: { stepDowns.add($0) }
        )
        let client = RPCClient(group: Self.group, logger: logger)
        return TestResourceManager(
            daemon: daemon,
            client: client,
            stepDowns: stepDowns,
            configuration: configuration
        )
    }

    /// Changes the configuration's files, for what reads them again.
    func configure(_ properties: [(String, String)]) {
        self.configuration.properties.withLock { $0 = properties }
    }

    static func settings(
        folder: String?,
        properties: [(String, String)]
    ) throws -> ResourceManagerDaemonSettings {
        var all: [(String, String)] = [
            ("yarn.resourcemanager.address", "127.0.0.1:0"),
            ("yarn.resourcemanager.scheduler.address", "127.0.0.1:0"),
            ("yarn.resourcemanager.resource-tracker.address", "127.0.0.1:0"),
            ("yarn.resourcemanager.admin.address", "127.0.0.1:0"),
            ("yarn.resourcemanager.webapp.address", "127.0.0.1:18088"),
            ("yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms", "0"),
            ("yarn.scheduler.minimum-allocation-mb", "128"),
            ("yarn.scheduler.capacity.maximum-am-resource-percent", "1.0"),
        ]
        if let folder {
            all.append(("yarn.resourcemanager.recovery.enabled", "true"))
            all.append(("heddle.state-store.path", folder))
        }
        let text = (all + properties).map { key, value in
            "<property><name>\(key)</name><value>\(value)</value></property>"
        }.joined()
        let configuration = FileManager.default.temporaryDirectory
            .appendingPathComponent("heddle-conf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: configuration, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: configuration) }
        let file = configuration.appendingPathComponent("yarn-site.xml")
        try Data("<configuration>\(text)</configuration>".utf8).write(to: file)
        return try ResourceManagerDaemonSettings(Configuration.load(directory: configuration.path))
    }

    func stop() async throws {
        try await self.client.shutdown()
        await self.daemon.stop()
    }

    // MARK: Calls

    func target(
        _ port: Port,
        _ identity: RPCTarget.Identity = .simple(user: "alice")
    ) -> RPCTarget {
        let addresses = self.daemon.addresses
        let (number, name) =
            switch port {
            case .client: (addresses.client.port, ProtocolName.applicationClient)
            case .scheduler: (addresses.scheduler.port, ProtocolName.applicationMaster)
            case .tracker: (addresses.resourceTracker.port, ProtocolName.resourceTracker)
            case .admin: (addresses.admin.port, ProtocolName.administration)
            case .highAvailability: (addresses.admin.port, ProtocolName.highAvailability)
            }
        return RPCTarget(host: "127.0.0.1", port: number, protocolName: name, identity: identity)
    }

    enum Port {
        case client
        case scheduler
        case tracker
        case admin
        case highAvailability
    }

    func call<Response: SwiftProtobuf.Message>(
        _ method: String,
        _ request: some SwiftProtobuf.Message,
        on port: Port = .client,
        as user: String = "alice"
    ) async throws -> Response {
        try await self.client.call(
            method,
            request,
            returning: Response.self,
            on: self.target(port, .simple(user: user))
        )
    }

    /// Calls as an ApplicationMaster.
    func call<Response: SwiftProtobuf.Message>(
        _ method: String,
        _ request: some SwiftProtobuf.Message,
        token: HadoopToken
    ) async throws -> Response {
        try await self.client.call(
            method,
            request,
            returning: Response.self,
            on: self.target(.scheduler, .token(user: "am", token))
        )
    }
}

/// A folder of its own for one test, removed with the value's last use.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-rm-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: self.path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }
}

/// The failure that a call ends with.
func failure(of call: () async throws -> Void) async -> RPCFailure? {
    do {
        try await call()
        return nil
    } catch {
        return error as? RPCFailure
    }
}
