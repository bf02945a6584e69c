package import HadoopConfig
package import ResourceManagerCore
import SchedulerCore

/// What the ResourceManager daemon is configured with: everything around its core, and the core's own settings.
package struct ResourceManagerDaemonSettings: Sendable {
    package var common: CommonSettings
    /// What the core decides by; node lists are empty until `nodeLists` files are read.
    package var core: ResourceManagerSettings

    /// ApplicationClientProtocol (`yarn.resourcemanager.address`, 8032).
    package var client: ListenAddress
    /// ApplicationMasterProtocol (`yarn.resourcemanager.scheduler.address`, 8030).
    package var scheduler: ListenAddress
    /// ResourceTracker (`yarn.resourcemanager.resource-tracker.address`, 8031).
    package var resourceTracker: ListenAddress
    /// ResourceManagerAdministrationProtocol and HAServiceProtocol (`yarn.resourcemanager.admin.address`, 8033).
    package var admin: ListenAddress
    /// Pages, REST and the proxy (`yarn.resourcemanager.webapp.address`, 8088).
    package var web: ListenAddress
    /// Where the proxy to applications' user interfaces listens (`yarn.web-proxy.address`), which AmIpFilter knows it by;
    /// nil where that is the web address itself.
    package var webProxy: ListenAddress?

    /// `yarn.resourcemanager.cluster-id`
    package var clusterID: String?
    /// Whether a restart reads the store (`yarn.resourcemanager.recovery.enabled`).
    package var recoveryEnabled: Bool
    /// The store's folder (`heddle.state-store.path`).
    package var stateStorePath: String
    /// `yarn.resourcemanager.nodes.include-path`; nil admits every host.
    package var nodesIncludePath: String?
    /// `yarn.resourcemanager.nodes.exclude-path`
    package var nodesExcludePath: String?
    /// `yarn.resourcemanager.resource-tracker.nm.ip-hostname-check`
    package var checksNodeHostname: Bool
    /// A program that answers hosts with racks (`net.topology.script.file.name`); nil: every host is in /default-rack.
    package var topologyScript: String?
    /// Hosts handed to one run of it (`net.topology.script.number.args`).
    package var topologyScriptArgumentsMaximum: Int
    /// POST /apps answers (`yarn.webapp.enable-rest-app-submissions`).
    package var restSubmissionEnabled: Bool
    /// Pages of other origins may read answers (`yarn.resourcemanager.webapp.cross-origin.enabled`).
    package var crossOriginEnabled: Bool
    /// How long the node of an ApplicationMaster is tried when it does not answer.
    package var nodePatience: NodePatience
    /// How long aggregated logs are kept; nil: for ever, or there are none.
    package var logRetention: LogRetention?
    /// The staging server in the same process; nil unless `heddle.staging.address` is set.
    package var staging: StagingSettings?
    /// Where aggregated logs are; nil where logs are not aggregated (`yarn.log-aggregation-enable`).
    package var logAggregation: LogAggregationSettings?
    /// How those are read.
    package var transfers: TransferLimits
    /// Where links to aggregated logs lead instead of to the ResourceManager's own pages (`yarn.log.server.url`).
    package var logServerURL: String?

    /// - Throws: the first problem, naming file, line, key, value and what is accepted; `SettingsCheck` finds all.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        let common = try CommonSettings(configuration)
        func listen(_ key: ConfigurationKey<NetworkAddress>) throws(ConfigurationError) -> ListenAddress {
            try ListenAddress(
                key,
                hostnameKey: ResourceManagerKeys.hostname,
                bindHostKey: ResourceManagerKeys.bindHost,
                security: common.security,
                in: configuration
            )
        }
        self.common = common
        self.client = try listen(ResourceManagerKeys.address)
        self.scheduler = try listen(ResourceManagerKeys.schedulerAddress)
        self.resourceTracker = try listen(ResourceManagerKeys.resourceTrackerAddress)
        self.admin = try listen(ResourceManagerKeys.adminAddress)
        self.web = try listen(ResourceManagerKeys.webAddress)
        self.webProxy = nil
        if configuration.isSet(ResourceManagerKeys.webProxyAddress) {
            let proxy = try listen(ResourceManagerKeys.webProxyAddress)
            self.webProxy = proxy.advertised == self.web.advertised ? nil : proxy
        }
        self.clusterID = try configuration.optionalValue(of: ResourceManagerKeys.clusterID)
        self.recoveryEnabled = try configuration.value(of: ResourceManagerKeys.recoveryEnabled)
        self.stateStorePath = try configuration.value(of: HeddleKeys.stateStorePath)
        self.nodesIncludePath = try configuration.optionalValue(of: ResourceManagerKeys.nodesIncludePath)
        self.nodesExcludePath = try configuration.optionalValue(of: ResourceManagerKeys.nodesExcludePath)
        self.checksNodeHostname = try configuration.value(of: ResourceManagerKeys.checksNodeHostname)
        self.topologyScript = try configuration.optionalValue(of: CoreKeys.topologyScript)
        self.topologyScriptArgumentsMaximum = try configuration.value(of: CoreKeys.topologyScriptArgumentsMaximum)
        self.restSubmissionEnabled = try configuration.value(of: ResourceManagerKeys.restSubmissionEnabled)
        self.crossOriginEnabled = try configuration.value(of: ResourceManagerKeys.webCrossOriginEnabled)
        self.nodePatience = NodePatience(
            waitMaximum: try configuration.value(of: ClientKeys.nodeManagerWaitMaximum),
            retryInterval: try configuration.value(of: ClientKeys.nodeManagerRetryInterval)
        )
        let retention = LogRetention(
            seconds: try configuration.value(of: LogAggregationKeys.retention),
            checkSeconds: try configuration.value(of: LogAggregationKeys.retentionCheckInterval)
        )
        self.logRetention = try configuration.value(of: NodeManagerKeys.logAggregationEnabled) ? retention : nil
        self.staging = StagingSettings.isAsked(in: configuration) ? try StagingSettings(configuration) : nil
        self.logAggregation =
            try configuration.value(of: NodeManagerKeys.logAggregationEnabled)
            ? LogAggregationSettings(configuration) : nil
        self.transfers = try TransferLimits(configuration)
        try self.logAggregation?.check(self.transfers, in: configuration)
        self.logServerURL = try configuration.optionalValue(of: ResourceManagerKeys.logServerURL)
        self.core = try ResourceManagerSettings(configuration, webAddress: "http://\(self.web.advertised)")
        self.core.tokenRenewers = Self.tokenRenewers(
            user: common.processUserName,
            principal: try configuration.optionalValue(of: ResourceManagerKeys.principal)
        )
    }

    /// What clients may name as the renewer of their tokens: the process's user, and `yarn.resourcemanager.principal`, of which
    /// servers keep the first part.
    private static func tokenRenewers(user: String, principal: String?) -> Set<String> {
        var names: Set<String> = [user]
        if let principal, !principal.isEmpty {
            names.formUnion([principal, String(principal.prefix { $0 != "/" && $0 != "@" })])
        }
        return names.filter { !$0.isEmpty }
    }

    /// The addresses that the daemon listens on.
    package var listenAddresses: [ListenAddress] {
        [self.client, self.scheduler, self.resourceTracker, self.admin, self.web] + (self.webProxy.map { [$0] } ?? [])
    }

    /// What the daemon says when it starts; empty when there is nothing to say.
    package var startWarnings: [String] {
        self.common.security.networkWarning(self.listenAddresses).map { [$0] } ?? []
    }
}

