import AggregatedLogs
import ClusterModel
import HadoopRPC
import Logging
import NIOCore
import ResourceManagerCore
import Settings
import Staging
import StateStore

/// What a ResourceManager consists of, put together in the order of who needs whom.
struct DaemonParts {
    let settings: ResourceManagerDaemonSettings
    let clusterTimestamp: Int64
    let logger: Logger
    let store: StateStore
    let driver: ResourceManagerDriver
    let callers: CallerResolution
    let client: RPCClient
    let launcher: ApplicationMasterLauncher
    let renewer: TokenRenewer
    let webAddress: AdvertisedAddress
    /// The same, unless the proxy has an address of its own.
    let proxyAddress: AdvertisedAddress
    /// Of the client port, for delegation tokens.
    let tokenService: AdvertisedAddress

    private let group: any EventLoopGroup
    private let signer: TokenSigner
    private let nodeLists: NodeListFiles
    private let reload: ResourceManagerDaemon.Reload

    /// Reads the node lists and the store, and starts the core on what was stored.
    init(
        settings: ResourceManagerDaemonSettings,
        group: any EventLoopGroup,
        logger: Logger,
        store: StateStore,
        reload: @escaping ResourceManagerDaemon.Reload,
        stepDown: @escaping @Sendable (String) -> Void
    ) async throws {
        let clock = DriverClock()
        let clusterTimestamp = clock.now.milliseconds
        let nodeLists = NodeListFiles(
            includePath: settings.nodesIncludePath,
            excludePath: settings.nodesExcludePath
        )
        var core = settings.core
        core.nodeLists = try nodeLists.read()
        let records = try RecordCoding.records(from: try store.load(), path: store.path)
        let snapshot = ClusterSnapshot(settings: core)
        let signer = TokenSigner(snapshot: snapshot, resourceManagerIdentifier: clusterTimestamp)
        let client = RPCClient(group: group, configuration: settings.common.rpc.clientConfiguration, logger: logger)
        let launcher = ApplicationMasterLauncher(
            client: client,
            signer: signer,
            snapshot: snapshot,
            patience: settings.nodePatience,
            logger: logger
        )
        let renewer = TokenRenewer(transfers: Transfers(settings.transfers), logger: logger)
        let driver = try await ResourceManagerDriver(
            settings: core,
            clusterTimestamp: clusterTimestamp,
            clock: clock,
            store: store,
            snapshot: snapshot,
            logger: logger,
            perform: { driver, action in Self.perform(action, driver, launcher, renewer) },
            stepDown: stepDown
        )
        do {
            try await driver.start(recovered: records)
        } catch {
            await driver.stop()
            throw error
        }
        self.settings = settings
        self.clusterTimestamp = clusterTimestamp
        self.logger = logger
        self.store = store
        self.driver = driver
        self.callers = CallerResolution(snapshot: snapshot)
        self.client = client
        self.launcher = launcher
        self.renewer = renewer
        let webAddress = AdvertisedAddress("\(settings.web.advertised)")
        self.webAddress = webAddress
        self.proxyAddress = settings.webProxy.map { AdvertisedAddress("\($0.advertised)") } ?? webAddress
        self.tokenService = AdvertisedAddress("\(settings.client.advertised)")
        self.group = group
        self.signer = signer
        self.nodeLists = nodeLists
        self.reload = reload
    }

    private static func perform(
        _ action: ResourceManagerCore.Action,
        _ driver: ResourceManagerDriver,
        _ launcher: ApplicationMasterLauncher,
        _ renewer: TokenRenewer
    ) {
        switch action {
        case .launchApplicationMaster(let launch):
            launcher.launch(launch) { attempt, failure in
                if let failure {
                    driver.post(.applicationMasterLaunchFailed(attempt, diagnostics: failure))
                } else {
                    driver.post(.applicationMasterLaunched(attempt))
                }
            }
        case .stopApplicationMaster(let attempt, let container, let node):
            launcher.stop(attempt, container: container, node: node)
        case .renewToken(let token): renewer.renew(token) { driver.post($0) }
        case .cancelToken(let token): renewer.cancel(token)
        case .nodeEventPending, .masterKeyWanted:
            // A node hears what there is at its next heartbeat, within a second; keys are the driver's own business.
            break
        }
    }

    // MARK: Ports

    /// Client, scheduler, resource tracker and admin port, in this order, each with the loops that serve it. Heartbeats, by
    /// far the most calls, are served on the core's own.
    var servers: [(configuration: RPCServerConfiguration, loops: any EventLoopGroup)] {
        let snapshot = self.driver.snapshot
        let edge = ServiceEdge(
            driver: self.driver,
            callers: self.callers,
            signer: self.signer,
            encoding: self.group
        )
        let accounts = TokenAccounts(snapshot: snapshot, clock: self.driver.clock)
        let impersonation = Impersonation(self.settings.common.security.impersonation)
        var simple = RPCServerAuthentication(acceptsSimple: true)
        simple.impersonation = { real, user, address throws(RPCFailure) in
            try impersonation.check(real, user, address)
        }
        var clients = simple
        clients.tokens = { identifier throws(RPCFailure) in try accounts.client(identifier) }
        let masters = RPCServerAuthentication(
            acceptsSimple: false,
            tokens: { identifier throws(RPCFailure) in try accounts.master(identifier) }
        )
        let clientService = ClientService(
            edge: edge,
            proxyAddress: self.proxyAddress,
            filtersByUser: self.settings.common.web.filtersByUser,
            clusterID: self.settings.clusterID,
            tokenService: self.tokenService,
            accounts: accounts
        )
        let masterService = ApplicationMasterService(
            edge: edge,
            encoding: MasterReplyEncoding(
                signer: self.signer,
                logAggregation: LogAggregationWishes(snapshot: snapshot)
            )
        )
        let tracker = ResourceTrackerService(
            edge: edge,
            topology: Topology(
                script: self.settings.topologyScript,
                argumentsMaximum: self.settings.topologyScriptArgumentsMaximum,
                logger: self.logger
            ),
            checksHostNames: self.settings.checksNodeHostname
        )
        let admin = AdminService(edge: edge, nodeLists: self.nodeLists, reload: self.reload)
        return [
            (self.configuration(self.settings.client, [clientService], clients), self.group),
            (self.configuration(self.settings.scheduler, [masterService], masters), self.group),
            // No node acts for somebody else; looking up who may would hold up the core.
            (self.configuration(self.settings.resourceTracker, [tracker], .simple), self.driver.loops),
            (self.configuration(self.settings.admin, [admin, HAService()], simple), self.group),
        ]
    }

    private func configuration(
        _ listen: ListenAddress,
        _ services: [any RPCService],
        _ authentication: RPCServerAuthentication
    ) -> RPCServerConfiguration {
        RPCServerConfiguration(
            host: listen.bindHost,
            port: listen.port,
            services: services,
            authentication: authentication,
            limits: self.settings.common.rpc.serverLimits
        )
    }
}
