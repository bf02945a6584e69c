import ClusterModel
import Foundation
import Glibc
package import HadoopConfig
import HadoopRPC
package import Logging
package import NIOCore
package import NodeManagerCore
package import Settings
import Staging
import Synchronization

/// One NodeManager: its ports, its core and everything that acts for it.
package final class NodeManagerDaemon: Sendable {
    package let settings: NodeManagerDaemonSettings
    package let node: NodeIdentity
    package let snapshot: NodeSnapshot

    private let driver: NodeManagerDriver
    private let operations: NodeOperations
    private let server: RPCServer
    private let web: NodeManagerHTTPServer
    private let client: RPCClient
    private let watch: ProcessWatch
    private let cgroups: CgroupHierarchy?
    private let monitors: Task<Void, Never>
    private let logger: Logger
    private let isStopping = Mutex(false)

    /// How long an orderly stop may take in all before the daemon leaves anyway.
    private static let stopTimeout = Duration.seconds(30)

    private init(
        settings: NodeManagerDaemonSettings,
        node: NodeIdentity,
        driver: NodeManagerDriver,
        operations: NodeOperations,
        server: RPCServer,
        web: NodeManagerHTTPServer,
        client: RPCClient,
        watch: ProcessWatch,
        cgroups: CgroupHierarchy?,
        monitors: Task<Void, Never>,
        logger: Logger
    ) {
        self.settings = settings
        self.node = node
        self.snapshot = driver.snapshot
        self.driver = driver
        self.operations = operations
        self.server = server
        self.web = web
        self.client = client
        self.watch = watch
        self.cgroups = cgroups
        self.monitors = monitors
        self.logger = logger
    }

    /// Posts an input to the core; for services beside the daemon's own.
    package func post(_ input: Input) { self.driver.post(input) }

    /// Waits until the core has stopped.
    /// - Returns: why, when nobody asked for it: the ResourceManager refused or excluded the node.
    package func whenStopped() async -> String? { await self.operations.stopped.value }

    /// Ends all containers (unless they are to be recovered), says farewell and closes the ports.
    package func stop() async {
        guard
            self.isStopping.withLock({ isStopping in
                defer { isStopping = true }
                return !isStopping
            })
        else { return }
        self.driver.post(.daemonStopRequested)
        // A process that not even KILL ends must not hold the daemon.
        let patience = Task {
            try? await Task.sleep(for: Self.stopTimeout)
            self.operations.stopped.happen("Containers do not end.")
        }
        _ = await self.operations.stopped.value
        patience.cancel()
        await self.operations.farewells.wait()
        self.monitors.cancel()
        try? await self.web.stop()
        try? await self.server.shutdown()
        try? await self.client.shutdown()
        await self.driver.stop()
        self.watch.close()
        if !self.settings.core.recoversContainers { self.cgroups?.remove() }
    }
}

