import ClusterModel
import Foundation
import Glibc
import HadoopConfig
import HadoopRPC
import Logging
import NIOCore
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
    /// nil where shuffle files are not served.
    private let shuffle: ShuffleServer?
    private let client: RPCClient
    private let watch: ProcessWatch
    private let cgroups: CgroupHierarchy?
    private let monitors: Task<Void, Never>
    private let logger: Logger
    private let isStopping = Mutex(false)

    /// How long an orderly stop may wait for containers, and then for uploads and farewells, before the daemon leaves anyway.
    private static let stopTimeout = Duration.seconds(30)
    /// How long it waits for folders to be deleted. What is left of them goes after the next start.
    private static let deletionTimeout = Duration.seconds(3)

    init(
        settings: NodeManagerDaemonSettings,
        node: NodeIdentity,
        driver: NodeManagerDriver,
        operations: NodeOperations,
        server: RPCServer,
        web: NodeManagerHTTPServer,
        shuffle: ShuffleServer?,
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
        self.shuffle = shuffle
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
        let deletions = Task {
            try? await Task.sleep(for: Self.deletionTimeout)
            self.operations.deletions.cancel()
        }
        if !(await self.operations.farewells.wait(atMost: Self.stopTimeout)) {
            self.logger.warning("Leaving before all logs are uploaded and the ResourceManager has answered.")
        }
        deletions.cancel()
        self.monitors.cancel()
        try? await self.web.stop()
        await self.shuffle?.stop()
        try? await self.server.shutdown()
        try? await self.client.shutdown()
        await self.driver.stop()
        self.watch.close()
        if !self.settings.core.recoversContainers { self.cgroups?.remove() }
    }
}
