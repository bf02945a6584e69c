package import ClusterModel
package import HadoopProtos
import ModelConversion

// The `--json` form of each report: one object, fields named as in YARN's REST answers, times in milliseconds, memory in
// MiB.

extension ApplicationReportProto {
    package var json: JSONText {
        .object([
            ("id", .string(self.idText)),
            ("user", .optional(self.hasUser ? self.user : nil)),
            ("name", .optional(self.hasName ? self.name : nil)),
            ("queue", .optional(self.hasQueue ? self.queue : nil)),
            ("state", .string(self.stateText)),
            ("finalStatus", .string(self.finalStatusText)),
            ("progress", .float(self.progress * 100)),
            ("trackingUrl", .optional(self.hasTrackingURL ? self.trackingURL : nil)),
            ("originalTrackingUrl", .optional(self.hasOriginalTrackingURL ? self.originalTrackingURL : nil)),
            ("diagnostics", .optional(self.hasDiagnostics ? self.diagnostics : nil)),
            ("applicationType", .optional(self.hasApplicationType ? self.applicationType : nil)),
            ("applicationTags", .array(self.applicationTags.sorted().map(JSONText.string))),
            ("priority", self.hasPriority ? .integer(Int64(self.priority.priority)) : .null),
            ("startedTime", .integer(self.startTime)),
            ("launchTime", .integer(self.launchTime)),
            ("finishedTime", .integer(self.finishTime)),
            ("amHost", .optional(self.hasHost ? self.host : nil)),
            ("amRPCPort", .integer(Int64(self.rpcPort))),
            (
                "currentAppAttemptId",
                .optional(
                    self.hasCurrentApplicationAttemptID
                        ? (try? ApplicationAttemptID(validating: self.currentApplicationAttemptID))?.description : nil
                )
            ),
            ("runningContainers", .integer(Int64(self.appResourceUsage.numUsedContainers))),
            ("allocatedMB", .integer(self.appResourceUsage.usedResources.memory)),
            ("allocatedVCores", .integer(Int64(self.appResourceUsage.usedResources.virtualCores))),
            ("memorySeconds", .integer(self.appResourceUsage.memorySeconds)),
            ("vcoreSeconds", .integer(self.appResourceUsage.vcoreSeconds)),
            ("unmanagedApplication", .bool(self.unmanagedApplication)),
        ])
    }
}

extension ApplicationAttemptReportProto {
    package var json: JSONText {
        .object([
            ("id", .string(self.idText)),
            ("state", .string(self.stateText)),
            ("amContainerId", .string(self.containerText)),
            ("trackingUrl", .optional(self.hasTrackingURL ? self.trackingURL : nil)),
            ("amHost", .optional(self.hasHost ? self.host : nil)),
            ("amRPCPort", .integer(Int64(self.rpcPort))),
            ("diagnostics", .optional(self.hasDiagnostics ? self.diagnostics : nil)),
            ("startedTime", .integer(self.startTime)),
            ("finishedTime", .integer(self.finishTime)),
        ])
    }
}

extension ContainerReportProto {
    package var json: JSONText {
        .object([
            ("id", .string(self.idText)),
            ("state", .string(self.stateText)),
            ("exitStatus", self.hasContainerExitStatus ? .integer(Int64(self.containerExitStatus)) : .null),
            ("nodeId", .string("\(self.nodeID.host):\(self.nodeID.port)")),
            ("nodeHttpAddress", .optional(self.hasNodeHTTPAddress ? self.nodeHTTPAddress : nil)),
            ("allocatedMB", .integer(self.resource.memory)),
            ("allocatedVCores", .integer(Int64(self.resource.virtualCores))),
            ("priority", .integer(Int64(self.priority.priority))),
            ("startedTime", .integer(self.creationTime)),
            ("finishedTime", .integer(self.finishTime)),
            ("logUrl", .optional(self.hasLogURL ? self.logURL : nil)),
            ("diagnostics", .optional(self.hasDiagnosticsInfo ? self.diagnosticsInfo : nil)),
        ])
    }
}

extension NodeReportProto {
    package var json: JSONText {
        .object([
            ("id", .string(self.idText)),
            ("rack", .optional(self.hasRackName ? self.rackName : nil)),
            ("state", .string(self.stateText)),
            ("nodeHTTPAddress", .string(self.httpText)),
            ("numContainers", .integer(Int64(self.numContainers))),
            ("usedMemoryMB", .integer(self.used.memory)),
            ("usedVirtualCores", .integer(Int64(self.used.virtualCores))),
            ("memoryMB", .integer(self.capability.memory)),
            ("virtualCores", .integer(Int64(self.capability.virtualCores))),
            ("healthReport", .string(self.healthReport)),
            ("lastHealthUpdate", .integer(self.lastHealthReportTime)),
            ("nodeLabels", .array(self.nodeLabels.sorted().map(JSONText.string))),
        ])
    }
}

extension QueueInfoProto {
    package var json: JSONText {
        .object([
            ("queueName", .string(self.queueName)),
            ("queuePath", .optional(self.hasQueuePath ? self.queuePath : nil)),
            ("state", .string(self.stateText)),
            ("capacity", .float(self.capacity * 100)),
            ("usedCapacity", .float(self.currentCapacity * 100)),
            ("maxCapacity", .float(self.maximumCapacity * 100)),
            ("maxParallelApps", .integer(Int64(self.hasMaxParallelApps ? self.maxParallelApps : -1))),
            ("queues", .array(self.childQueues.map(\.json))),
        ])
    }
}
