package import ClusterModel
package import HadoopHTTP
package import NodeManagerCore

/// What this NodeManager's representations say beside what its views hold.
package struct NodePresentation: Sendable {
    package var node: NodeView
    /// `host:port` of this web server, for links.
    package var webAddress: String

    package init(node: NodeView, webAddress: String) {
        self.node = node
        self.webAddress = webAddress
    }

    /// The page of a container's logs.
    package func logURL(_ container: ContainerID, user: String) -> String {
        "http://\(self.webAddress)/node/containerlogs/\(container)/\(user)"
    }

    /// NodeInfo.
    package func rest() -> RESTObject {
        let version = HeddleVersion.hadoopCompatibility
        let build = "\(version) from Heddle \(HeddleVersion.current) by Heddle source checksum unknown"
        var info = RESTObject()
        info.add("healthReport", self.node.health.report)
        info.add("totalVmemAllocatedContainersMB", self.node.virtualMemoryMiB)
        info.add("totalPmemAllocatedContainersMB", self.node.capability.memoryMiB)
        info.add("totalVCoresAllocatedContainers", self.node.capability.vcores)
        info.add("vmemCheckEnabled", self.node.checksVirtualMemory)
        info.add("pmemCheckEnabled", self.node.checksPhysicalMemory)
        info.add("lastNodeUpdateTime", self.node.health.checkedAt.milliseconds)
        info.add("resourceTypes", "memory-mb (unit=Mi), vcores")
        info.add("nodeHealthy", self.node.health.isHealthy)
        info.add("nodeManagerVersion", version)
        info.add("nodeManagerBuildVersion", build)
        info.add("nodeManagerVersionBuiltOn", Self.buildDate)
        info.add("hadoopVersion", version)
        info.add("hadoopBuildVersion", build)
        info.add("hadoopVersionBuiltOn", Self.buildDate)
        info.add("id", self.node.node.id.description)
        info.add("nodeHostName", self.node.node.id.host)
        info.add("nmStartupTime", self.node.node.startedAt.milliseconds)
        return info
    }

    /// Builds are reproducible and carry no date of their own; this is that of the protocols they follow.
    private static let buildDate = "2024-10-09T00:00Z"
}

extension NodeApplicationView {
    /// AppInfo of a NodeManager.
    package func rest() -> RESTObject {
        var app = RESTObject()
        app.add("id", self.id.description)
        app.add("state", self.state.rawValue)
        app.add("user", self.user)
        app.add("containerids", self.containers.map(\.description))
        return app
    }
}

extension NodeContainerView {
    /// ContainerInfo of a NodeManager.
    /// - Parameter logFiles: names of the files in its log folders.
    package func rest(_ presentation: NodePresentation, logFiles: [String]) -> RESTObject {
        var container = RESTObject()
        container.add("id", self.id.description)
        container.add("state", self.state.rawValue)
        container.add("exitCode", self.exitStatus.code)
        container.add("diagnostics", self.diagnostics)
        container.add("user", self.user)
        container.add("totalMemoryNeededMB", self.resource.memoryMiB)
        container.add("totalVCoresNeeded", self.resource.vcores)
        container.add("executionType", self.executionType.name)
        container.add("containerLogsLink", presentation.logURL(self.id, user: self.user))
        container.add("nodeId", presentation.node.node.id.description)
        container.add("containerLogFiles", logFiles)
        return container
    }
}

extension ContainerLogs.File {
    /// ContainerLogFileInfo: the size is a string.
    package func rest() -> RESTObject {
        var file = RESTObject()
        file.add("fileName", self.name)
        file.add("fileSize", String(self.size))
        file.add("lastModifiedTime", CalendarTime(milliseconds: self.modified).logText)
        return file
    }
}

extension ContainerLogs {
    /// ContainerLogsInfo of files that are still on this node.
    package static func rest(_ files: [File], container: ContainerID, node: NodeID) -> RESTObject {
        var logs = RESTObject()
        logs.add("containerLogInfo", files.map { $0.rest() })
        logs.add("logAggregationType", "LOCAL")
        logs.add("containerId", container.description)
        logs.add("nodeId", node.description)
        return logs
    }
}