/// How long a NodeManager that does not answer is tried.
package struct NodePatience: Hashable, Sendable {
    /// `yarn.client.nodemanager-connect.max-wait-ms`; nil is for ever.
    package var waitMaximum: Duration?
    /// The longest pause between tries (`yarn.client.nodemanager-connect.retry-interval-ms`).
    package var retryInterval: Duration

    package init(waitMaximum: Duration?, retryInterval: Duration) {
        self.waitMaximum = waitMaximum
        self.retryInterval = retryInterval
    }
}

extension ResourceManagerSettings {
    init(_ configuration: Configuration, webAddress: String) throws(ConfigurationError) {
        self.init()
        self.scheduler = try SchedulerSettings(configuration)
        let ownAttempts = try configuration.value(of: ResourceManagerKeys.attemptsMaximum)
        let attempts = try configuration.optionalValue(of: ResourceManagerKeys.globalAttemptsMaximum) ?? ownAttempts
        self.maximumAttempts = Int32(clamping: attempts)
        self.masterExpiry = try configuration.value(of: ResourceManagerKeys.applicationMasterExpiry)
        self.nodeExpiry = try configuration.value(of: ResourceManagerKeys.nodeExpiry)
        self.nodeHeartbeatInterval = try configuration.value(of: ResourceManagerKeys.nodeHeartbeatInterval)
        self.minimumNodeManagerVersion = try configuration.value(of: ResourceManagerKeys.nodeManagerVersionMinimum)
        self.gracefulDecommissionTimeout =
            try configuration.value(of: ResourceManagerKeys.gracefulDecommissionTimeout) ?? DurationUnit.maximum
        self.maximumCompletedApplications = try configuration.value(
            of: ResourceManagerKeys.completedApplicationsMaximum
        )
        self.storedCompletedApplicationsMaximum = try configuration.value(
            of: ResourceManagerKeys.storedCompletedApplicationsMaximum
        )
        self.recoverySchedulingWait = try configuration.value(of: ResourceManagerKeys.recoverySchedulingWait)
        self.tagCountMaximum = try configuration.value(of: ResourceManagerKeys.applicationTagsMaximum)
        self.tagLengthMaximum = try configuration.value(of: ResourceManagerKeys.applicationTagLengthMaximum)
        self.isAccessControlEnabled = try configuration.value(of: ResourceManagerKeys.aclEnabled)
        self.adminAccessControl = try configuration.value(of: ResourceManagerKeys.adminACL)
        self.masterTokenKeyRoll = try configuration.value(of: ResourceManagerKeys.amrmTokenRollInterval)
        self.containerTokenKeyRoll = try configuration.value(of: ResourceManagerKeys.containerTokenRollInterval)
        self.nodeTokenKeyRoll = try configuration.value(of: ResourceManagerKeys.nmTokenRollInterval)
        self.delegationKeyUpdate = try configuration.value(of: ResourceManagerKeys.delegationKeyUpdateInterval)
        self.delegationTokenRenewal = try configuration.value(of: ResourceManagerKeys.delegationTokenRenewInterval)
        self.delegationTokenLifetime = try configuration.value(
            of: ResourceManagerKeys.delegationTokenLifetimeMaximum
        )
        self.tokenCancellationDelay = try configuration.value(of: ResourceManagerKeys.tokenCancellationDelay)
        self.isRecoveryWorkPreserving = try configuration.value(
            of: ResourceManagerKeys.workPreservingRecoveryEnabled
        )
        self.isLogAggregationEnabled = try configuration.value(of: NodeManagerKeys.logAggregationEnabled)
        self.logAggregationTimeout = try configuration.value(of: LogAggregationKeys.statusTimeout)
        self.webAddress = webAddress
    }
}
