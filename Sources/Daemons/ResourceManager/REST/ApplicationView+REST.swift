package import ClusterModel
package import HadoopHTTP
package import ResourceManagerCore

/// Parts of an application that a caller leaves out with the parameter `deSelects`.
package struct ApplicationOmissions: OptionSet, Sendable {
    package var rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let resourceRequests = ApplicationOmissions(rawValue: 1)
    package static let timeouts = ApplicationOmissions(rawValue: 2)
    package static let applicationLabel = ApplicationOmissions(rawValue: 4)
    package static let masterLabel = ApplicationOmissions(rawValue: 8)
    package static let resourceInfo = ApplicationOmissions(rawValue: 16)

    /// Hadoop's names, in lower case; `all` stands for every one.
    private static let names: [String: ApplicationOmissions] = [
        "resourcerequests": .resourceRequests, "timeouts": .timeouts,
        "appnodelabelexpression": .applicationLabel, "amnodelabelexpression": .masterLabel,
        "resourceinfo": .resourceInfo,
        "all": [.resourceRequests, .timeouts, .applicationLabel, .masterLabel, .resourceInfo],
    ]

    /// - Throws: `RESTFailure` 400 for a name that is none of them.
    package init(_ names: [String]) throws(RESTFailure) {
        self = []
        for name in names {
            guard let omission = Self.names[name.lowercased()] else {
                throw .badRequest(
                    "Invalid deSelects string \(name) specified. It should be one of [ALL, RESOURCEREQUESTS, TIMEOUTS, "
                        + "APPNODELABELEXPRESSION, AMNODELABELEXPRESSION, RESOURCEINFO]"
                )
            }
            self.formUnion(omission)
        }
    }
}

extension ApplicationView {
    /// AppInfo.
    /// - Parameter isAllowed: the caller may view the application; others see only who runs it and how it stands.
    package func rest(
        _ presentation: ClusterPresentation,
        omitting omissions: ApplicationOmissions = [],
        isAllowed: Bool = true
    ) -> RESTObject {
        var app = RESTObject()
        app.add("id", self.id.description)
        app.add("user", self.user)
        app.add("name", self.name)
        app.add("queue", self.queue)
        app.add("state", self.state.name)
        app.add("finalStatus", self.finalStatus.name)
        app.add("progress", self.progress * 100)
        let trackingURL = presentation.trackingURL(of: self)
        let isOver = self.finishedAt != .unset
        app.add("trackingUI", trackingURL == nil ? "UNASSIGNED" : isOver ? "History" : "ApplicationMaster")
        app.add("trackingUrl", trackingURL)
        app.add("diagnostics", isAllowed ? self.diagnostics : "")
        app.add("clusterId", self.id.clusterTimestamp)
        app.add("applicationType", self.applicationType)
        app.add("applicationTags", self.tags.joined(separator: ","))
        app.add("priority", self.priority)
        guard isAllowed else { return app }
        app.add("startedTime", self.startedAt.milliseconds)
        app.add("launchTime", self.launchedAt.milliseconds)
        app.add("finishedTime", self.finishedAt.milliseconds)
        app.add("elapsedTime", (isOver ? self.finishedAt : presentation.now).milliseconds(since: self.startedAt))
        self.addMaster(presentation, to: &app)
        self.addUsage(presentation, to: &app)
        if !omissions.contains(.resourceRequests) {
            app.add("resourceRequests", self.resourceRequests.map { $0.rest() })
        }
        app.add("logAggregationStatus", self.logAggregationStatus.name)
        app.add("unmanagedApplication", self.isUnmanaged)
        if !omissions.contains(.applicationLabel), !self.nodeLabelExpression.isEmpty {
            app.add("appNodeLabelExpression", self.nodeLabelExpression)
        }
        if !omissions.contains(.masterLabel), !self.isUnmanaged {
            app.add("amNodeLabelExpression", self.masterNodeLabelExpression)
        }
        if !omissions.contains(.resourceInfo), self.isHolding { app.add("resourceInfo", self.resourceInfo()) }
        if !omissions.contains(.timeouts) { app.add("timeouts", self.timeoutsREST(at: presentation.now)) }
        return app
    }

    /// True while an attempt may hold containers; else Hadoop shows -1 for every amount.
    private var isHolding: Bool { self.currentAttempt != nil && !self.state.isFinal }

    private func addMaster(_ presentation: ClusterPresentation, to app: inout RESTObject) {
        guard let container = self.masterContainer else { return }
        app.add(
            "amContainerLogs",
            presentation.logs.page(
                container,
                user: self.user,
                node: self.masterNode,
                nodeHTTPAddress: self.masterNodeHTTPAddress,
                of: self
            )
        )
        app.add("amHostHttpAddress", self.masterNodeHTTPAddress)
        if self.rpcPort >= 0, !self.host.isEmpty, self.host != "N/A" {
            app.add("amRPCAddress", "\(self.host):\(self.rpcPort)")
        }
        app.add("masterNodeId", self.masterNode?.description)
    }

