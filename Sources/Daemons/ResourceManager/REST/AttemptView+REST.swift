import ClusterModel
package import HadoopHTTP
package import ResourceManagerCore

extension AttemptView {
    /// AppAttemptInfo: one of the list of an application's attempts.
    package func listREST(user: String) -> RESTObject {
        var attempt = RESTObject()
        attempt.add("id", self.id.number)
        attempt.add("startTime", self.startedAt.milliseconds)
        attempt.add("finishedTime", self.finishedAt.milliseconds)
        attempt.add("containerId", self.masterContainer?.description ?? "")
        attempt.add("nodeHttpAddress", self.masterNodeHTTPAddress)
        attempt.add("nodeId", self.masterNode?.description ?? "")
        attempt.add(
            "logsLink",
            self.masterContainer.map {
                ClusterPresentation.logURL($0, user: user, nodeHTTPAddress: self.masterNodeHTTPAddress)
            } ?? ""
        )
        attempt.add("blacklistedNodes", self.blacklistedNodes.joined(separator: ", "))
        attempt.add("nodesBlacklistedBySystem", self.nodesBlacklistedBySystem.joined(separator: ", "))
        attempt.add("appAttemptId", self.id.description)
        return attempt
    }

    /// The attempt alone, another type with other members; all of them strings.
    package func rest(_ presentation: ClusterPresentation) -> RESTObject {
        var attempt = RESTObject()
        attempt.add("appAttemptId", self.id.description)
        attempt.add("host", self.host)
        attempt.add("rpcPort", String(self.rpcPort))
        attempt.add("trackingUrl", presentation.proxyURL(self.id.application))
        attempt.add("originalTrackingUrl", self.originalTrackingURL.isEmpty ? "N/A" : self.originalTrackingURL)
        attempt.add("diagnosticsInfo", self.diagnostics)
        attempt.add("appAttemptState", self.state.name)
        attempt.add("amContainerId", self.masterContainer?.description)
        attempt.add("startedTime", String(self.startedAt.milliseconds))
        attempt.add("finishedTime", String(self.finishedAt.milliseconds))
        return attempt
    }
}

extension ContainerView {
    /// ContainerInfo: every number is a string.
    package func rest(_ presentation: ClusterPresentation) -> RESTObject {
        let isOver = self.state == .complete
        let end = isOver ? self.finishedAt : presentation.now
        var container = RESTObject()
        container.add("containerId", self.id.description)
        container.add("allocatedMB", String(self.capability.memoryMiB))
        container.add("allocatedVCores", String(self.capability.vcores))
        container.add("assignedNodeId", self.node.description)
        container.add("priority", String(self.priority))
        container.add("startedTime", String(self.createdAt.milliseconds))
        container.add("finishedTime", String(self.finishedAt.milliseconds))
        container.add("elapsedTime", String(max(0, end.milliseconds(since: self.createdAt))))
        if !self.diagnostics.isEmpty { container.add("diagnosticsInfo", self.diagnostics) }
        container.add(
            "logUrl",
            ClusterPresentation.logURL(self.id, user: self.user, nodeHTTPAddress: self.nodeHTTPAddress)
        )
        container.add("containerExitStatus", isOver ? self.exitStatus.description : "0")
        container.add("containerState", self.state.name)
        container.add("nodeHttpAddress", "http://\(self.nodeHTTPAddress)")
        container.add("nodeId", self.node.description)
        container.add(
            "allocatedResources",
            ResourceMap.listedEntries(memory: self.capability.memoryMiB, vcores: self.capability.vcores)
        )
        return container
    }
}
