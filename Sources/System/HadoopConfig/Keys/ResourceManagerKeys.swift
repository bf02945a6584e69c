/// Keys of the ResourceManager: where it listens, how long things live, what it stores.
package enum ResourceManagerKeys {
    /// The base of all the ResourceManager's addresses.
    package static let hostname = ConfigurationKey<String>("yarn.resourcemanager.hostname", default: "0.0.0.0", .host)
    /// ApplicationClientProtocol.
    package static let address = ConfigurationKey<NetworkAddress>(
        "yarn.resourcemanager.address",
        default: "${yarn.resourcemanager.hostname}:8032",
        .address(defaultPort: 8_032)
    )
    /// ApplicationMasterProtocol.
    package static let schedulerAddress = ConfigurationKey<NetworkAddress>(
        "yarn.resourcemanager.scheduler.address",
        default: "${yarn.resourcemanager.hostname}:8030",
        .address(defaultPort: 8_030)
    )
    /// ResourceTracker, for NodeManagers.
    package static let resourceTrackerAddress = ConfigurationKey<NetworkAddress>(
        "yarn.resourcemanager.resource-tracker.address",
        default: "${yarn.resourcemanager.hostname}:8031",
        .address(defaultPort: 8_031)
    )
    /// ResourceManagerAdministrationProtocol and HAServiceProtocol.
    package static let adminAddress = ConfigurationKey<NetworkAddress>(
        "yarn.resourcemanager.admin.address",
        default: "${yarn.resourcemanager.hostname}:8033",
        .address(defaultPort: 8_033)
    )
    /// Web pages, REST and the proxy.
    package static let webAddress = ConfigurationKey<NetworkAddress>(
        "yarn.resourcemanager.webapp.address",
        default: "${yarn.resourcemanager.hostname}:8088",
        .address(defaultPort: 8_088)
    )
    /// What to listen on, where it differs from the addresses that others connect to.
    package static let bindHost = ConfigurationKey<String>("yarn.resourcemanager.bind-host", default: nil, .host)
    /// A web proxy of its own; unset, the ResourceManager's web address serves `/proxy/`.
    package static let webProxyAddress = ConfigurationKey<NetworkAddress>(
        "yarn.web-proxy.address",
        default: nil,
        .address(defaultPort: 8_089)
    )
    /// Web transport; HTTPS is not built yet.
    package static let httpPolicy = ConfigurationKey<String>(
        "yarn.http.policy",
        default: "HTTP_ONLY",
        .word("HTTP_ONLY")
    )
    /// The cluster's name.
    package static let clusterID = ConfigurationKey<String>("yarn.resourcemanager.cluster-id", default: nil, .text)
    /// Whether several ResourceManagers stand for one.
    package static let highAvailabilityEnabled = ConfigurationKey<Bool>(
        "yarn.resourcemanager.ha.enabled",
        default: "false",
        .boolean
    )
    /// Their names, which end the keys of their addresses.
    package static let highAvailabilityIDs = ConfigurationKey<[String]>(
        "yarn.resourcemanager.ha.rm-ids",
        default: nil,
        .list
    )
    /// Which of them this one is.
    package static let highAvailabilityID = ConfigurationKey<String>("yarn.resourcemanager.ha.id", default: nil, .text)
    /// Attempts of an application, and the default for one that names no number.
    package static let attemptsMaximum = ConfigurationKey<Int>(
        "yarn.resourcemanager.am.max-attempts",
        default: "2",
        .integer(1...Int(Int32.max))
    )
    /// The most attempts that an application may ask for; unset, as `am.max-attempts`.
    package static let globalAttemptsMaximum = ConfigurationKey<Int>(
        "yarn.resourcemanager.am.global.max-attempts",
        default: nil,
        .integer(1...Int(Int32.max))
    )
    /// How long an ApplicationMaster may be silent.
    package static let applicationMasterExpiry = ConfigurationKey<Duration>(
        "yarn.am.liveness-monitor.expiry-interval-ms",
        default: "900000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long a NodeManager may be silent.
    package static let nodeExpiry = ConfigurationKey<Duration>(
        "yarn.nm.liveness-monitor.expiry-interval-ms",
        default: "600000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long a granted container may wait to be started.
    package static let containerAllocationExpiry = ConfigurationKey<Duration>(
        "yarn.resourcemanager.rm.container-allocation.expiry-interval-ms",
        default: "600000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How often NodeManagers report.
    package static let nodeHeartbeatInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.nodemanagers.heartbeat-interval-ms",
        default: "1000",
        .duration(.milliseconds, .milliseconds(10)...DurationUnit.maximum)
    )
    /// A file of the hosts that may be nodes; unset, all may.
    package static let nodesIncludePath = ConfigurationKey<String>(
        "yarn.resourcemanager.nodes.include-path",
        default: nil,
        .path
    )
    /// A file of the hosts that may not be nodes.
    package static let nodesExcludePath = ConfigurationKey<String>(
        "yarn.resourcemanager.nodes.exclude-path",
        default: nil,
        .path
    )
    /// How long a node that is to leave may finish its containers.
    package static let gracefulDecommissionTimeout = ConfigurationKey<Duration?>(
        "yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs",
        default: "3600",
        .durationOrNone(.seconds)
    )
    /// Whether a NodeManager must register from the address of its host name.
    package static let checksNodeHostname = ConfigurationKey<Bool>(
        "yarn.resourcemanager.resource-tracker.nm.ip-hostname-check",
        default: "false",
        .boolean
    )
    /// The oldest NodeManager that may register; `EqualToRM` asks for the same version.
    package static let nodeManagerVersionMinimum = ConfigurationKey<String>(
        "yarn.resourcemanager.nodemanager.minimum.version",
        default: "NONE",
        .text
    )
    /// Finished applications kept in memory.
    package static let completedApplicationsMaximum = ConfigurationKey<Int>(
        "yarn.resourcemanager.max-completed-applications",
        default: "1000",
        .integer(0...Int(Int32.max))
    )
    /// Finished applications kept in the store.
    package static let storedCompletedApplicationsMaximum = ConfigurationKey<Int>(
        "yarn.resourcemanager.state-store.max-completed-applications",
        default: "${yarn.resourcemanager.max-completed-applications}",
        .integer(0...Int(Int32.max))
    )
    /// Whether a restarted ResourceManager reads its store. Heddle's store costs little, but an unset key keeps
    /// Hadoop's default.
    package static let recoveryEnabled = ConfigurationKey<Bool>(
        "yarn.resourcemanager.recovery.enabled",
        default: "false",
        .boolean
    )
    /// Whether running containers survive a restart of the ResourceManager.
    package static let workPreservingRecoveryEnabled = ConfigurationKey<Bool>(
        "yarn.resourcemanager.work-preserving-recovery.enabled",
        default: "true",
        .boolean
    )
    /// How long a restarted ResourceManager lets nodes come back before it places new containers.
    package static let recoverySchedulingWait = ConfigurationKey<Duration>(
        "yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms",
        default: "10000",
        .duration(.milliseconds)
    )
    /// Age of the key of ApplicationMasters' tokens.
    package static let amrmTokenRollInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.am-rm-tokens.master-key-rolling-interval-secs",
        default: "86400",
        .duration(.seconds, .seconds(1)...DurationUnit.maximum)
    )
    /// Age of the key of containers' tokens.
    package static let containerTokenRollInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.container-tokens.master-key-rolling-interval-secs",
        default: "86400",
        .duration(.seconds, .seconds(1)...DurationUnit.maximum)
    )
    /// Age of the key of NodeManagers' tokens.
    package static let nmTokenRollInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.nm-tokens.master-key-rolling-interval-secs",
        default: "86400",
        .duration(.seconds, .seconds(1)...DurationUnit.maximum)
    )
    /// Age of the key of delegation tokens.
    package static let delegationKeyUpdateInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.delegation.key.update-interval",
        default: "86400000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long a delegation token lasts from one renewal to the next.
    package static let delegationTokenRenewInterval = ConfigurationKey<Duration>(
        "yarn.resourcemanager.delegation.token.renew-interval",
        default: "86400000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long one lasts at all.
    package static let delegationTokenLifetimeMaximum = ConfigurationKey<Duration>(
        "yarn.resourcemanager.delegation.token.max-lifetime",
        default: "604800000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Tags of one application.
    package static let applicationTagsMaximum = ConfigurationKey<Int>(
        "yarn.resourcemanager.application.max-tags",
        default: "10",
        .integer(0...10_000)
    )
    /// Characters of one tag.
    package static let applicationTagLengthMaximum = ConfigurationKey<Int>(
        "yarn.resourcemanager.application.max-tag.length",
        default: "100",
        .integer(1...10_000)
    )
    /// The highest priority; higher ones are lowered to it.
    package static let applicationPriorityMaximum = ConfigurationKey<Int>(
        "yarn.cluster.max-application-priority",
        default: "0",
        .integer(0...Int(Int32.max))
    )
    /// Whether applications may be submitted by REST.
    package static let restSubmissionEnabled = ConfigurationKey<Bool>(
        "yarn.webapp.enable-rest-app-submissions",
        default: "true",
        .boolean
    )
    /// Whether lists show a user only what that user may view.
    package static let filtersApplicationsByUser = ConfigurationKey<Bool>(
        "yarn.webapp.filter-entity-list-by-user",
        default: "false",
        .boolean
    )
    /// Whether pages of other origins may read REST answers.
    package static let webCrossOriginEnabled = ConfigurationKey<Bool>(
        "yarn.resourcemanager.webapp.cross-origin.enabled",
        default: "false",
        .boolean
    )
    /// Whether web pages offer to kill applications.
    package static let webActionsEnabled = ConfigurationKey<Bool>(
        "yarn.resourcemanager.webapp.ui-actions.enabled",
        default: "true",
        .boolean
    )
    /// Whether ACLs are checked at all.
    package static let aclEnabled = ConfigurationKey<Bool>("yarn.acl.enable", default: "false", .boolean)
    /// Who may administer the cluster.
    package static let adminACL = ConfigurationKey<String>("yarn.admin.acl", default: "*", .accessControl)
    /// Whether nodes have labels.
    package static let nodeLabelsEnabled = ConfigurationKey<Bool>(
        "yarn.node-labels.enabled",
        default: "false",
        .boolean
    )
    /// Where aggregated logs are shown.
    package static let logServerURL = ConfigurationKey<String>("yarn.log.server.url", default: nil, .text)
    /// Where programs are sent that ask a NodeManager for logs which it no longer has.
    package static let logServiceURL = ConfigurationKey<String>(
        "yarn.log.server.web-service.url",
        default: nil,
        .text
    )

    /// Whom clients name as the renewer of delegation tokens.
    package static let principal = ConfigurationKey<String>("yarn.resourcemanager.principal", default: nil, .text)
    /// From the moment that nobody needs an application's delegation tokens to their cancellation.
    package static let tokenCancellationDelay = ConfigurationKey<Duration>(
        "yarn.resourcemanager.delayed.delegation-token.removal-interval-ms",
        default: "30000",
        .duration(.milliseconds)
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        hostname, address, schedulerAddress, resourceTrackerAddress, adminAddress, webAddress, bindHost,
        webProxyAddress, httpPolicy, clusterID, highAvailabilityEnabled, highAvailabilityIDs,
        highAvailabilityID, attemptsMaximum, globalAttemptsMaximum, applicationMasterExpiry, nodeExpiry,
        containerAllocationExpiry, nodeHeartbeatInterval, nodesIncludePath, nodesExcludePath,
        gracefulDecommissionTimeout, checksNodeHostname, nodeManagerVersionMinimum,
        completedApplicationsMaximum, storedCompletedApplicationsMaximum, recoveryEnabled,
        workPreservingRecoveryEnabled, recoverySchedulingWait, amrmTokenRollInterval,
        containerTokenRollInterval, nmTokenRollInterval, delegationKeyUpdateInterval,
        delegationTokenRenewInterval, delegationTokenLifetimeMaximum, applicationTagsMaximum,
        applicationTagLengthMaximum, applicationPriorityMaximum, restSubmissionEnabled,
        filtersApplicationsByUser, webCrossOriginEnabled, webActionsEnabled, aclEnabled, adminACL,
        nodeLabelsEnabled, logServerURL, logServiceURL, principal, tokenCancellationDelay,
    ]
}
