import ClusterModel
import HadoopProtos
import HadoopWire
import ModelConversion
import ResourceManagerCore

/// Writes views as the reports of ApplicationClientProtocol.
struct ReportEncoding: Sendable {
    /// `host:port` of the proxy, through which tracking URLs go.
    var proxyAddress: String
    /// `yarn.resourcemanager.cluster-id`; nil when unset.
    var clusterID: String?
    var now: Timestamp
    /// Capacity of the nodes in use, which usage percentages are of.
    var clusterTotal: ResourceVector

    /// Text of a field that is not known, or not to be shown.
    static let notAvailable = "N/A"

    /// - Parameters:
    ///   - showsAll: the caller may view the application; others learn only that it exists.
    ///   - masterToken: for the submitter of an unmanaged application that is to be attached to.
    func report(
        _ view: ApplicationView,
        showsAll: Bool,
        masterToken: HadoopToken? = nil
    ) -> ApplicationReportProto {
        var report = ApplicationReportProto()
        report.applicationID = view.id.proto
        report.user = view.user
        report.queue = view.queue
        report.name = view.name
        report.yarnApplicationState = view.state.proto
        report.startTime = view.startedAt.milliseconds
        report.submitTime = view.submittedAt.milliseconds
        report.launchTime = view.launchedAt.milliseconds
        report.finishTime = view.finishedAt.milliseconds
        report.finalApplicationStatus = view.finalStatus.proto
        report.applicationType = view.applicationType
        report.applicationTags = view.tags
        report.unmanagedApplication = view.isUnmanaged
        report.priority = PriorityProto(view.priority)
        report.currentApplicationAttemptID = self.currentAttempt(of: view)
        if let clusterID = self.clusterID {
            report.rmClusterID = clusterID
        }
        guard showsAll else {
            report.host = Self.notAvailable
            report.rpcPort = -1
            report.trackingURL = Self.notAvailable
            report.originalTrackingURL = Self.notAvailable
            report.diagnostics = Self.notAvailable
            report.progress = 0
            report.appResourceUsage = self.usage(ApplicationUsageView(), isHeld: false)
            return report
        }
        report.host = view.host
        report.rpcPort = view.rpcPort
        report.trackingURL = view.isUnmanaged ? view.originalTrackingURL : self.proxyURL(of: view.id)
        report.originalTrackingURL = view.originalTrackingURL.isEmpty ? Self.notAvailable : view.originalTrackingURL
        report.diagnostics = view.diagnostics
        report.progress = view.progress
        if view.currentAttempt != nil {
            report.logAggregationStatus = view.logAggregationStatus.proto
        }
        report.appNodeLabelExpression = view.nodeLabelExpression.isEmpty ? "<Not set>" : view.nodeLabelExpression
        report.amNodeLabelExpression =
            view.masterNodeLabelExpression.isEmpty ? "<DEFAULT_PARTITION>" : view.masterNodeLabelExpression
        report.appTimeouts = [self.lifetime(view)]
        report.appResourceUsage = self.usage(
            view.usage,
            isHeld: view.currentAttempt != nil && !view.state.isFinal
        )
        if let masterToken {
            report.amRmToken = masterToken.proto
        }
        return report
    }

    /// Attempt -1 stands for none yet.
    private func currentAttempt(of view: ApplicationView) -> ApplicationAttemptIdProto {
        if let attempt = view.currentAttempt { return attempt.proto }
        var proto = ApplicationAttemptIdProto()
        proto.applicationID = view.id.proto
        proto.attemptID = -1
        return proto
    }

    func proxyURL(of application: ApplicationID) -> String {
        "http://\(self.proxyAddress)/proxy/\(application)/"
    }

