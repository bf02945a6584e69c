import ClusterModel
import SchedulerCore

extension ResourceManagerCore {
    func applicationView(_ id: ApplicationID) -> ApplicationView? {
        guard let application = self.applications[id] else { return nil }
        let record = application.record
        let submission = record.submission
        let attempt = application.attempt?.record ?? application.endedAttempts.last
        let isOver = application.phase != .live
        let isUnmanagedLaunched = submission.isUnmanaged && application.attempt?.phase == .launched
        return ApplicationView(
            id: id,
            name: submission.name,
            user: submission.user,
            queue: Self.leafName(record.queuePath),
            queuePath: record.queuePath,
            applicationType: submission.applicationType,
            tags: submission.tags,
            state: application.state,
            finalStatus: record.finalStatus,
            progress: isOver ? 1 : attempt?.progress ?? 0,
            diagnostics: self.diagnostics(of: application),
            priority: record.priority,
            isUnmanaged: submission.isUnmanaged,
            nodeLabelExpression: submission.nodeLabelExpression,
            masterNodeLabelExpression: submission.masterNodeLabelExpression,
            viewAccessControl: submission.viewAccessControl,
            modifyAccessControl: submission.modifyAccessControl,
            submittedAt: record.submittedAt,
            startedAt: record.startedAt,
            launchedAt: record.launchedAt,
            finishedAt: record.finishedAt,
            lifetimeEndsAt: record.lifetimeEndsAt,
            currentAttempt: attempt?.id,
            currentAttemptState: attempt.map { self.state(of: $0, in: application) },
            host: Self.orNotAvailable(attempt?.host),
            rpcPort: attempt?.rpcPort ?? -1,
            originalTrackingURL: Self.orNotAvailable(attempt?.trackingURL),
            masterContainer: attempt?.masterContainer,
            masterNode: attempt?.masterNode,
            masterNodeHTTPAddress: attempt?.masterNodeHTTPAddress ?? "",
            unmanagedTokenKeyID: isUnmanagedLaunched ? self.keyRings[.applicationMaster]?.newest.id : nil,
            logAggregationStatus: record.logAggregationStatus,
            usage: self.usage(of: application),
            resourceRequests: self.scheduler.report(on: id)?.requests ?? [],
            context: submission.context
        )
    }

    private func usage(of application: Application) -> ApplicationUsageView {
        var usage = application.usage
        usage.pending = self.scheduler.report(on: application.id)?.pending ?? .zero
        return usage
    }

