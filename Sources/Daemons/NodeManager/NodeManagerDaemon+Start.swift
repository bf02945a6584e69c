import AggregatedLogs
import ClusterModel
import Foundation
package import HadoopConfig
import HadoopRPC
package import Logging
package import NIOCore
import NodeManagerCore
package import Settings
import Staging
import Synchronization

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
        try self.prepareFolders(settings, logger: logger)
        var core = settings.core
        core.forcedPath = settings.forcedPath
        let (clock, keys, watch) = (NodeClock(), MasterKeyRing(), try ProcessWatch())
        let processes = try self.makeProcesses(settings, watch: watch, environment: environment)
        let shuffle = try await self.startShuffle(settings, logger: logger)
        if let shuffle { core.auxiliaryServices.append(shuffle.service) }
        let service = ContainerManagementService(keys: keys, auxiliaryServices: core.auxiliaryServices)
        let (server, id) = try await self.openContainerPort(settings, service: service, group: group, logger: logger)
        let (web, snapshot, node) = try await self.openWebPort(
            settings,
            core: core,
            id: id,
            startedAt: clock.now,
            configuration: configuration,
            group: group,
            logger: logger
        )
        let cgroups = settings.cgroupsEnabled ? CgroupHierarchy(name: "nm-\(server.port)") : nil
        let threads = BlockingThreads(threadsMaximum: 4)
        let client = RPCClient(group: group, configuration: settings.common.rpc.clientConfiguration, logger: logger)
        let operations = try self.makeOperations(
            settings,
            core: core,
            node: node,
            processes: processes,
            cgroups: cgroups,
            threads: threads,
            client: client,
            keys: keys,
            shuffle: shuffle?.secrets,
            logger: logger
        )
        let driver = try await self.startDriver(
            settings,
            core: core,
            operations: operations,
            processes: processes,
            keys: keys,
            snapshot: snapshot,
            cgroups: cgroups,
            clock: clock,
            logger: logger
        )
        let health = HealthMonitor(settings, clock: clock)
        driver.post(.healthReported(health.health))
        service.serve(driver) { health.localChoice }
        driver.post(.started)
        return NodeManagerDaemon(
            settings: settings,
            node: node,
            driver: driver,
            operations: operations,
            server: server,
            web: web,
            shuffle: shuffle,
            client: client,
            watch: watch,
            cgroups: cgroups,
            monitors: self.startMonitors(settings, health: health, operations: operations, driver: driver),
            logger: logger
        )
    }

    /// Makes the folders, and says beforehand and afterwards what will not work with them.
    private static func prepareFolders(_ settings: NodeManagerDaemonSettings, logger: Logger) throws {
        for warning in settings.startWarnings { logger.warning("\(warning)") }
        try self.makeFolders(settings)
        for warning in FolderReach.warnings(settings, accounts: ContainerAccounts(settings.identity)) {
            logger.warning("\(warning)")
        }
    }

    private static func makeProcesses(
        _ settings: NodeManagerDaemonSettings,
        watch: ProcessWatch,
        environment: [String: String]
    ) throws -> ContainerProcessLauncher {
        ContainerProcessLauncher(
            supervisorPath: try settings.supervisorPath ?? SupervisorProgram.find(environment: environment),
            watch: watch,
            killPatience: settings.processKillWait
        )
    }

    /// The port of shuffle files, before all others: containers are told it.
    private static func startShuffle(
        _ settings: NodeManagerDaemonSettings,
        logger: Logger
    ) async throws -> ShuffleServer? {
        guard let port = settings.shufflePort else { return nil }
        return try await ShuffleServer.start(
            host: settings.containerManager.bindHost,
            port: port,
            directories: settings.core.localDirectories,
            logger: logger
        )
    }

    /// ContainerManagementProtocol, which takes nobody without an NMToken. The node's own name is known once the port is.
    private static func openContainerPort(
        _ settings: NodeManagerDaemonSettings,
        service: ContainerManagementService,
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> (RPCServer, NodeID) {
        let bound = BoundNode()
        let server = try await RPCServer.start(
            RPCServerConfiguration(
                host: settings.containerManager.bindHost,
                port: settings.containerManager.port,
                services: [service],
                authentication: RPCServerAuthentication(
                    acceptsSimple: false,
                    tokens: { identifier throws(RPCFailure) in
                        try service.account(identifier, node: bound.id.withLock { $0 })
                    }
                ),
                limits: settings.common.rpc.serverLimits
            ),
            group: group,
            logger: logger
        )
        let id = NodeID(host: settings.containerManager.advertisedHost, port: Int32(server.port))
        bound.id.withLock { $0 = id }
        return (server, id)
    }

    /// REST and pages. The node is whole once this port is known too.
    private static func openWebPort(
        _ settings: NodeManagerDaemonSettings,
        core: NodeManagerSettings,
        id: NodeID,
        startedAt: Timestamp,
        configuration: Configuration,
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> (NodeManagerHTTPServer, NodeSnapshot, NodeIdentity) {
        let unopened = NodeIdentity(id: id, httpPort: Int32(settings.web.port), startedAt: startedAt)
        let snapshot = NodeSnapshot(node: NodeManagerCore(settings: core, node: unopened).view)
        let web = try await NodeManagerHTTPServer.start(
            host: settings.web.bindHost,
            port: settings.web.port,
            advertisedHost: settings.web.advertisedHost,
            snapshot: snapshot,
            access: LogAccess(rules: settings.common.web.access, processUser: settings.common.processUserName),
            filtersByUser: settings.common.web.filtersByUser,
            logServer: core.aggregatesLogs ? Self.logServer(settings) : nil,
            configuration: configuration,
            policy: settings.common.web.policy(crossOriginEnabled: settings.crossOriginEnabled),
            group: group,
            logger: logger
        )
        return (web, snapshot, NodeIdentity(id: id, httpPort: Int32(web.port), startedAt: startedAt))
    }

    /// The server that the configuration names, or the ResourceManager's own pages.
    private static func logServer(_ settings: NodeManagerDaemonSettings) -> LogServer {
        let manager = settings.client.resourceManagers[0].web
        return LogServer(
            pages: settings.logServerURL ?? "http://\(manager)\(AggregatedLogPages.path)",
            service: settings.logServiceURL
        )
    }

    /// Everything that carries out the core's actions.
    private static func makeOperations(
        _ settings: NodeManagerDaemonSettings,
        core: NodeManagerSettings,
        node: NodeIdentity,
        processes: ContainerProcessLauncher,
        cgroups: CgroupHierarchy?,
        threads: BlockingThreads,
        client: RPCClient,
        keys: MasterKeyRing,
        shuffle: ShuffleSecrets?,
        logger: Logger
    ) throws -> NodeOperations {
        let tree = FolderTree(roots: core.localDirectories + core.logDirectories)
        let accounts = ContainerAccounts(settings.identity)
        let launcher = ContainerLauncher(
            launcher: processes,
            accounts: accounts,
            tree: tree,
            cgroups: cgroups,
            threads: threads,
            logs: ContainerLogTails(tree: tree, patterns: settings.stderrPatterns, bytes: settings.stderrTailLength),
            killDelay: core.delayBeforeKill
        )
        return NodeOperations(
            tracker: ResourceTrackerClient(
                client: client,
                addresses: settings.client.resourceManagers.map(\.resourceTracker),
                user: settings.common.processUserName,
                keys: keys
            ),
            launcher: launcher,
            localizer: ResourceLocalizer(
                transfers: Transfers(settings.transfers),
                limits: UnpackLimits(settings.archives),
                threadsMaximum: settings.localizerThreads,
                roots: tree.roots
            ),
            accounts: accounts,
            tree: tree,
            deletionThreads: BlockingThreads(threadsMaximum: settings.deletionThreads),
            localizerThreads: threads,
            node: node,
            aggregator: core.aggregatesLogs ? try self.makeAggregator(settings, node: node) : nil,
            shuffle: shuffle,
            logger: logger
        )
    }

    private static func makeAggregator(
        _ settings: NodeManagerDaemonSettings,
        node: NodeIdentity
    ) throws -> LogAggregator {
        LogAggregator(
            node: node.id.description,
            logDirectories: settings.core.logDirectories,
            spoolDirectories: settings.core.localDirectories,
            folders: try RemoteLogFolders(settings.logAggregation.folder, suffix: settings.logAggregation.suffix),
            transfers: Transfers(settings.transfers),
            options: LogAggregator.Options(
                rolledFilesMaximum: settings.logAggregation.rolledFilesMaximum,
                compresses: settings.logAggregation.compresses
            )
        )
    }

    /// What an earlier NodeManager left: with recovery on its containers go on and are adopted, otherwise they are ended.
    private static func takeOver(
        _ settings: NodeManagerDaemonSettings,
        core: NodeManagerSettings,
        tree: FolderTree,
        processes: ContainerProcessLauncher,
        keys: MasterKeyRing,
        logger: Logger
    ) async throws -> (RecoveredState, NodeRecordFiles?) {
        let predecessor = Predecessor(
            localDirectories: core.localDirectories,
            logDirectories: core.logDirectories,
            tree: tree,
            logger: logger
        )
        var recovered = RecoveredState()
        var records: NodeRecordFiles?
        if core.recoversContainers {
            predecessor.removeUnfinishedUploads()
            let files = try NodeRecordFiles(directory: settings.recoveryDirectory, keys: keys, logger: logger)
            recovered = files.load()
            await predecessor.endForgotten(keeping: recovered, with: processes)
            predecessor.sweep(keeping: recovered, keepsApplications: core.deletionDelay > .zero)
            files.followKeys()
            records = files
        } else {
            await predecessor.end(with: processes)
        }
        recovered.logs = predecessor.logs()
        return (recovered, records)
    }

    /// The core on its loop, told what an earlier run left before anything else.
    private static func startDriver(
        _ settings: NodeManagerDaemonSettings,
        core: NodeManagerSettings,
        operations: NodeOperations,
        processes: ContainerProcessLauncher,
        keys: MasterKeyRing,
        snapshot: NodeSnapshot,
        cgroups: CgroupHierarchy?,
        clock: NodeClock,
        logger: Logger
    ) async throws -> NodeManagerDriver {
        let (recovered, records) = try await self.takeOver(
            settings,
            core: core,
            tree: operations.tree,
            processes: processes,
            keys: keys,
            logger: logger
        )
        cgroups?.removeLeftovers(keeping: Set(recovered.containers.map(\.start.grant.container)))
        let driver = try await NodeManagerDriver(
            settings: core,
            node: operations.node,
            snapshot: snapshot,
            clock: clock,
            logger: logger,
            store: { records?.store($0) },
            perform: { operations.perform($0) }
        )
        operations.connect { driver.post($0) }
        operations.deleteSetAside()
        driver.post(.recovered(recovered))
        return driver
    }

    private static func startMonitors(
        _ settings: NodeManagerDaemonSettings,
        health: HealthMonitor,
        operations: NodeOperations,
        driver: NodeManagerDriver
    ) -> Task<Void, Never> {
        let threads = operations.localizerThreads
        let monitor = UsageMonitor(
            launcher: operations.launcher,
            interval: settings.monitorInterval,
            threads: threads,
            limit: { container in
                driver.snapshot.container(container).map { MemoryLimit($0.resource, settings.core) }
            },
            post: { driver.post($0) }
        )
        let watchesUsage = settings.monitorsContainers
        let watchesLogs = settings.core.logSizeLimit != nil
        let launcher = operations.launcher
        let logMonitor = LogSizeMonitor(
            containers: { launcher.running.map(\.container) },
            logs: ContainerLogs(directories: settings.core.logDirectories),
            interval: settings.logMonitorInterval,
            post: { driver.post($0) }
        )
        return Task {
            await withTaskGroup { group in
                group.addTask { await health.run(threads: threads) { driver.post($0) } }
                if watchesUsage { group.addTask { await monitor.run() } }
                if watchesLogs { group.addTask { await logMonitor.run() } }
            }
        }
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

/// The node's name, once its port is bound.
private final class BoundNode: Sendable {
    let id = Mutex<NodeID?>(nil)
}