    private func addUsage(_ presentation: ClusterPresentation, to app: inout RESTObject) {
        let usage = self.usage
        app.add("allocatedMB", self.isHolding ? usage.used.memoryMiB : -1)
        app.add("allocatedVCores", self.isHolding ? usage.used.vcores : -1)
        app.add("reservedMB", self.isHolding ? usage.reserved.memoryMiB : -1)
        app.add("reservedVCores", self.isHolding ? usage.reserved.vcores : -1)
        app.add("runningContainers", self.isHolding ? usage.runningContainers : -1)
        let memorySeconds = usage.memorySeconds(at: presentation.now)
        let vcoreSeconds = usage.vcoreSeconds(at: presentation.now)
        app.add("memorySeconds", memorySeconds)
        app.add("vcoreSeconds", vcoreSeconds)
        let share = presentation.queueShares[self.queuePath] ?? presentation.clusterTotal
        app.add("queueUsagePercentage", self.isHolding ? presentation.percentage(usage.used, of: share) : 0)
        app.add(
            "clusterUsagePercentage",
            self.isHolding ? presentation.percentage(usage.used, of: presentation.clusterTotal) : 0
        )
        app.add("resourceSecondsMap", ResourceMap.repeatedEntries(memory: memorySeconds, vcores: vcoreSeconds))
        app.add("preemptedResourceMB", usage.preempted.memoryMiB)
        app.add("preemptedResourceVCores", usage.preempted.vcores)
        app.add("numNonAMContainerPreempted", usage.preemptedContainers)
        app.add("numAMContainerPreempted", usage.preemptedMasters)
        let preemptedMemory = usage.preemptedMemoryMiBMilliseconds / 1_000
        let preemptedVcores = usage.preemptedVcoreMilliseconds / 1_000
        app.add("preemptedMemorySeconds", preemptedMemory)
        app.add("preemptedVcoreSeconds", preemptedVcores)
        app.add(
            "preemptedResourceSecondsMap",
            preemptedMemory == 0 && preemptedVcores == 0
                ? RESTObject() : ResourceMap.repeatedEntries(memory: preemptedMemory, vcores: preemptedVcores)
        )
    }

    /// Use of the default partition. An application has no limits of its own, so they are 0.
    private func resourceInfo() -> RESTObject {
        var info = RESTObject()
        info.add(
            "resourceUsagesByPartition",
            [
                PartitionUsage(
                    used: self.usage.used,
                    reserved: self.usage.reserved,
                    pending: self.usage.pending,
                    masterUsed: self.usage.masterUsed
                )
                .rest()
            ]
        )
        return info
    }

    /// AppTimeoutsInfo: one LIFETIME.
    package func timeoutsREST(at now: Timestamp) -> RESTObject {
        var timeouts = RESTObject()
        timeouts.add("timeout", [self.lifetimeREST(at: now)])
        return timeouts
    }

    /// AppTimeoutInfo.
    package func lifetimeREST(at now: Timestamp) -> RESTObject {
        var timeout = RESTObject()
        timeout.add("type", "LIFETIME")
        if let end = self.lifetimeEndsAt {
            timeout.add("expiryTime", CalendarTime(milliseconds: end.milliseconds).isoText)
            timeout.add("remainingTimeInSeconds", max(0, end.milliseconds(since: now) / 1_000))
        } else {
            timeout.add("expiryTime", "UNLIMITED")
            timeout.add("remainingTimeInSeconds", -1)
        }
        return timeout
    }
}

extension ResourceRequest {
    /// ResourceRequestInfo.
    func rest() -> RESTObject {
        var executionType = RESTObject()
        executionType.add("executionType", self.executionType.name)
        executionType.add("enforceExecutionType", false)
        var request = RESTObject()
        request.add("priority", self.priority)
        request.add("resourceName", self.location.resourceName)
        request.add("capability", self.capability.rest())
        request.add("numContainers", self.containerCount)
        request.add("relaxLocality", self.relaxLocality)
        request.add("nodeLabelExpression", self.nodeLabelExpression)
        request.add("executionTypeRequest", executionType)
        request.add("enforceExecutionType", false)
        return request
    }
}

/// PartitionResourcesInfo of the default partition.
struct PartitionUsage {
    var used: ResourceVector
    var reserved = ResourceVector.zero
    var pending = ResourceVector.zero
    var masterUsed = ResourceVector.zero
    var masterLimit = ResourceVector.zero
    var userMasterLimit = ResourceVector.zero

    func rest() -> RESTObject {
        var partition = RESTObject()
        partition.add("partitionName", "")
        partition.add("used", self.used.rest())
        partition.add("reserved", self.reserved.rest())
        partition.add("pending", self.pending.rest())
        partition.add("amUsed", self.masterUsed.rest())
        partition.add("amLimit", self.masterLimit.rest())
        partition.add("userAmLimit", self.userMasterLimit.rest())
        return partition
    }
}
