package import SchedulerCore

/// What the ResourceManager's decisions are configured with; `Settings` fills it. The values given here are Hadoop's own
/// defaults (yarn-default.xml of 3.4).
package struct ResourceManagerSettings: Sendable, Hashable {
    package var scheduler = SchedulerSettings()
    /// `yarn.resourcemanager.am.global.max-attempts`, or else `yarn.resourcemanager.am.max-attempts`: no application
    /// gets more attempts.
    package var maximumAttempts: Int32 = 2
    /// `yarn.am.liveness-monitor.expiry-interval-ms`: an ApplicationMaster silent for so long has failed.
    package var masterExpiry = Duration.milliseconds(900_000)
    /// `yarn.nm.liveness-monitor.expiry-interval-ms`.
    package var nodeExpiry = Duration.milliseconds(600_000)
    /// `yarn.resourcemanager.nodemanagers.heartbeat-interval-ms`.
    package var nodeHeartbeatInterval = Duration.milliseconds(1000)
    /// `yarn.resourcemanager.nodemanager.minimum.version`; `NONE`, `EqualToRM`, or a version.
    package var minimumNodeManagerVersion = "NONE"
    /// `yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs`.
    package var gracefulDecommissionTimeout = Duration.seconds(3600)
    /// `yarn.resourcemanager.max-completed-applications`: how many ended ones are remembered.
    package var maximumCompletedApplications = 1000
    /// `yarn.resourcemanager.state-store.max-completed-applications`: how many of them the store keeps, never more than are
    /// remembered.
    package var storedCompletedApplicationsMaximum = 1000
    /// `yarn.resourcemanager.application.max-tags`.
    package var tagCountMaximum = 10
    /// `yarn.resourcemanager.application.max-tag.length`, in characters.
    package var tagLengthMaximum = 100
    /// `yarn.acl.enable`.
    package var isAccessControlEnabled = false
    /// `yarn.admin.acl`.
    package var adminAccessControl = "*"
    /// `yarn.resourcemanager.am-rm-tokens.master-key-rolling-interval-secs`.
    package var masterTokenKeyRoll = Duration.seconds(86_400)
    /// `yarn.resourcemanager.container-tokens.master-key-rolling-interval-secs`.
    package var containerTokenKeyRoll = Duration.seconds(86_400)
    /// `yarn.resourcemanager.nm-tokens.master-key-rolling-interval-secs`.
    package var nodeTokenKeyRoll = Duration.seconds(86_400)
    /// `yarn.resourcemanager.delegation.key.update-interval`.
    package var delegationKeyUpdate = Duration.seconds(86_400)
    /// `yarn.resourcemanager.delegation.token.renew-interval`.
    package var delegationTokenRenewal = Duration.seconds(86_400)
    /// `yarn.resourcemanager.delegation.token.max-lifetime`.
    package var delegationTokenLifetime = Duration.seconds(604_800)
    /// The names that WebHDFS servers know this ResourceManager by: tokens that name one as their renewer are renewed.
    package var tokenRenewers: Set<String> = []
    /// `yarn.resourcemanager.delayed.delegation-token.removal-interval-ms`: from the moment that nobody needs an application's
    /// tokens to their cancellation.
    package var tokenCancellationDelay = Duration.milliseconds(30_000)
    /// `yarn.resourcemanager.work-preserving-recovery.enabled`: containers go on over a restart of the ResourceManager.
    package var isRecoveryWorkPreserving = true
    /// `yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms`: how long after a restart with live applications
    /// nodes may come back before anything new is placed.
    package var recoverySchedulingWait = Duration.milliseconds(10_000)
    /// `yarn.log-aggregation-enable`: decides the log aggregation status shown.
    package var isLogAggregationEnabled = false
    /// `yarn.log-aggregation-status.time-out.ms`: how long nodes may take to upload what an ended application left.
    package var logAggregationTimeout = Duration.milliseconds(600_000)
    /// `http://host:port` of the web application, for links in diagnostics.
    package var webAddress = ""
    /// `yarn.resourcemanager.nodes.include-path` and `exclude-path` as read at start.
    package var nodeLists = ResourceManagerCore.NodeLists()

    package init() {}
}
