import ClusterModel
package import HadoopHTTP
package import ResourceManagerCore

extension AttemptView {
    /// AppAttemptInfo: one of the list of an application's attempts.
    /// - Parameter application: whose attempt it is, as far as it is known.
    package func listREST(
        user: String,
        logs: LogLinks = LogLinks(),
        of application: ApplicationView? = nil
    ) -> RESTObject {
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
                logs.page(
                    $0,
                    user: user,
                    node: self.masterNode,
                    nodeHTTPAddress: self.masterNodeHTTPAddress,
                    of: application
                )
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
    /// - Parameter application: whose container it is, as far as it is known.
    package func rest(_ presentation: ClusterPresentation, of application: ApplicationView? = nil) -> RESTObject {
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
            presentation.logs.page(
                self.id,
                user: self.user,
                node: self.node,
                nodeHTTPAddress: self.nodeHTTPAddress,
                of: application
            )
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
