import HadoopRPC
package import Logging
package import NIOCore
package import Settings
import StateStore

/// A ResourceManager: the core with its driver and store, the four RPC ports, and the calls to nodes. The HTTP side is
/// started beside it on `gateway` and `snapshot`.
package final class ResourceManagerDaemon: Sendable {
    /// Where the ports are bound; others than configured where 0 was.
    package struct Addresses: Sendable, Hashable {
        package var client: SocketPort
        package var scheduler: SocketPort
        package var resourceTracker: SocketPort
        package var admin: SocketPort
    }

    /// A bound host and port.
    package struct SocketPort: Sendable, Hashable, CustomStringConvertible {
        package var host: String
        package var port: Int

        package var description: String { "\(self.host):\(self.port)" }
    }

    /// Reads the configuration again; may block.
    package typealias Reload = @Sendable () throws -> ResourceManagerDaemonSettings

    package let settings: ResourceManagerDaemonSettings
    /// Start of this run in milliseconds: cluster timestamp of new applications, `rm_identifier` of nodes.
    package let clusterTimestamp: Int64
    package let snapshot: ClusterSnapshot
    package let gateway: ResourceManagerGateway
    /// Resolves the groups of HTTP callers as of RPC callers.
    package let callers: CallerResolution
    package let clock: DriverClock
    package let addresses: Addresses
    /// Where the web application is found; whoever starts it on another port than the configured one says so here.
    package let webAddress: AdvertisedAddress
    /// Where the proxy is found: the same, unless it has an address of its own.
    package let proxyAddress: AdvertisedAddress

    /// What `/ws/v1/cluster/info` calls the store; Hadoop's own name when nothing is kept.
    package var storeName: String {
        self.settings.recoveryEnabled
            ? "heddle.StateStore" : "org.apache.hadoop.yarn.server.resourcemanager.recovery.NullRMStateStore"
    }

    private let servers: [RPCServer]
    private let client: RPCClient
    private let launcher: ApplicationMasterLauncher
    private let renewer: TokenRenewer
    private let logger: Logger

    /// Starts everything and returns when the ports answer.
    /// - Parameters:
    ///   - reload: what refreshQueues reads.
    ///   - stepDown: called once with the reason when this ResourceManager must not go on: another one has taken over its
    ///     store, or the store is broken. The caller stops the daemon then.
    /// - Throws: `StateStoreError`, or an I/O error that names the address that cannot be bound.
    package static func start(
        settings: ResourceManagerDaemonSettings,
        group: any EventLoopGroup,
        logger: Logger,
        reload: @escaping Reload,
        stepDown: @escaping @Sendable (String) -> Void
    ) async throws -> ResourceManagerDaemon {
        for warning in settings.startWarnings {
            logger.warning("\(warning)")
        }
        let store = try Self.openStore(settings, logger)
        do {
            let daemon = try await Self.assemble(
                settings: settings,
                group: group,
                logger: logger,
                store: store,
                reload: reload,
                stepDown: stepDown
            )
            return daemon
        } catch {
            store.close()
            throw error
        }
    }

    /// Closes the ports, lets what is being stored be stored, and closes the store.
    package func stop() async {
        for server in self.servers {
            try? await server.shutdown()
        }
        await self.launcher.shutdown()
        await self.renewer.shutdown()
        try? await self.client.shutdown()
        await self.gateway.driver.stop()
    }

    private init(parts: DaemonParts, servers: [RPCServer], addresses: Addresses) {
        self.settings = parts.settings
        self.clusterTimestamp = parts.clusterTimestamp
        self.snapshot = parts.driver.snapshot
        self.gateway = ResourceManagerGateway(driver: parts.driver)
        self.callers = parts.callers
        self.clock = parts.driver.clock
        self.webAddress = parts.webAddress
        self.proxyAddress = parts.proxyAddress
        self.addresses = addresses
        self.servers = servers
        self.client = parts.client
        self.launcher = parts.launcher
        self.renewer = parts.renewer
        self.logger = parts.logger
    }

    /// Without recovery nothing outlives the process, so nothing is written.
    private static func openStore(
        _ settings: ResourceManagerDaemonSettings,
        _ logger: Logger
    ) throws(StateStoreError) -> StateStore {
        let onRetry: @Sendable (StateStoreError) -> Void = { error in
            logger.error("\(error) Nothing is answered until it can be written; trying again.")
        }
        guard settings.recoveryEnabled else { return try StateStore.inMemory(onRetry: onRetry) }
        return try StateStore.open("\(settings.stateStorePath)/\(Self.storeFile)", onRetry: onRetry)
    }

    private static let storeFile = "resourcemanager.db"

    private static func assemble(
        settings: ResourceManagerDaemonSettings,
        group: any EventLoopGroup,
        logger: Logger,
        store: StateStore,
        reload: @escaping Reload,
        stepDown: @escaping @Sendable (String) -> Void
    ) async throws -> ResourceManagerDaemon {
        let parts = try await DaemonParts(
            settings: settings,
            group: group,
            logger: logger,
            store: store,
            reload: reload,
            stepDown: stepDown
        )
        var servers: [RPCServer] = []
        do {
            for (configuration, loops) in parts.servers {
                servers.append(try await RPCServer.start(configuration, group: loops, logger: logger))
            }
        } catch {
            for server in servers {
                try? await server.shutdown()
            }
            await parts.driver.stop()
            throw error
        }
        func address(_ index: Int, _ listen: ListenAddress) -> SocketPort {
            SocketPort(host: listen.advertisedHost, port: servers[index].port)
        }
        let addresses = Addresses(
            client: address(0, settings.client),
            scheduler: address(1, settings.scheduler),
            resourceTracker: address(2, settings.resourceTracker),
            admin: address(3, settings.admin)
        )
        let service = await TokenService.host(
            of: addresses.client.host,
            usesAddress: settings.common.security.tokenServiceUsesIP
        )
        parts.tokenService.set(host: service, port: addresses.client.port)
        logger.info(
            "The ResourceManager serves clients on \(addresses.client), ApplicationMasters on \(addresses.scheduler), nodes on \(addresses.resourceTracker), administrators on \(addresses.admin)"
        )
        return ResourceManagerDaemon(parts: parts, servers: servers, addresses: addresses)
    }
}