    /// YARN's text for what is not there.
    private static func orNotAvailable(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "N/A" }
        return text
    }

    private func diagnostics(of application: Application) -> String {
        ([self.progressText(of: application)] + application.tokenNotes).filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private func progressText(of application: Application) -> String {
        guard application.phase == .live, let attempt = application.attempt else {
            return application.record.diagnostics
        }
        let stamp = "[\(self.now.calendarText)] "
        switch attempt.phase {
        case .scheduled:
            return self.scheduler.masterWait(of: attempt.id).map { stamp + MasterWaitText.describe($0) } ?? ""
        case .allocated:
            return stamp + "AM container is allocated, its launch has been ordered"
        case .launched:
            return stamp + "AM container is launched, waiting for AM container to Register with RM"
        case .running, .finishing:
            return application.record.diagnostics
        }
    }

    private func state(of record: AttemptRecord, in application: Application) -> AttemptState {
        if let attempt = application.attempt, attempt.id == record.id { return attempt.phase.state }
        return record.finalState ?? .killed
    }

    func attemptView(_ id: ApplicationAttemptID) -> AttemptView? {
        guard let application = self.applications[id.application], let record = application.attemptRecord(id) else {
            return nil
        }
        let isCurrent = application.attempt?.id == id
        return AttemptView(
            id: id,
            state: self.state(of: record, in: application),
            finalStatus: record.finalStatus,
            host: Self.orNotAvailable(record.host),
            rpcPort: record.rpcPort,
            originalTrackingURL: Self.orNotAvailable(record.trackingURL),
            diagnostics: record.diagnostics,
            progress: record.progress,
            masterContainer: record.masterContainer,
            masterNode: record.masterNode,
            masterNodeHTTPAddress: record.masterNodeHTTPAddress,
            startedAt: record.startedAt,
            finishedAt: record.finishedAt,
            exitStatus: record.exitStatus,
            blacklistedNodes: isCurrent ? self.scheduler.report(on: id.application)?.blacklist ?? [] : [],
            nodesBlacklistedBySystem: []
        )
    }

    func nodeView(_ id: NodeID) -> NodeView? {
        guard let node = self.nodes[id] else { return nil }
        let report = self.scheduler.report(on: id)
        var decommissioningSeconds: Int64?
        if case .decommissioning(let seconds) = node.phase { decommissioningSeconds = seconds }
        return NodeView(
            id: id,
            httpAddress: node.httpAddress,
            rack: node.rack,
            state: node.phase.state,
            version: node.version,
            capacity: node.capacity,
            used: report?.used ?? .zero,
            containerCount: Int32(clamping: report?.containers ?? 0),
            healthReport: node.health.report,
            healthReportedAt: node.health.reportedAt,
            containersUtilization: node.containersUtilization,
            nodeUtilization: node.nodeUtilization,
            labels: [],
            decommissioningTimeoutSeconds: decommissioningSeconds
        )
    }

    /// The root and every leaf.
    func queueViews() -> [QueueView] {
        let leaves = self.scheduler.queueReports.map { self.view($0) }
        return [self.rootView(leaves)] + leaves
    }

    private func view(_ report: Scheduler.QueueReport) -> QueueView {
        let settings = report.settings
        let scheduler = self.settings.scheduler
        return QueueView(
            path: settings.path,
            name: settings.name,
            children: [],
            state: settings.state,
            capacityPartsPerMillion: settings.capacityPartsPerMillion,
            maximumCapacityPartsPerMillion: settings.maximumCapacityPartsPerMillion,
            absoluteCapacityPartsPerMillion: settings.capacityPartsPerMillion,
            absoluteMaximumCapacityPartsPerMillion: settings.maximumCapacityPartsPerMillion,
            used: report.used,
            pending: report.pending,
            reserved: .zero,
            masterUsed: report.masterUsed,
            masterLimit: report.masterLimit,
            maximumMasterResourcePartsPerMillion: settings.maximumMasterResourcePartsPerMillion
                ?? scheduler.maximumMasterResourcePartsPerMillion,
            effectiveMinimum: report.effectiveMinimum,
            effectiveMaximum: report.effectiveMaximum,
            maximumAllocation: scheduler.maximumAllocation,
            activeApplications: report.activeApplications,
            pendingApplications: report.pendingApplications,
            allocatedContainers: Int32(clamping: report.containers),
            pendingContainers: Int32(clamping: report.pendingContainers),
            reservedContainers: 0,
            maximumApplications: Int32(clamping: settings.maximumApplications ?? scheduler.maximumApplications),
            userLimitPercent: settings.minimumUserLimitPercent,
            userLimitFactorPartsPerMillion: settings.userLimitFactorPartsPerMillion,
            defaultApplicationPriority: settings.defaultApplicationPriority,
            maximumApplicationLifetimeSeconds: settings.maximumApplicationLifetimeSeconds,
            defaultApplicationLifetimeSeconds: settings.defaultApplicationLifetimeSeconds,
            submitAccessControl: settings.submitAccessControl,
            administerAccessControl: settings.administerAccessControl,
            users: report.users.map { user in
                QueueUserView(
                    user: user.name,
                    used: user.used,
                    masterUsed: user.masterUsed,
                    activeApplications: user.activeApplications,
                    pendingApplications: user.pendingApplications
                )
            },
            statistics: self.statistics[settings.path] ?? QueueStatisticsView()
        )
    }

    private func rootView(_ leaves: [QueueView]) -> QueueView {
        let scheduler = self.settings.scheduler
        let statistics = leaves.reduce(into: QueueStatisticsView()) { $0.add($1.statistics) }
        let total = self.scheduler.total
        let masterParts = scheduler.maximumMasterResourcePartsPerMillion
        return QueueView(
            path: "root",
            name: "root",
            children: leaves.map(\.path),
            state: .running,
            capacityPartsPerMillion: 1_000_000,
            maximumCapacityPartsPerMillion: 1_000_000,
            absoluteCapacityPartsPerMillion: 1_000_000,
            absoluteMaximumCapacityPartsPerMillion: 1_000_000,
            used: leaves.reduce(.zero) { $0 + $1.used },
            pending: leaves.reduce(.zero) { $0 + $1.pending },
            reserved: .zero,
            masterUsed: leaves.reduce(.zero) { $0 + $1.masterUsed },
            masterLimit: total.scaled(partsPerMillion: masterParts),
            maximumMasterResourcePartsPerMillion: masterParts,
            effectiveMinimum: total,
            effectiveMaximum: total,
            maximumAllocation: scheduler.maximumAllocation,
            activeApplications: leaves.reduce(0) { $0 + $1.activeApplications },
            pendingApplications: leaves.reduce(0) { $0 + $1.pendingApplications },
            allocatedContainers: leaves.reduce(0) { $0 + $1.allocatedContainers },
            pendingContainers: leaves.reduce(0) { $0 + $1.pendingContainers },
            reservedContainers: 0,
            maximumApplications: Int32(clamping: scheduler.maximumApplications),
            userLimitPercent: 100,
            userLimitFactorPartsPerMillion: 1_000_000,
            defaultApplicationPriority: 0,
            maximumApplicationLifetimeSeconds: -1,
            defaultApplicationLifetimeSeconds: -1,
            submitAccessControl: " ",
            administerAccessControl: " ",
            users: [],
            statistics: statistics
        )
    }

    func metrics(_ queues: [QueueView]) -> ClusterMetricsView {
        var metrics = ClusterMetricsView()
        for statistics in self.statistics.values {
            // The sum does not depend on the order.
            metrics.applicationsSubmitted += statistics.submitted
            metrics.applicationsCompleted += statistics.completed
            metrics.applicationsPending += statistics.pending
            metrics.applicationsRunning += statistics.running
            metrics.applicationsFailed += statistics.failed
            metrics.applicationsKilled += statistics.killed
        }
        metrics.total = self.scheduler.total
        for queue in queues where queue.isLeaf {
            metrics.allocated += queue.used
            metrics.pending += queue.pending
            metrics.containersAllocated += Int64(queue.allocatedContainers)
            metrics.containersPending += Int64(queue.pendingContainers)
        }
        metrics.activeNodes = self.nodeCounts[.running] ?? 0
        metrics.lostNodes = self.nodeCounts[.lost] ?? 0
        metrics.unhealthyNodes = self.nodeCounts[.unhealthy] ?? 0
        metrics.decommissioningNodes = self.nodeCounts[.decommissioning] ?? 0
        metrics.decommissionedNodes = self.nodeCounts[.decommissioned] ?? 0
        metrics.rebootedNodes = self.nodeCounts[.rebooted] ?? 0
        metrics.shutdownNodes = self.nodeCounts[.shutdown] ?? 0
        return metrics
    }
}

extension QueueStatisticsView {
    fileprivate mutating func add(_ other: QueueStatisticsView) {
        self.submitted += other.submitted
        self.running += other.running
        self.pending += other.pending
        self.completed += other.completed
        self.killed += other.killed
        self.failed += other.failed
    }
}