extension NodeManagerDaemon {
    /// Opens the ports, takes over from an earlier NodeManager, and registers at the ResourceManager, for as long as that
    /// takes, after this returns.
    /// - Parameters:
    ///   - environment: where `HEDDLE_SUPERVISOR` is looked for.
    ///   - configuration: where the settings come from, shown by `/conf`.
    package static func start(
        _ settings: NodeManagerDaemonSettings,
        configuration: Configuration,
        group: any EventLoopGroup,
        logger: Logger,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> NodeManagerDaemon {
        for warning in settings.startWarnings { logger.warning("\(warning)") }
        try self.makeFolders(settings)
        let clock = NodeClock()
        let keys = MasterKeyRing()
        var core = settings.core
        core.forcedPath = settings.forcedPath
        let tree = FolderTree(roots: core.localDirectories + core.logDirectories)
        let watch = try ProcessWatch()
        let supervisor = try settings.supervisorPath ?? SupervisorProgram.find(environment: environment)
        let processes = ContainerProcessLauncher(supervisorPath: supervisor, watch: watch)

        let service = ContainerManagementService(keys: keys, auxiliaryServices: core.auxiliaryServices)
        let boundNode = Mutex<NodeID?>(nil)
        let server = try await RPCServer.start(
            RPCServerConfiguration(
                host: settings.containerManager.bindHost,
                port: settings.containerManager.port,
                services: [service],
                authentication: RPCServerAuthentication(
                    acceptsSimple: false,
                    tokens: { identifier throws(RPCFailure) in
                        try service.account(identifier, node: boundNode.withLock { $0 })
                    }
                ),
                limits: RPCServerLimits(frameLengthMaximum: settings.common.rpc.frameLengthMaximum)
            ),
            group: group,
            logger: logger
        )
        let id = NodeID(host: settings.containerManager.advertisedHost, port: Int32(server.port))
        boundNode.withLock { $0 = id }
        let snapshot = NodeSnapshot(
            node: NodeManagerCore(
                settings: core,
                node: NodeIdentity(id: id, httpPort: Int32(settings.web.port), startedAt: clock.now)
            ).view
        )
        let web = try await NodeManagerHTTPServer.start(
            host: settings.web.bindHost,
            port: settings.web.port,
            advertisedHost: settings.web.advertisedHost,
            snapshot: snapshot,
            configuration: configuration,
            group: group,
            logger: logger
        )
        let node = NodeIdentity(id: id, httpPort: Int32(web.port), startedAt: snapshot.node.node.startedAt)
        let cgroups = settings.cgroupsEnabled ? CgroupHierarchy(name: "nm-\(server.port)") : nil
        let threads = BlockingThreads(threadsMaximum: 4)
        let accounts = ContainerAccounts(settings.identity)
        let launcher = ContainerLauncher(
            launcher: processes,
            accounts: accounts,
            tree: tree,
            cgroups: cgroups,
            threads: threads,
            logs: ContainerLogTails(
                tree: tree,
                patterns: settings.stderrPatterns,
                bytes: settings.stderrTailLength
            ),
            killDelay: core.delayBeforeKill
        )
        let client = RPCClient(group: group, logger: logger)
        let operations = NodeOperations(
            tracker: ResourceTrackerClient(
                client: client,
                addresses: settings.client.resourceManagers.map(\.resourceTracker),
                user: settings.common.processUserName,
                keys: keys
            ),
            launcher: launcher,
            localizer: ResourceLocalizer(threadsMaximum: settings.localizerThreads, roots: tree.roots),
            accounts: accounts,
            tree: tree,
            deletionThreads: BlockingThreads(threadsMaximum: settings.deletionThreads),
            localizerThreads: threads,
            node: node,
            logger: logger
        )
        let predecessor = Predecessor(
            localDirectories: core.localDirectories,
            logDirectories: core.logDirectories,
            tree: tree,
            logger: logger
        )
        var recovered = RecoveredState()
        var records: NodeRecordFiles?
        if core.recoversContainers {
            let files = try NodeRecordFiles(directory: settings.recoveryDirectory, keys: keys, logger: logger)
            recovered = files.load()
            files.followKeys()
            records = files
        } else {
            await predecessor.end(with: processes)
        }
        cgroups?.removeLeftovers(keeping: Set(recovered.containers.map(\.start.grant.container)))
        recovered.logs = predecessor.logs()

        let files = records
        let driver = try await NodeManagerDriver(
            settings: core,
            node: node,
            snapshot: snapshot,
            clock: clock,
            logger: logger,
            store: { files?.store($0) },
            perform: { operations.perform($0) }
        )
        operations.connect { driver.post($0) }
        let health = HealthMonitor(settings, clock: clock)
        driver.post(.healthReported(health.health))
        driver.post(.recovered(recovered))
        service.serve(driver)
        driver.post(.started)
        let monitor = UsageMonitor(
            launcher: launcher,
            interval: settings.monitorInterval,
            threads: threads,
            post: { driver.post($0) }
        )
        let watchesUsage = settings.monitorsContainers
        let monitors = Task {
            await withTaskGroup { group in
                group.addTask { await health.run(threads: threads) { driver.post($0) } }
                if watchesUsage { group.addTask { await monitor.run() } }
            }
        }
        return NodeManagerDaemon(
            settings: settings,
            node: node,
            driver: driver,
            operations: operations,
            server: server,
            web: web,
            client: client,
            watch: watch,
            cgroups: cgroups,
            monitors: monitors,
            logger: logger
        )
    }

    /// Local and log folders may be walked through by the users whose containers live in them.
    private static func makeFolders(_ settings: NodeManagerDaemonSettings) throws {
        for path in settings.core.localDirectories + settings.core.logDirectories {
            guard !FileManager.default.fileExists(atPath: path) else { continue }
            do {
                try FileManager.default.createDirectory(
                    atPath: path,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o755]
                )
            } catch {
                // The disk check reports it; another folder may do.
                continue
            }
        }
    }
}