    private func lifetime(_ view: ApplicationView) -> AppTimeoutsMapProto {
        var timeout = ApplicationTimeoutProto()
        timeout.applicationTimeoutType = .appTimeoutLifetime
        if let endsAt = view.lifetimeEndsAt {
            timeout.expireTime = ISO8601.text(endsAt)
            timeout.remainingTime =
                view.state.isFinal ? 0 : max(0, endsAt.milliseconds(since: self.now) / 1000)
        } else {
            timeout.expireTime = "UNLIMITED"
            timeout.remainingTime = -1
        }
        var map = AppTimeoutsMapProto()
        map.applicationTimeoutType = .appTimeoutLifetime
        map.applicationTimeout = timeout
        return map
    }

    /// - Parameter isHeld: false writes -1, YARN's number for an application that holds nothing any more.
    private func usage(_ view: ApplicationUsageView, isHeld: Bool) -> ApplicationResourceUsageReportProto {
        let none = ResourceVector(memoryMiB: -1, vcores: -1)
        let memorySeconds = view.memorySeconds(at: self.now)
        let vcoreSeconds = view.vcoreSeconds(at: self.now)
        var usage = ApplicationResourceUsageReportProto()
        usage.numUsedContainers = isHeld ? view.runningContainers : -1
        usage.numReservedContainers = isHeld ? view.reservedContainers : -1
        usage.usedResources = (isHeld ? view.used : none).proto
        usage.reservedResources = (isHeld ? view.reserved : none).proto
        usage.neededResources = (isHeld ? view.used + view.pending : none).proto
        usage.memorySeconds = memorySeconds
        usage.vcoreSeconds = vcoreSeconds
        if isHeld, self.clusterTotal.memoryMiB > 0 {
            let percentage = Float(view.used.memoryMiB) * 100 / Float(self.clusterTotal.memoryMiB)
            usage.queueUsagePercentage = percentage
            usage.clusterUsagePercentage = percentage
        }
        usage.preemptedMemorySeconds = view.preemptedMemoryMiBMilliseconds / 1000
        usage.preemptedVcoreSeconds = view.preemptedVcoreMilliseconds / 1000
        usage.applicationResourceUsageMap = Self.map(memory: memorySeconds, vcores: vcoreSeconds)
        usage.applicationPreemptedResourceUsageMap = Self.map(
            memory: usage.preemptedMemorySeconds,
            vcores: usage.preemptedVcoreSeconds
        )
        return usage
    }

    private static func map(memory: Int64, vcores: Int64) -> [StringLongMapProto] {
        [("memory-mb", memory), ("vcores", vcores)].map { key, value in
            var entry = StringLongMapProto()
            entry.key = key
            entry.value = value
            return entry
        }
    }

    // MARK: Attempts and containers

    func report(_ view: AttemptView, isUnmanaged: Bool) -> ApplicationAttemptReportProto {
        var report = ApplicationAttemptReportProto()
        report.applicationAttemptID = view.id.proto
        report.host = view.host
        report.rpcPort = view.rpcPort
        report.trackingURL = isUnmanaged ? view.originalTrackingURL : self.proxyURL(of: view.id.application)
        report.originalTrackingURL =
            view.originalTrackingURL.isEmpty ? Self.notAvailable : view.originalTrackingURL
        report.diagnostics = view.diagnostics
        report.yarnApplicationAttemptState = view.state.proto
        if let container = view.masterContainer {
            report.amContainerID = container.proto
        }
        report.startTime = view.startedAt.milliseconds
        report.finishTime = view.finishedAt.milliseconds
        return report
    }

    func report(_ view: ContainerView) -> ContainerReportProto {
        let nodeURL = "http://\(view.nodeHTTPAddress)"
        var report = ContainerReportProto()
        report.containerID = view.id.proto
        report.resource = view.capability.proto
        report.nodeID = view.node.proto
        report.priority = PriorityProto(view.priority)
        report.creationTime = view.createdAt.milliseconds
        report.finishTime = view.finishedAt.milliseconds
        report.diagnosticsInfo = view.diagnostics
        report.logURL = "\(nodeURL)/node/containerlogs/\(view.id)/\(view.user)"
        report.containerExitStatus = view.state == .complete ? view.exitStatus.code : 0
        report.containerState = view.state.proto
        report.nodeHTTPAddress = nodeURL
        report.executionType = view.executionType.proto
        return report
    }
}
